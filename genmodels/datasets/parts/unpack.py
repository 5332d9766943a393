"""What a viewer's files hold, pictures or points, read with suspicion: told by content, measured before it is unpacked.

Nothing is written to disk here, no member's name becomes a path, and arrays are read from their bytes alone: nothing is unpickled.
"""

import csv
import io
import math
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.lib import format as npy
from PIL import Image, ImageOps

from genmodels.config import UserError

MAX_BYTES = 20 * 10**6  # of all files together, as they come
MAX_UNPACKED = 2**28  # of a zip's members together
MAX_EXAMPLES, MIN_EXAMPLES = 20_000, 100  # 32 are held out, and from the rest 64 principal components can be told
MAX_MEMBERS = 3 * MAX_EXAMPLES  # of a zip, with folders and what some systems add to each file
MAX_PIXELS, MAX_PIXELS_TOGETHER = 2**24, 4 * 10**8  # of a picture, and of all that are decoded
MAX_STORED = 2**26  # bytes of all pictures together, once resized
SIDES = (64, 48, 32, 28, 16, 8)
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
KINDS = "png, jpg, bmp, gif or webp"
ALLOWED = f"give a zip of pictures ({KINDS}), the pictures themselves, an NPZ, or a CSV of points"
READERS: dict[tuple[int, int], Callable[..., tuple[tuple[int, ...], bool, np.dtype]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}
File = tuple[str, bytes]  # its name, which is only ever shown, and what is in it


@dataclass(frozen=True)
class Found:
    """Pictures (N, 3, S, S) of bytes, or points (N, 2) of float32; and each example's label, or none."""

    x: np.ndarray
    labels: list[str] | None


def read(files: Sequence[File], cap: int) -> Found:
    """Return the pictures, at most `cap` pixels to a side, or the points that the files hold; a fault is one line."""
    files = [(shown(name), data) for name, data in files if not _is_hidden(name)]
    if not files:
        raise UserError(f"no file is there: {ALLOWED}")
    if (size := sum(len(data) for _, data in files)) > MAX_BYTES:
        raise UserError(f"{size / 1e6:.1f} MB are too many: give at most {MAX_BYTES / 1e6:.0f} MB, fewer or smaller pictures")
    if len(files) > 1:
        return _from_pictures(files, cap)
    ((name, data),) = files
    if not data:
        raise UserError(f"{name} is empty: {ALLOWED}")
    if not data.startswith((b"PK\x03\x04", b"PK\x05\x06")):  # a zip's first member, or its end if it has none
        return _from_pictures(files, cap) if _is_picture(data) else _from_table(name, data)
    members = _unzip(name, data)
    arrays = [member for member in members if member[1].startswith(npy.MAGIC_PREFIX)]
    return _from_arrays(arrays, name, cap) if arrays else _from_pictures(members, cap)


def shown(name: str) -> str:
    """Return a file's name as a message may show it: short, on one line, and of no meaning to what draws it."""
    return re.sub(r"[^\w./ -]", "?", name)[-40:]


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in parts)


# ---- zip ----------------------------------------------------------------------------------------------------------------


def _unzip(name: str, data: bytes) -> list[File]:
    """Return a zip's files. Every name, size and method is checked before the first byte is unpacked."""
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:  # entries, counted before there is an object for each
        raise UserError(f"{name} has more than {MAX_MEMBERS:,} members: give at most {MAX_EXAMPLES:,} pictures")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if _is_wanted(member, name)]
            if len(members) > MAX_EXAMPLES:
                raise UserError(f"{name} has {len(members):,} files: give at most {MAX_EXAMPLES:,}")
            if (size := sum(member.file_size for member in members)) > MAX_UNPACKED:
                raise UserError(f"{name} unpacks to {size / 1e6:,.0f} MB: at most {MAX_UNPACKED / 1e6:.0f} MB are allowed")
            return [(f"{shown(member.filename)} in {name}", _member(archive, member)) for member in members]
    except (UserError, MemoryError):
        raise
    except Exception as error:  # whatever a hostile archive makes zipfile and zlib raise
        raise UserError(f"{name} is no whole zip ({type(error).__name__}): pack it again") from None


def _is_wanted(member: zipfile.ZipInfo, archive: str) -> bool:
    name = member.orig_filename.replace("\\", "/")
    where = f"{archive} has a member {shown(name)}"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/") or "\0" in name:
        raise UserError(f"{where} that points out of the archive: pack the files without absolute paths and without ..")
    if member.flag_bits & 0x41:
        raise UserError(f"{where} that is encrypted: pack it without a password")
    # Python unpacks the other methods without a bound on what comes out of a piece.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(f"{where} packed by an unusual method: pack it as a plain zip (deflate)")
    return not member.is_dir() and not _is_hidden(name)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        content = file.read(member.file_size + 1)  # to the end, where the checksum is compared
    if len(content) != member.file_size:
        raise zipfile.BadZipFile("a size that is not true")
    return content


