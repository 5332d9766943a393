"""Read pictures or points from a viewer's files, untrusted and detected by content; `base.py` defines the result."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from genmodels.config import UserError
from genmodels.datasets.reading.archives import GZIP, ZIP, gunzip, unzip
from genmodels.datasets.reading.arrays import read_array, read_arrays
from genmodels.datasets.reading.base import (
    ALLOWED,
    MAX_BYTES,
    MAX_EXAMPLES,
    MIN_EXAMPLES,
    PICTURES,
    SIDE,
    SIDES,
    AmbiguousTable,
    BadPictures,
    File,
    Options,
    Pixels,
    Reading,
    Table,
    check_count,
    is_hidden,
    plural,
    safe_name,
)
from genmodels.datasets.reading.formats import is_array, refuse_binary
from genmodels.datasets.reading.pictures import is_picture, read_pictures
from genmodels.datasets.reading.summary import summary

__all__ = [
    "ALLOWED",
    "MAX_BYTES",
    "MAX_EXAMPLES",
    "MIN_EXAMPLES",
    "PICTURES",
    "SIDE",
    "SIDES",
    "AmbiguousTable",
    "BadPictures",
    "File",
    "Options",
    "Pixels",
    "Reading",
    "Table",
    "check_count",
    "read",
    "is_hidden",
    "safe_name",
    "summary",
]
DOCUMENTS = {
    "word/document.xml": "a Word document",
    "content.xml": "an OpenDocument file",
    "ppt/presentation.xml": "a presentation",
}
TABLES = {".csv", ".tsv", ".txt", ".dat", ".tab"}


def read(files: Sequence[File], options: Options) -> Reading:
    """Return the pictures or points in the files and how they were understood, or raise one line."""
    files = [(name, data) for name, data in files if not is_hidden(name)]
    if not files:
        raise UserError(f"no file is there: {ALLOWED}")
    if (size := sum(len(data) for _, data in files)) > MAX_BYTES:
        raise UserError(f"{size / 1e6:.1f} MB are too many: give at most {MAX_BYTES / 1e6:.0f} MB, fewer or smaller pictures")
    if len(files) > 1:
        return _read_several(files, "these files", options)
    return _read_one(*files[0], options)


def _read_one(name: str, data: bytes, options: Options) -> Reading:
    name = safe_name(name)
    if not data:
        raise UserError(f"{name} is empty: {ALLOWED}")
    if data.startswith(GZIP):
        return _read_one(name.removesuffix(".gz"), gunzip(name, data), options)
    if data.startswith(ZIP):
        return _read_zip(name, data, options)
    if is_array(data):
        return read_array(data, name, options)
    if is_picture(data):
        return read_pictures([(name, data)], name, options)
    refuse_binary(name, data)
    return _table(name, data, options)


def _read_zip(name: str, data: bytes, options: Options) -> Reading:
    """Return the contents of a zip: a workbook, the arrays of an NPZ, a table, or pictures."""
    members = unzip(name, data)
    paths = {path for path, _ in members}
    if "xl/workbook.xml" in paths:
        return _table(name, data, options, workbook=True)
    for path, what in DOCUMENTS.items():
        if path in paths:
            raise UserError(f"{name} is {what}, which is not read here: save its table as CSV")
    return _read_several(members, name, options)


def _read_several(files: Sequence[File], name: str, options: Options) -> Reading:
    """Return the contents of several files together."""
    arrays = [file for file in files if is_array(file[1])]
    if len(arrays) == len(files) and arrays:
        return read_arrays(arrays, name, options)
    tables = [file for file in files if PurePosixPath(file[0].replace("\\", "/")).suffix.lower() in TABLES]
    pictures = [file for file in files if file not in arrays and file not in tables]
    if not pictures and len(tables) == 1:
        reading = _table(safe_name(tables[0][0]), tables[0][1], options)
        return reading if not arrays else _noted(reading, f"{plural(len(arrays), 'array')} left out")
    if not pictures and len(tables) > 1:
        raise UserError(f"{name} has {len(tables)} tables: give one alone")
    if not pictures and arrays:
        return read_arrays(arrays, name, options)
    return read_pictures(files, name, options)


def _noted(reading: Reading, note: str) -> Reading:
    return Reading(reading.x, reading.labels, (*reading.notes, note), reading.table, reading.pixels)


def _table(name: str, data: bytes, options: Options, workbook: bool = False) -> Reading:
    """Read a table; pandas is imported only now, for workers that train never read one."""
    from genmodels.datasets.reading import tables

    return (tables.read_workbook if workbook else tables.read_table)(name, data, options)
