"""Tables of points: the layout is inferred from the lines, pandas parses the cells, columns are chosen by name or by content."""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from genmodels.config import UserError
from genmodels.datasets.reading.base import (
    MAX_EXAMPLES,
    Column,
    Options,
    Reading,
    Table,
    check_count,
    checked_points,
    plural,
    safe_name,
)
from genmodels.datasets.reading.formats import decoded, refuse_text
from genmodels.datasets.reading.layout import MISSING, SEPARATORS, Layout, is_missing, lay_out

LABELS = {"label", "labels", "class", "classes", "target", "species", "category", "group", "cluster", "kind", "type", "where"}
INDEX = {"", "index", "id", "row", "rownames", "unnamed: 0", "no", "nr"}
ROWS_SHOWN = 8
FEW = 20  # distinct whole numbers in a last column that are taken for labels
MAX_TEXT = 60 * 10**6  # bytes
MAX_SHEET = 60 * 10**6  # bytes of a workbook, unpacked


def read_table(name: str, data: bytes, options: Options) -> Reading:
    """Return the points of two columns of a text, and the labels of another, if there is one."""
    if len(data) > MAX_TEXT:
        raise UserError(f"{name} unpacks to {len(data) / 1e6:.0f} MB: give a table of at most {MAX_TEXT / 1e6:.0f} MB")
    text, encoding = decoded(name, data)
    refuse_text(name, text)
    layout = lay_out(name, text, options.decimal)
    frame = _frame(name, layout)
    numbers = {i: _numbers(frame[i], layout.decimal) for i in frame}
    return _reading(name, layout, frame, numbers, encoding, options)


def read_workbook(name: str, data: bytes, options: Options) -> Reading:
    """Return the points of a workbook's one sheet that has cells."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_SHEET:
                raise UserError(f"{name} unpacks to more than {MAX_SHEET / 1e6:.0f} MB: save the sheet as CSV")
        sheets = pd.read_excel(
            io.BytesIO(data),
            sheet_name=None,
            header=None,
            dtype=str,
            keep_default_na=False,
            nrows=MAX_EXAMPLES + 200,
            engine="openpyxl",
        )
    except (UserError, MemoryError):
        raise
    except Exception as error:  # whatever a hostile workbook makes its reader raise
        raise UserError(f"{name} is a workbook that cannot be read ({type(error).__name__}): save its sheet as CSV") from None
    filled = {title: sheet for title, sheet in sheets.items() if sheet.size}
    if len(filled) != 1:
        raise UserError(f"{name} has {plural(len(filled), 'sheet')} with cells: give a workbook of one, or save one as CSV")
    ((_, sheet),) = filled.items()
    lines = ["\t".join(" ".join(str(cell).split()) for cell in row) for row in sheet.itertuples(index=False)]
    reading = read_table(name, "\n".join(lines).encode(), options)
    assert reading.table
    return replace(reading, table=replace(reading.table, encoding="XLSX"))


def _frame(name: str, layout: Layout) -> pd.DataFrame:
    """Return the rows' cells as text, a column for each column of the layout."""
    if len(layout.rows) > MAX_EXAMPLES:
        raise UserError(f"{name} has more than {MAX_EXAMPLES:,} rows: give at most so many")
    return pd.DataFrame(layout.rows, columns=range(layout.width), dtype=str)


def _numbers(cells: pd.Series, decimal: str) -> pd.Series:
    """Return a column's values in float64, NaN where a cell is no number."""
    values = pd.to_numeric(cells if decimal == "." else pd.Series("", cells.index), errors="coerce").astype(np.float64)
    odd = values.isna() & ~cells.str.lower().isin(MISSING)
    if odd.any():
        values[odd] = pd.to_numeric(_plain(cells[odd], decimal), errors="coerce").astype(np.float64)
    return values


