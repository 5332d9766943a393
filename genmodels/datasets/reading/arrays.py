"""Arrays of NPY and NPZ files: parsed from their bytes, never unpickled, and found by their usual names."""

import io
import math
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.lib import format as npy
from PIL import Image

from genmodels.config import UserError
from genmodels.datasets.reading.base import (
    File,
    Options,
    Pixels,
    Reading,
    check_count,
    checked_points,
    plural,
    safe_name,
)
from genmodels.datasets.reading.pictures import MAX_PIXELS_TOGETHER, choose_side, resized, stacked, to_grey

READERS: dict[tuple[int, int], Callable[..., tuple[tuple[int, ...], bool, np.dtype]]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}
EXAMPLES = ("x", "data", "images", "x_train", "train_images", "train_x", "train_data", "features", "samples", "points", "arr_0")
LABELS = ("y", "label", "labels", "target", "targets", "y_train", "train_labels", "train_y", "classes", "arr_1")
WHITES = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)  # what people's pictures usually reach
NEAR = 1e-3  # of the range, by which rounding may go beyond it
CHANNELS = (1, 3, 4)


def read_arrays(members: Sequence[File], name: str, options: Options) -> Reading:
    """Return the examples of an NPZ, and its labels if there are as many, by the arrays' usual names."""
    arrays = {PurePosixPath(path).name.removesuffix(".npy"): data for path, data in members}
    headers = {key: _header(data, f"array {safe_name(key)} in {name}") for key, data in arrays.items()}
    x_name = _first_of(EXAMPLES, [key for key in arrays if len(headers[key][0]) > 1]) or _first_of(EXAMPLES, list(arrays))
    rest = [key for key in arrays if key.lower() not in LABELS[:-1]]
    x_name = x_name or max(rest, key=lambda key: (len(headers[key][0]), math.prod(headers[key][0])), default=None)
    if x_name is None:
        raise UserError(f"{name} has labels and no examples: name the array x")
    x = _array(arrays[x_name], f"array {safe_name(x_name)} in {name}", "biuf")
    check_count(len(x) if x.ndim else 0, "examples")
    others = [key for key in arrays if key != x_name]
    y_name = _first_of(LABELS, others)
    labels, notes = None, []
    if y_name:
        labels = _labels(_array(arrays[y_name], f"array {safe_name(y_name)} in {name}", "biufUS"), len(x), name)
    if unused := [key for key in others if key != y_name]:
        notes.append(f"{plural(len(unused), 'other array')} left out: {safe_name(unused[0])}")
    return examples_of(x, labels, name, options, notes)


def read_array(data: bytes, name: str, options: Options) -> Reading:
    """Return the examples in an NPY."""
    x = _array(data, f"the array in {name}", "biuf")
    check_count(len(x) if x.ndim else 0, "examples")
    return examples_of(x, None, name, options, [])


def examples_of(x: np.ndarray, labels: list[str] | None, name: str, options: Options, notes: list[str]) -> Reading:
    """Return an array of points, of a table's columns, of flat squares, or of pictures."""
    if x.ndim == 2 and (options.x is not None or options.y is not None or not _side_of(x.shape[1])):
        columns = _columns(x.shape[1], name, options)
        notes = notes + ([f"columns {columns[0] + 1} and {columns[1] + 1} of {x.shape[1]}"] if x.shape[1] > 2 else [])
        x, labels, notes = _labelled(x[:, columns], labels, notes)
        return Reading(checked_points(x, name), labels, tuple(notes))
    return pictures_of(x, labels, name, options, notes)


def pictures_of(x: np.ndarray, labels: list[str] | None, name: str, options: Options, notes: list[str]) -> Reading:
    """Return pictures (N, H, W), (N, H, W, C), (N, C, H, W) or flat squares, in any range, as (N, 3, S, S) bytes."""
    x, notes = _arranged(x, name, notes)
    x, labels, notes = _labelled(x, labels, notes)
    check_count(len(x), "examples")
    n, h, w, _ = x.shape
    side = choose_side(min(h, w), n, options.side)
    if n * h * w > MAX_PIXELS_TOGETHER:  # numbers of one byte may be many more than pictures of their size should be
        raise UserError(f"{name} holds {n * h * w / 1e6:,.0f} million pixels: give at most {MAX_PIXELS_TOGETHER / 1e6:.0f}")
    smallest, largest = float(x.min()), float(x.max())
    if not math.isfinite(smallest) or not math.isfinite(largest):
        raise UserError(f"{name} holds NaN or infinity: give pictures without them")
    low, high = limits = _limits(smallest, largest, x.dtype, options)
    if limits != _usual(smallest, largest, x.dtype) or limits not in ((0.0, 255.0), (0.0, 1.0)):
        notes = [*notes, f"values {low:g} to {high:g} taken as black to white"]
    squares = (to_grey(picture.astype(np.float64), limits) for picture in x)
    images = (Image.fromarray(s[..., 0] if s.shape[2] == 1 else s).convert("RGB") for s in squares)
    pixels = Pixels(smallest, largest, low, high, side, (h, w))
    return Reading(stacked(np.stack([resized(image, side) for image in images])), labels, tuple(notes), pixels=pixels)


def _first_of(names: Sequence[str], keys: Sequence[str]) -> str | None:
    """Return the key that is the first of the names, in any case."""
    lower = {key.lower(): key for key in reversed(keys)}
    return next((lower[name] for name in names if name in lower), None)


