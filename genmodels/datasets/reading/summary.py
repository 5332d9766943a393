"""A summary of a reading in a few lines of text for a terminal."""

from genmodels.datasets.reading.base import Pixels, Reading, Table, plural, safe_name

CLASSES_SHOWN = 8


def summary(reading: Reading) -> list[str]:
    """Return the contents, how they were understood, and what was chosen or left out."""
    noun = "points" if reading.x.ndim == 2 else f"pictures of {reading.x.shape[2]}x{reading.x.shape[3]}"
    lines = [f"{len(reading.x):,} {noun}" + _labels(reading.labels)]
    if reading.table:
        lines += _table(reading.table)
    if reading.pixels:
        lines.append(_pixels(reading.pixels))
    return lines + [f"note: {note}" for note in reading.notes]


def _labels(labels: list[str] | None) -> str:
    if not labels:
        return ", without labels"
    classes = sorted(set(labels))
    more = ", ..." if len(classes) > CLASSES_SHOWN else ""
    return f", {plural(len(classes), 'label')}: {', '.join(map(safe_name, classes[:CLASSES_SHOWN]))}{more}"


def _table(table: Table) -> list[str]:
    role = {table.x: " (x)", table.y: " (y)", table.label: " (label)"}
    columns = ", ".join(safe_name(column.name) + role.get(column.name, "") for column in table.columns)
    how = f"separator: {table.separator}; decimal mark: {table.decimal}; encoding: {table.encoding}"
    rows = ["  " + "  ".join(safe_name(cell) for cell in row) for row in table.rows[:3]]
    return [f"columns: {columns}", how, *rows]


def _pixels(pixels: Pixels) -> str:
    height, width = pixels.shape
    return f"values {pixels.low:,g} to {pixels.high:,g} become black to white; the first picture has {width}x{height} pixels"