# ---- pictures -----------------------------------------------------------------------------------------------------------


def _from_pictures(files: Sequence[File], cap: int) -> Found:
    check_count(len(files), "pictures")
    sizes = [_size(name, data) for name, data in files]
    if (pixels := sum(w * h for w, h in sizes)) > MAX_PIXELS_TOGETHER:
        raise UserError(
            f"{pixels / 1e6:,.0f} million pixels in all: give at most {MAX_PIXELS_TOGETHER / 1e6:.0f}, smaller pictures"
        )
    side = choose_side(min(min(size) for size in sizes), len(files), cap)
    return Found(_stack([_decode(name, data, side) for name, data in files]), None)


def check_count(n: int, noun: str) -> None:
    """Raise one line unless there are enough examples, and not too many."""
    if not MIN_EXAMPLES <= n <= MAX_EXAMPLES:
        raise UserError(f"{n:,} {noun} are too {'few' if n < MIN_EXAMPLES else 'many'}: give {MIN_EXAMPLES} to {MAX_EXAMPLES:,}")


def choose_side(smallest: int, n: int, cap: int) -> int:
    """Return the largest side that enlarges no picture, is at most `cap`, and keeps n pictures small enough together."""
    if smallest < min(SIDES):
        raise UserError(f"a picture is only {smallest} pixels wide or high: give at least {min(SIDES)}")
    return next((side for side in SIDES if side <= min(smallest, cap) and n * 3 * side**2 <= MAX_STORED), min(SIDES))


def _is_picture(data: bytes) -> bool:
    try:
        _size("", data)
    except UserError as error:
        return "too large" in str(error)
    return True


def _size(name: str, data: bytes) -> tuple[int, int]:
    with _open(name, data) as image:
        return image.size


def _open(name: str, data: bytes) -> Image.Image:
    """Return a picture of which only the first few bytes have been looked at, or raise one line."""
    too_large = f"{name} is too large a picture: give at most {MAX_PIXELS / 1e6:.0f} million pixels each"
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UserError(too_large) from None
    except MemoryError:
        raise
    except Exception:  # Pillow's readers raise all kinds of things at bytes that were made to hurt
        raise UserError(f"{name} is no picture ({KINDS}): take it out, or save it as PNG") from None
    if image.width * image.height > MAX_PIXELS:
        raise UserError(too_large)
    return image


def _decode(name: str, data: bytes, side: int) -> np.ndarray:
    """Return the first frame of a picture, upright, its middle square resized, as (side, side, 3) bytes."""
    with _open(name, data) as image:
        try:
            image.load()
            return _resized(ImageOps.exif_transpose(image), side)
        except MemoryError:
            raise
        except Exception as error:
            raise UserError(f"{name} is damaged ({type(error).__name__}): take it out, or save it anew") from None


def _resized(image: Image.Image, side: int) -> np.ndarray:
    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    square = _in_colour(image).crop((left, top, left + short, top + short))
    return np.asarray(square if short == side else square.resize((side, side), Image.Resampling.LANCZOS))


def _in_colour(image: Image.Image) -> Image.Image:
    """Return the picture in red, green and blue; what is transparent lies on white."""
    if image.mode.startswith("I"):  # 16 bits of grey, which Pillow would clip rather than scale
        image = Image.fromarray((np.asarray(image).astype(np.int64).clip(0, 65535) // 257).astype(np.uint8))
    if image.has_transparency_data:
        sheet = Image.new("RGBA", image.size, "white")
        sheet.alpha_composite(image.convert("RGBA"))
        image = sheet
    return image.convert("RGB")


def _stack(pictures: list[np.ndarray]) -> np.ndarray:
    return np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2))  # (N, 3, S, S)


# ---- arrays -------------------------------------------------------------------------------------------------------------


def _from_arrays(members: Sequence[File], name: str, cap: int) -> Found:
    """Return what an NPZ's array `x`, or its first, holds, with the labels of `y` if that is there."""
    known = {PurePosixPath(where.removesuffix(f" in {name}")).name.removesuffix(".npy"): data for where, data in members}
    chosen = "x" if "x" in known else next((k for k in known if k != "y"), None)
    if chosen is None:
        raise UserError(f"{name} has labels y and no examples: name the array x")
    x = _array(known[chosen], f"array {chosen} in {name}", "biuf")
    check_count(len(x) if x.ndim else 0, "examples")
    labels = _labels(_array(known["y"], f"array y in {name}", "biufU"), len(x), name) if "y" in known else None
    if x.ndim == 2 and x.shape[1] == 2:
        return Found(check_points(x, name), labels)
    return Found(_pictures_of(x, name, cap), labels)