def _header(data: bytes, where: str) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Return shape, order, dtype and the offset of the data."""
    file = io.BytesIO(data)
    try:
        return *READERS[npy.read_magic(file)](file), file.tell()
    except MemoryError:
        raise
    except Exception as error:  # of a header made to hurt
        raise UserError(f"{where} cannot be read ({type(error).__name__}): save it anew by numpy.savez") from None


def _array(data: bytes, where: str, kinds: str) -> np.ndarray:
    """Return the array in the bytes of an .npy: plain numbers or text, exactly as many as its header says."""
    shape, fortran, dtype, offset = _header(data, where)
    try:
        if dtype.kind not in kinds:
            raise UserError(f"{where} holds {safe_name(str(dtype))}: give plain numbers (objects are never unpacked)")
        if math.prod(shape) * dtype.itemsize != len(data) - offset:
            raise UserError(f"{where} is cut off or too long: save it again")
        return np.frombuffer(data, dtype, offset=offset).reshape(shape, order="F" if fortran else "C")
    except (UserError, MemoryError):
        raise
    except Exception as error:
        raise UserError(f"{where} cannot be read ({type(error).__name__}): save it anew by numpy.savez") from None


def _side_of(width: int) -> int | None:
    """Return the side of a square picture of so many numbers, grey or in colour, or None."""
    for channels in (1, 3):
        side = math.isqrt(width // channels)
        if side >= 8 and channels * side**2 == width:
            return side
    return None


def _columns(width: int, name: str, options: Options) -> list[int]:
    """Return the two columns of an array that are the coordinates."""
    if width < 2:
        raise UserError(f"{name} holds {width} number a row: give points (N, 2), or pictures (N, H, W)")
    numbers = [("1" if options.x is None else options.x), ("2" if options.y is None else options.y)]
    if not all(n.isdecimal() and 1 <= int(n) <= width for n in numbers) or numbers[0] == numbers[1]:
        raise UserError(f"x = {safe_name(numbers[0])}, y = {safe_name(numbers[1])}: give two different columns from 1 to {width}")
    return [int(n) - 1 for n in numbers]


def _arranged(x: np.ndarray, name: str, notes: list[str]) -> tuple[np.ndarray, list[str]]:
    """Return the array as pictures (N, H, W, C)."""
    if x.ndim == 2 and (side := _side_of(x.shape[1])):
        colours = x.shape[1] // side**2
        notes = [*notes, f"rows of {x.shape[1]} numbers taken as {side}x{side}" + (" in three colours" if colours == 3 else "")]
        x = x.reshape(len(x), side, side) if colours == 1 else x.reshape(len(x), 3, side, side)
    if x.ndim == 3:
        x = x[..., None]
    elif x.ndim == 4 and x.shape[1] in (1, 3) and x.shape[3] not in CHANNELS:
        x = x.transpose(0, 2, 3, 1)
    if x.ndim != 4 or x.shape[3] not in CHANNELS:
        raise UserError(f"{name} holds {x.shape}: give pictures (N, H, W), (N, H, W, 3) or (N, 3, H, W), or points (N, 2)")
    return x, notes


def _limits(smallest: float, largest: float, dtype: np.dtype, options: Options) -> tuple[float, float]:
    """Return the values of black and white: those in the options, else the smallest usual range that contains all values."""
    low, high = _usual(smallest, largest, dtype)
    low = low if options.low is None else options.low
    high = high if options.high is None else options.high
    if not low < high:
        raise UserError(f"the range {low:g} to {high:g} has no width: give a black that is less than the white")
    return low, high


def _usual(smallest: float, largest: float, dtype: np.dtype) -> tuple[float, float]:
    if smallest < 0:
        symmetric = smallest >= -1 - NEAR and largest <= 1 + NEAR
        return (-1.0, 1.0) if symmetric and largest - smallest > 0.5 else (smallest, max(largest, smallest + 1))
    if dtype == np.uint8 and largest > 63:
        return 0.0, 255.0
    white = next((white for white in WHITES if largest <= white * (1 + NEAR)), largest)
    if white > 1 and (largest <= white / 2 or largest > WHITES[-1]):
        whole = float(math.ceil(largest))
        white = whole if whole - largest < 0.01 * whole else largest  # 0 to 16, 0 to 2: no usual white is near
    return 0.0, white


def _labels(y: np.ndarray, n: int, name: str) -> list[str]:
    """Return labels as text, one for each example; one-hot rows by their number, NaN as none."""
    if y.ndim == 2 and y.shape[0] == n and y.shape[1] > 1 and y.dtype.kind in "biuf" and _is_one_hot(y):
        y = y.argmax(1)
    if y.ndim == 0 or y.size != n or len(y) != n:
        raise UserError(f"{name}: labels hold {y.shape} and there are {n:,} examples: give one label each, or none")
    return [_label(value) for value in y.reshape(-1).tolist()]


def _is_one_hot(y: np.ndarray) -> bool:
    return bool(np.isin(y, (0, 1)).all() and (y.sum(1) == 1).all())


def _label(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:g}"
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def _labelled(x: np.ndarray, labels: list[str] | None, notes: list[str]) -> tuple[np.ndarray, list[str] | None, list[str]]:
    """Return the examples that have a label, where some have none."""
    if labels is None or all(labels):
        return x, labels, notes
    rows = [i for i, label in enumerate(labels) if label]
    if not rows:
        return x, None, [*notes, "labels are all missing"]
    return x[rows], [labels[i] for i in rows], [*notes, f"{plural(len(labels) - len(rows), 'example')} without a label left out"]