def _plain(cells: pd.Series, decimal: str) -> pd.Series:
    """Return numbers as a program writes them: without thousands set apart, with a point and an E."""
    text = cells.str.replace(r"(?<=\d)_(?=\d)", "", regex=True)
    thousands, mark = (",", r"\.") if decimal == "." else (r"\.", ",")
    grouped = text.str.fullmatch(rf"[-+]?\d{{1,3}}(?:{thousands}\d{{3}})+(?:{mark}\d*)?")
    text = text.where(~grouped, text.str.replace(thousands, "", regex=True))
    if decimal == ",":
        text = text.str.replace(",", ".", regex=False)
    return text.str.replace(r"^([-+]?[\d.]+)[dD]([-+]?\d+)$", r"\1e\2", regex=True)


def _reading(
    name: str, layout: Layout, frame: pd.DataFrame, numbers: dict[int, pd.Series], encoding: str, options: Options
) -> Reading:
    """Return the points and labels in the requested columns, else in the likeliest ones."""
    missing = {i: frame[i].str.lower().isin(MISSING) for i in frame}
    numeric = {i: bool(numbers[i].notna().sum() > 0.9 * (~missing[i]).sum() > 0) for i in frame}
    names = [_name(layout, i) for i in frame]
    index = _index(layout, numbers, numeric)
    label = _label(names, layout, frame, numeric, index, options)
    candidates = [i for i in frame if numeric[i] and i not in {index, label}]
    if options.x is None and options.y is None and len(candidates) >= 64 and int(len(candidates) ** 0.5) ** 2 == len(candidates):
        return _pictures(name, layout, frame, numbers, candidates, label, missing, options)
    x, y = _coordinates(name, names, numeric, candidates, options)
    rows = ~(missing[x] | missing[y])
    unlabelled = rows & missing[label] if label is not None else rows & False
    for i in (x, y):
        _check_numbers(name, layout, frame[i], numbers[i], rows)
    valid = rows & ~unlabelled
    notes = [
        *layout.notes,
        *_note_columns(names, x, y, label, index, layout),
        *_note_rows(int((~rows).sum()), int(unlabelled.sum())),
    ]
    if layout.decimal == ",":
        notes.append("decimal comma")
    points = np.stack([numbers[x][valid], numbers[y][valid]], 1)
    check_count(len(points), "points")
    table = Table(
        tuple(Column(names[i], numeric[i], int(missing[i].sum()), int(frame[i].nunique())) for i in frame),
        tuple(tuple(row) for row in frame.head(ROWS_SHOWN).itertuples(index=False)),
        len(frame),
        encoding,
        SEPARATORS.get(layout.separator, layout.separator),
        layout.decimal,
        names[x],
        names[y],
        "" if label is None else names[label],
    )
    labels = None if label is None else frame[label][valid].tolist()
    return Reading(checked_points(points, name), labels, tuple(notes), table)


def _name(layout: Layout, i: int) -> str:
    """Return a column's name: its header, with its number if it is a duplicate, else its number."""
    header = layout.names[i][:60]
    if layout.row_names and i == 0:
        return "row names"
    return (header if header and header not in layout.names[:i] else f"{header} {i + 1}".strip()) if header else f"column {i + 1}"


def _index(layout: Layout, numbers: dict[int, pd.Series], numeric: dict[int, bool]) -> int | None:
    """Return the index column, or None: the first, counting from 0 or 1, beside two columns of numbers."""
    if layout.row_names:
        return 0
    if not numeric[0] or sum(numeric.values()) < 3 or (any(layout.names) and layout.names[0].lower() not in INDEX):
        return None
    steps = numbers[0].diff().iloc[1:]
    return 0 if bool((steps == 1).all()) and numbers[0].iloc[0] in (0, 1) else None