def _array(data: bytes, where: str, kinds: str) -> np.ndarray:
    """Return the array that the bytes of an .npy hold: plain numbers or text, exactly as many as announced."""
    file = io.BytesIO(data)
    try:
        shape, fortran, dtype = READERS[npy.read_magic(file)](file)
        if dtype.kind not in kinds:
            raise UserError(f"{where} holds {shown(str(dtype))}: give plain numbers (objects are never unpacked)")
        if math.prod(shape) * dtype.itemsize != len(data) - file.tell():
            raise UserError(f"{where} is cut off or too long: save it again")
        return np.frombuffer(data, dtype, offset=file.tell()).reshape(shape, order="F" if fortran else "C")
    except (UserError, MemoryError):
        raise
    except Exception as error:  # of a header made to hurt
        raise UserError(f"{where} cannot be read ({type(error).__name__}): save it anew by numpy.savez") from None


def _pictures_of(x: np.ndarray, name: str, cap: int) -> np.ndarray:
    """Return pictures (N, H, W), (N, H, W, C) or (N, C, H, W), from 0 to 1 or to 255, as (N, 3, S, S) bytes."""
    if x.ndim == 3:
        x = x[..., None]
    elif x.ndim == 4 and x.shape[1] in (1, 3) and x.shape[3] not in (1, 3, 4):
        x = x.transpose(0, 2, 3, 1)
    if x.ndim != 4 or x.shape[3] not in (1, 3, 4):
        raise UserError(f"{name} holds {x.shape}: give pictures (N, H, W), (N, H, W, 3) or (N, 3, H, W), or points (N, 2)")
    n, h, w, _ = x.shape
    side = choose_side(min(h, w), n, cap)
    if n * h * w > MAX_PIXELS_TOGETHER:  # numbers of one byte may be many more than pictures of their size should be
        raise UserError(f"{name} holds {n * h * w / 1e6:,.0f} million pixels: give at most {MAX_PIXELS_TOGETHER / 1e6:.0f}")
    low, high = float(x.min()), float(x.max())
    if not 0 <= low <= high <= 255:  # NaN is none of that
        raise UserError(f"{name} holds values from {low:g} to {high:g}: give 0 to 1, or 0 to 255, without NaN and infinity")
    scale = 255 if high <= 1 else 1
    as_bytes = (np.rint(picture * np.float64(scale)).astype(np.uint8) for picture in x)
    return _stack([_resized(Image.fromarray(p[..., 0] if p.shape[2] == 1 else p), side) for p in as_bytes])


def _labels(y: np.ndarray, n: int, name: str) -> list[str]:
    if y.size != n or len(y) != n:
        raise UserError(f"{name}: y holds {y.shape} and there are {n:,} examples: give one label each, or none")
    return [f"{v:g}" if isinstance(v, float) else str(v) for v in y.reshape(-1).tolist()]


# ---- points -------------------------------------------------------------------------------------------------------------


def check_points(x: np.ndarray, name: str) -> np.ndarray:
    """Return points (N, 2) as float32, or raise one line."""
    if not np.isfinite(x).all() or np.abs(x.astype(np.float64)).max() > 1e6:
        raise UserError(f"{name} holds points that are NaN, infinite or further than a million from 0: leave them out, or rescale")
    return x.astype(np.float32) + np.float32(0)  # there is one zero


def _from_table(name: str, data: bytes) -> Found:
    """Return the points of two columns of text, and the labels of a third; a first line that is no numbers is a header."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{name} is neither a picture ({KINDS}), a zip, an NPZ nor text: {ALLOWED}") from None
    points: list[tuple[float, float]] = []
    labels: list[str] = []
    width = 0
    for number, line in enumerate(io.StringIO(text), 1):
        where = f"{name}, line {number}"
        if number > MAX_EXAMPLES + 1:
            raise UserError(f"{name} has more than {MAX_EXAMPLES:,} lines: give at most so many points")
        if len(line) > 1000:
            raise UserError(f"{where} is too long for two numbers and a label: {ALLOWED}")
        if not line.strip():
            continue
        cells = _cells(line, where)
        numbers = [_number(cell) for cell in cells[:2]]
        if not width and None in numbers:  # the header, if one can follow it
            width = len(cells)
            continue
        width = width or len(cells)
        if not 2 <= len(cells) <= 3 or len(cells) != width:
            raise UserError(f"{where} has {len(cells)} columns: give two columns of numbers, and a third of labels if you like")
        if numbers[0] is None or numbers[1] is None:
            bad = cells[0] if numbers[0] is None else cells[1]
            raise UserError(f"{where}: {shown(bad)} is no number; the first two columns are the points")
        points.append((numbers[0], numbers[1]))
        labels += [cell.strip() for cell in cells[2:]]
    if not points:
        raise UserError(f"{name} is no picture, and no line of it holds two numbers: {ALLOWED}")
    check_count(len(points), "points")
    return Found(check_points(np.array(points), name), labels or None)


def _cells(line: str, where: str) -> list[str]:
    delimiter = next((mark for mark in "\t;," if mark in line), " ")
    try:
        return next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except csv.Error as error:
        raise UserError(f"{where} cannot be read as columns ({error}): separate them by commas") from None


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None
