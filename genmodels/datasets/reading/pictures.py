"""Pictures from files: sizes checked before decoding; turned upright, cropped to squares, of any mode, in one value range."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import Image, ImageOps

from genmodels.config import UserError
from genmodels.datasets.reading.base import (
    ALLOWED,
    MAX_STORED,
    PICTURES,
    SIDES,
    BadPictures,
    File,
    Options,
    Pixels,
    Reading,
    check_count,
    plural,
    safe_name,
)
from genmodels.datasets.reading.formats import refuse_binary
from genmodels.datasets.reading.labels import TABLES, labels_of

MAX_PIXELS, MAX_PIXELS_TOGETHER = 2**24, 4 * 10**8  # of a picture, and of all that are decoded
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
SUFFIXES = {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp"}
EIGHT_BITS = (0.0, 255.0)
MAX_ODD = 20  # pictures in which a set may differ from the rest: at most one in so many


@dataclass(frozen=True)
class Picture:
    """A picture before decoding."""

    name: str  # its path, as the archive has it
    data: bytes
    width: int
    height: int


def is_picture(data: bytes) -> bool:
    """Return whether these bytes begin as a picture does."""
    try:
        _size("", data)
    except UserError as error:
        return "too large" in str(error)
    return True


def read_pictures(files: Sequence[File], where: str, options: Options) -> Reading:
    """Return the pictures among the files, as squares of one side, with labels from a table or from their folders."""
    pictures, others, faults = _sorted(files)
    check_count(len(pictures) + len(faults), "pictures")
    if faults and (not options.leave_out or MAX_ODD * len(faults) > len(pictures)):
        raise (BadPictures if MAX_ODD * len(faults) <= len(pictures) else UserError)(faults[0])
    notes = [f"left out: {fault.partition(':')[0]}" for fault in faults]
    odd = _small(pictures)
    if odd and not options.leave_out:
        raise BadPictures(_too_small(odd, pictures, options))
    notes += [f"left out: {safe_name(p.name)} ({p.width}x{p.height})" for p in odd]
    pictures = [p for p in pictures if p not in odd]
    check_count(len(pictures), "pictures")
    if (pixels := sum(p.width * p.height for p in pictures)) > MAX_PIXELS_TOGETHER:
        raise UserError(
            f"{pixels / 1e6:,.0f} million pixels in all: give at most {MAX_PIXELS_TOGETHER / 1e6:.0f}, smaller pictures"
        )
    side = choose_side(min(min(p.width, p.height) for p in pictures), len(pictures), options.side, pictures)
    deep = _depth(pictures)
    limits = _limits(deep, options)
    shallow = EIGHT_BITS if deep else limits  # of 8 bits, beside which there may be some of 16
    whole, squares = _decoded(pictures, side, limits, shallow, options.leave_out)
    notes += [f"left out: {safe_name(picture.name)}" for picture in pictures if picture not in whole]
    labels, more = labels_of([PurePosixPath(p.name.replace("\\", "/")) for p in whole], others)
    if limits != EIGHT_BITS:
        notes.append(f"values {limits[0]:,g} to {limits[1]:,g} taken as black to white")
    pixels_of = Pixels(*(deep or EIGHT_BITS), *limits, side, (pictures[0].height, pictures[0].width))
    return Reading(stacked(np.stack(squares)), labels, (*notes, *more), pixels=pixels_of)


def _too_small(odd: Sequence[Picture], pictures: Sequence[Picture], options: Options) -> str:
    """Return the line that names the few pictures that are far smaller than the others."""
    names = ", ".join(f"{safe_name(p.name)} ({p.width}x{p.height})" for p in odd[:3])
    side = min(min(p.width, p.height) for p in odd)
    harm = f"would make all {len(pictures):,} pictures as small" if side >= min(SIDES) else "cannot be used"
    return f"{names} {harm}, for others are larger: leave {plural(len(odd), 'picture')} out, or give larger ones"


def stacked(squares: np.ndarray) -> np.ndarray:
    """Return squares (N, S, S, 3) as pictures (N, 3, S, S)."""
    return np.ascontiguousarray(squares.transpose(0, 3, 1, 2))


def choose_side(smallest: int, n: int, most: int, pictures: Sequence[Picture] = ()) -> int:
    """Return the largest side that enlarges no picture, is at most `most`, and keeps n pictures small enough together."""
    if smallest < min(SIDES):
        least = next((p for p in pictures if min(p.width, p.height) == smallest), None)
        subject = f"{safe_name(least.name)} is" if least else "a picture is"
        raise UserError(f"{subject} only {smallest} pixels wide or high: give at least {min(SIDES)}")
    return next((side for side in SIDES if side <= min(smallest, most) and n * 3 * side**2 <= MAX_STORED), min(SIDES))


def resized(image: Image.Image, side: int) -> np.ndarray:
    """Return the middle square of a picture, (side, side, 3) bytes."""
    short = min(image.size)
    left, top = (image.width - short) // 2, (image.height - short) // 2
    square = image.crop((left, top, left + short, top + short))
    return np.asarray(square if short == side else square.resize((side, side), Image.Resampling.LANCZOS))


def _sorted(files: Sequence[File]) -> tuple[list[Picture], list[File], list[str]]:
    """Return the pictures, the other files, and a line for each file that is named as a picture and is none."""
    pictures, others, faults = [], [], []
    for name, data in files:
        try:
            pictures.append(Picture(name, data, *_size(name, data)))
        except UserError as error:
            suffix = PurePosixPath(name.replace("\\", "/")).suffix.lower()
            if (
                "too large" in str(error)
                or suffix in SUFFIXES
                or suffix not in TABLES | {".npy", ".md", ".json", ".xml", ".html", ""}
            ):
                faults.append(_why(name, data, str(error)))
            else:
                others.append((name, data))
    if not pictures and others:
        raise UserError(_why(*others[0], f"{safe_name(others[0][0])} is no picture ({PICTURES}): {ALLOWED}"))
    return pictures, others, faults


def _why(name: str, data: bytes, error: str) -> str:
    try:
        refuse_binary(safe_name(name), data)
    except UserError as refusal:
        return str(refusal)
    return error


def _small(pictures: Sequence[Picture]) -> list[Picture]:
    """Return the few pictures that are less than half as wide or high as most, and so would decide the side of all."""
    sides = np.array([min(p.width, p.height) for p in pictures])
    usual = float(np.median(np.minimum(sides, max(SIDES))))
    small = [p for p, side in zip(pictures, sides, strict=True) if side < usual / 2]
    return small if MAX_ODD * len(small) <= len(pictures) else []


def _size(name: str, data: bytes) -> tuple[int, int]:
    with _open(name, data) as image:
        return image.size


def _open(name: str, data: bytes) -> Image.Image:
    """Return a picture of which only the header has been read, or raise one line."""
    too_large = f"{safe_name(name)} is too large a picture: give at most {MAX_PIXELS / 1e6:.0f} million pixels each"
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise UserError(too_large) from None
    except MemoryError:
        raise
    except Exception:  # Pillow's readers raise all kinds of things at bytes that were made to hurt
        raise UserError(f"{safe_name(name)} is no picture ({PICTURES}): take it out, or save it as PNG") from None
    if image.width * image.height > MAX_PIXELS:
        raise UserError(too_large)
    return image


def _depth(pictures: Sequence[Picture]) -> tuple[float, float] | None:
    """Return least and largest value of pictures of 16 bits, the latter as all bits that are used; None for 8 bits."""
    low, high = np.inf, 0.0
    for picture in pictures:
        with _open(picture.name, picture.data) as image:
            if not image.mode.startswith("I"):
                continue
            values = np.asarray(_loaded(picture.name, image))
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return (low, float(2 ** max(8, int(high).bit_length()) - 1)) if np.isfinite(low) else None


def _limits(deep: tuple[float, float] | None, options: Options) -> tuple[float, float]:
    """Return the values that become black and white."""
    low = 0.0 if options.low is None else options.low
    high = options.high if options.high is not None else deep[1] if deep else EIGHT_BITS[1]
    if not low < high:
        raise UserError(f"the range {low:g} to {high:g} has no width: give a black that is less than the white")
    return low, high


def _loaded(name: str, image: Image.Image) -> Image.Image:
    try:
        image.load()
    except MemoryError:
        raise
    except Exception as error:
        raise BadPictures(f"{safe_name(name)} is damaged ({type(error).__name__}): take it out, or save it anew") from None
    return image


def _decoded(
    pictures: Sequence[Picture], side: int, deep: tuple[float, float], shallow: tuple[float, float], leave_out: bool
) -> tuple[list[Picture], list[np.ndarray]]:
    """Return the pictures that can be decoded, and their squares; damaged ones are left out if that is allowed, and are few."""
    whole, squares, faults = [], [], 0
    for picture in pictures:
        try:
            squares.append(_decode(picture, side, deep, shallow))
            whole.append(picture)
        except BadPictures:
            faults += 1
            if not leave_out or MAX_ODD * faults > len(pictures):
                raise
    check_count(len(whole), "whole pictures")
    return whole, squares


def _decode(picture: Picture, side: int, deep: tuple[float, float], shallow: tuple[float, float]) -> np.ndarray:
    """Return the first frame of a picture, upright, its middle square resized, as (side, side, 3) bytes."""
    with _open(picture.name, picture.data) as image:
        _loaded(picture.name, image)
        try:
            return resized(_in_colour(_upright(image), deep if image.mode.startswith("I") else shallow), side)
        except (MemoryError, UserError):
            raise
        except Exception as error:
            raise BadPictures(
                f"{safe_name(picture.name)} is damaged ({type(error).__name__}): take it out, or save it anew"
            ) from None


def _upright(image: Image.Image) -> Image.Image:
    """Return the picture turned as its camera noted; a note that cannot be read turns nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except MemoryError:
        raise
    except Exception:
        return image


def _in_colour(image: Image.Image, limits: tuple[float, float]) -> Image.Image:
    """Return the picture in red, green and blue; what is transparent lies on white, and 16 bits between their limits."""
    if image.mode.startswith("I"):  # which Pillow would clip rather than scale
        image = Image.fromarray(to_grey(np.asarray(image).astype(np.float64), limits))
        limits = EIGHT_BITS
    if image.has_transparency_data:
        sheet = Image.new("RGBA", image.size, "white")
        sheet.alpha_composite(image.convert("RGBA"))
        image = sheet
    image = image.convert("RGB")
    return image if limits == EIGHT_BITS else Image.fromarray(to_grey(np.asarray(image).astype(np.float64), limits))


def to_grey(values: np.ndarray, limits: tuple[float, float]) -> np.ndarray:
    """Return values as bytes, 0 and 255 at the limits."""
    low, high = limits
    return np.rint(((values - low) / (high - low)).clip(0, 1) * 255).astype(np.uint8)
