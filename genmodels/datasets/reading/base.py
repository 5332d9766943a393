"""Shared by the readers of a viewer's files: limits, options, and the result.

Nothing is written to disk, no member's name becomes a path, and nothing is unpickled. What a reader chooses, scales or leaves
out without being told becomes a note, which the dataset's description repeats.
"""

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from genmodels.config import UserError

MAX_BYTES = 20 * 10**6  # of all files together, as they come
MAX_UNPACKED = 2**28  # of a zip's members together
MAX_EXAMPLES, MIN_EXAMPLES = 20_000, 100  # 32 are held out, and the rest must determine 64 principal components
MAX_MEMBERS = 3 * MAX_EXAMPLES  # of a zip, with folders and what some systems add to each file
SIDES = (64, 48, 32, 28, 16, 8)
SIDE = 32  # pixels, unless another side is asked for: training stays bearable
MAX_STORED = 2**26  # bytes of all pictures together, once resized
PICTURES = "png, jpg, bmp, gif or webp"
ALLOWED = f"give a zip of pictures ({PICTURES}), the pictures themselves, an NPZ or NPY, or a table of points (CSV, text, XLSX)"
File = tuple[str, bytes]  # a name, which is only ever shown, and the content


@dataclass(frozen=True)
class Options:
    """Choices of the files' owner; None: chosen by the reader."""

    x: str | None = None  # column of the first coordinate, by name or number from 1
    y: str | None = None  # column of the second coordinate
    label: str | None = None  # column of the labels; "" for none
    decimal: str | None = None  # decimal mark of a table: "." or ","
    low: float | None = None  # value that becomes black
    high: float | None = None  # value that becomes white
    side: int = SIDE  # the most pixels to a side
    leave_out: bool = False  # whether single pictures that cannot be read, or are far too small, are left out


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    numeric: bool
    missing: int  # cells
    distinct: int  # values


@dataclass(frozen=True)
class Table:
    """How a table was understood."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]  # the first rows, as text
    n_rows: int
    encoding: str
    separator: str
    decimal: str
    x: str  # names of the columns that were chosen
    y: str
    label: str  # "" for none


@dataclass(frozen=True)
class Pixels:
    """How pictures were understood."""

    smallest: float  # value in the files
    largest: float
    low: float  # taken as black
    high: float  # taken as white
    side: int
    shape: tuple[int, int]  # of the first picture in the files, height and width
    left_out: tuple[str, ...] = ()  # names, with the reason


@dataclass(frozen=True)
class Reading:
    """The contents of files: pictures (N, 3, S, S) of bytes, or points (N, 2) of float64, and how they were understood."""

    x: np.ndarray
    labels: list[str] | None
    notes: tuple[str, ...] = field(default=())
    table: Table | None = None
    pixels: Pixels | None = None


class BadPictures(UserError):
    """Some pictures among many cannot be used: `leave_out` reads the others."""


class AmbiguousTable(UserError):
    """A table that can be read in two ways: an option says in which."""


def safe_name(name: str) -> str:
    """Return a file's or column's name as a message may show it: short, on one line, without markup."""
    return re.sub(r"[^\w./ -]", "?", name)[-40:]


def is_hidden(name: str) -> bool:
    """Return whether a path has a part that file systems and packers hide."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in parts)


def check_count(n: int, noun: str) -> None:
    """Raise unless there are enough examples, and not too many."""
    if not MIN_EXAMPLES <= n <= MAX_EXAMPLES:
        raise UserError(f"{n:,} {noun} are too {'few' if n < MIN_EXAMPLES else 'many'}: give {MIN_EXAMPLES} to {MAX_EXAMPLES:,}")


def checked_points(x: np.ndarray, where: str) -> np.ndarray:
    """Return points (N, 2) in float64 with one zero, or raise where they are not finite or do not vary."""
    points = np.asarray(x, np.float64) + 0.0
    if not np.isfinite(points).all():
        bad = int((~np.isfinite(points)).any(1).sum())
        raise UserError(f"{where}: {bad:,} points are NaN or infinite: leave them out")
    width = np.ptp(points, 0) if len(points) else np.ones(2)
    if np.abs(points).max(initial=0) > 1e150 or ((width > 0) & (width < 1e-150)).any():
        raise UserError(f"{where} has values whose squares no number holds: give them in other units")
    return points


def plural(n: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")
