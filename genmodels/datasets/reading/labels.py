"""Labels of pictures: from a table beside them that names them, else from the folders they lie in."""

import csv
from collections.abc import Sequence
from pathlib import PurePosixPath

from genmodels.config import UserError
from genmodels.datasets.reading.base import File, plural, safe_name
from genmodels.datasets.reading.formats import decoded

TABLES = {".csv", ".tsv", ".txt"}
MAX_TABLE = 2**22  # bytes


def labels_of(paths: Sequence[PurePosixPath], others: Sequence[File]) -> tuple[list[str] | None, list[str]]:
    """Return labels from a table that names the pictures, else from their folders, and what to say of it."""
    for name, data in others:
        if labels := _from_table(name, data, paths):
            return labels, [f"labels from {safe_name(name)}", *_unused([other for other in others if other[0] != name])]
    folders = [path.parent.name for path in paths]
    n = len(set(folders))
    if 1 < n <= len(paths) // 2:
        return [folder or "none" for folder in folders], [f"labels from {plural(n, 'folder')}", *_unused(others)]
    return None, _unused(others)


def _unused(others: Sequence[File]) -> list[str]:
    return [f"{plural(len(others), 'other file')} left out: {safe_name(others[0][0])}"] if others else []


def _from_table(name: str, data: bytes, paths: Sequence[PurePosixPath]) -> list[str] | None:
    """Return the label that a table gives each picture by its file's name, if it names them all."""
    if PurePosixPath(name).suffix.lower() not in TABLES or len(data) > MAX_TABLE:
        return None
    try:
        text, _ = decoded(safe_name(name), data)
    except UserError:
        return None
    separator = max("\t;,", key=text[:4000].count)
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=separator) if len(row) >= 2]
    except csv.Error:
        return None
    for column in range(min(map(len, rows), default=0)):
        by_file = {PurePosixPath(row[column].replace("\\", "/")).name.lower(): row for row in rows}
        for keys in ([path.name.lower() for path in paths], [path.stem.lower() for path in paths]):
            if all(key in by_file for key in keys):
                other = 1 if column == 0 else 0
                return [by_file[key][other] for key in keys]
    return None