def _label(
    names: list[str], layout: Layout, frame: pd.DataFrame, numeric: dict[int, bool], index: int | None, options: Options
) -> int | None:
    """Return the column of labels: the requested one, one of a usual name, the one of words, or a third of few whole numbers."""
    if options.label is not None:
        return _find(names, options.label, "label") if options.label else None
    columns = [i for i in frame if i != index]
    coordinates = {names.index(name) for name in (options.x, options.y) if name in names}
    free = [i for i in columns if i not in coordinates]
    if len(columns) < 3:
        return None
    by_name = [i for i in free if layout.names[i].lower() in LABELS]
    words = [i for i in free if not numeric[i] and frame[i].nunique() > 0 and not frame[i].map(is_missing).all()]
    if by_name or len(words) == 1:
        return (by_name or words)[0]
    last = columns[-1]
    whole = frame[last].str.fullmatch(r"-?\d+").all() and frame[last].nunique() <= FEW
    return last if last in free and len(columns) == 3 and whole else None


def _coordinates(name: str, names: list[str], numeric: dict[int, bool], candidates: list[int], options: Options) -> tuple[int, int]:
    """Return the columns of the coordinates: the requested ones, else the first two of numbers."""
    requested = [None if column is None else _find(names, column, axis) for column, axis in ((options.x, "x"), (options.y, "y"))]
    for i in requested:
        if i is not None and not numeric[i]:
            raise UserError(f"{name}: column {safe_name(names[i])} holds no numbers: give two columns of numbers")
    free = iter([i for i in candidates if i not in requested])
    x, y = (next(free, None) if i is None else i for i in requested)
    if x is None or y is None or x == y:
        n = len(candidates)
        raise UserError(f"{name} has {plural(n, 'column')} of numbers: give two, and a third for labels if there are any")
    return x, y


def _find(names: list[str], column: str, axis: str) -> int:
    """Return the column of a name, or of a number from 1."""
    if column in names:
        return names.index(column)
    if column.isdecimal() and 1 <= int(column) <= len(names):
        return int(column) - 1
    raise UserError(
        f"{axis} = {safe_name(column)!r} is no column: give one of {', '.join(map(safe_name, names[:12]))}, or its number"
    )


def _check_numbers(name: str, layout: Layout, cells: pd.Series, numbers: pd.Series, rows: pd.Series) -> None:
    """Raise at the first cell of a column of numbers that is neither a number nor missing, or is infinite."""
    bad = rows & ~np.isfinite(numbers)
    if bad.any():
        i = int(np.flatnonzero(bad)[0])
        what = "infinite" if np.isinf(numbers[i]) else "no number"
        raise UserError(f"{name}, line {layout.numbers[i]}: {safe_name(cells[i])} is {what}; mend it, or leave the line out")


def _note_columns(names: list[str], x: int, y: int, label: int | None, index: int | None, layout: Layout) -> list[str]:
    """Say which columns were chosen, where there is a choice."""
    rest = [i for i in range(len(names)) if i not in (x, y, label)]
    if not rest:
        return []
    role = f"columns {names[x]} and {names[y]} of {len(names)}" + (f", labels from {names[label]}" if label is not None else "")
    return [safe_words(role), *(["row numbers left out"] if index in rest else [])]


def safe_words(text: str) -> str:
    """Return words that quote a file, without what draws them may take for markup."""
    return re.sub(r"[^\w.,:;()/ +-]", "?", text)[:160]


def _note_rows(missing: int, unlabelled: int) -> list[str]:
    """Count what was left out."""
    notes = [f"{plural(missing, 'row')} with missing values left out"] if missing else []
    return notes + ([f"{plural(unlabelled, 'row')} without a label left out"] if unlabelled else [])


def _pictures(
    name: str,
    layout: Layout,
    frame: pd.DataFrame,
    numbers: dict[int, pd.Series],
    columns: Sequence[int],
    label: int | None,
    missing: dict[int, pd.Series],
    options: Options,
) -> Reading:
    """Return rows of pixels as square pictures."""
    from genmodels.datasets.reading.arrays import pictures_of

    x = np.stack([numbers[i] for i in columns], 1)
    labels = None if label is None else frame[label].where(~missing[label], "").tolist()
    return pictures_of(x, labels, name, options, list(layout.notes))
