"""The layout of a table in text: separator, decimal mark, header, titles and footers, inferred from its lines."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from genmodels.config import UserError
from genmodels.datasets.reading.base import ALLOWED, MAX_EXAMPLES, AmbiguousTable, safe_name

MISSING = frozenset({"", "na", "nan", "n/a", "#n/a", "#na", "null", "none", "nil", "?", "-", "--", ".", "missing", "<na>"})
NUMBER = r"[-+]?(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eEdD][-+]?\d+)?"
NUMBERS = {  # by decimal mark, thousands set apart or not
    ".": re.compile(rf"(?:{NUMBER}|[-+]?\d{{1,3}}(?:,\d{{3}})+(?:\.\d*)?|[-+]?inf(?:inity)?)\Z", re.IGNORECASE),
    ",": re.compile(
        rf"(?:{NUMBER.replace(chr(92) + '.', ',')}|[-+]?\d{{1,3}}(?:\.\d{{3}})+(?:,\d*)?|[-+]?inf(?:inity)?)\Z", re.IGNORECASE
    ),
}
SEPARATORS = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "blank"}
MAX_LINE = 20_000  # characters
MAX_LOOSE = 5  # title lines above a table, and as many below
SAMPLE = 150  # lines by which separator and decimal mark are told
PLAIN = str.maketrans({"\u2212": "-", "\u2013": "-", "\xa0": " ", "\u202f": " ", "\u2009": " ", "\ufeff": None})
Line = tuple[int, str]  # its number in the file, and its text


@dataclass(frozen=True)
class Layout:
    """A table's separator and decimal mark, its columns' names, its rows, and the lines that are none."""

    separator: str
    decimal: str
    width: int
    names: tuple[str, ...]  # as many as columns; "" where the header names none
    rows: list[list[str]]  # cells, without blanks around them
    numbers: tuple[int, ...]  # of the rows' lines in the file
    row_names: bool  # whether the first column holds them, without a header of its own
    notes: tuple[str, ...]


def lay_out(name: str, text: str, decimal: str | None) -> Layout:
    """Return the layout of a table, or raise one line that says where it breaks."""
    lines, comment = _lines(name, text)
    declared, lines = _declared_separator(lines)
    if not lines:
        raise UserError(f"{name} is no picture, and no line of it holds two numbers: {ALLOWED}")
    separator, mark, width = _separator(name, [text for _, text in lines], declared, decimal)
    cells = [trimmed(split(text, separator), width) for _, text in lines]
    first, last = _body(name, lines, cells, width, mark)
    notes = [f"line {lines[i][0]} left out: {safe_name(lines[i][1].strip())}" for i in [*range(first), *range(last, len(lines))]]
    above = cells[first - 1] if first else []
    headed = is_header(cells[first], cells[first + 1 : last], mark)
    row_names = first > 0 and not headed and len(above) == width - 1 and not any(is_number(cell, mark) for cell in above)
    if row_names:
        names, notes = ["", *above], notes[: first - 1] + notes[first:]
    elif headed:
        names, first = cells[first], first + 1
    else:
        words = split(comment, separator if separator in comment else " ") if comment else []
        names = words if len(words) == width else []
    names = [" ".join(word.split()) for word in names] or [""] * width
    if separator == "," and decimal is None and not any(names):
        _refuse_ambiguous(name, cells[first:last])
    numbers = tuple(number for number, _ in lines[first:last])
    return Layout(separator, mark, width, tuple(names), cells[first:last], numbers, row_names, tuple(notes))


def split(line: str, separator: str) -> list[str]:
    """Return a line's cells, without blanks around them."""
    if separator == " ":
        line = " ".join(line.split())
    try:
        return [cell.strip() for cell in next(csv.reader([line.strip(" ")], delimiter=separator, skipinitialspace=True), [])]
    except csv.Error:
        return []


def trimmed(cells: list[str], width: int) -> list[str]:
    """Return the cells without what separators at the line's end add."""
    return cells[:width] if len(cells) > width and not any(cells[width:]) else cells


def is_number(cell: str, decimal: str) -> bool:
    """Return whether a cell is written as a number."""
    return NUMBERS[decimal].match(cell) is not None


def is_missing(cell: str) -> bool:
    """Return whether a cell says that its value is missing."""
    return cell.lower() in MISSING


def is_header(cells: Sequence[str], rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Return whether the cells are names: none of them a number, in columns that hold numbers."""
    values = [cell for cell in cells if not is_missing(cell)]
    if not rows or any(is_number(cell, decimal) for cell in values) or not values:
        return False
    sample = rows[:SAMPLE]
    return any(2 * sum(is_number(row[i], decimal) for row in sample if i < len(row)) > len(sample) for i in range(len(cells)))


def _lines(name: str, text: str) -> tuple[list[Line], str]:
    """Return the lines that are neither blank nor comments, and the words of the last comment above them."""
    lines: list[Line] = []
    comment = ""
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text.translate(PLAIN)), 1):
        if number > MAX_EXAMPLES + 200:
            raise UserError(f"{name} has more than {MAX_EXAMPLES:,} lines: give at most so many points")
        if len(line) > MAX_LINE:
            raise UserError(f"{name}, line {number} is too long for a row of a table: {ALLOWED}")
        if match := re.match(r"\s*(#|%|//)+\s?(.*)", line):
            comment = comment if lines else match[2].strip()
        elif line.strip():
            lines.append((number, line))
    return lines, comment


def _declared_separator(lines: list[Line]) -> tuple[str | None, list[Line]]:
    """Return the separator that a first line `sep=;` names, as spreadsheets write it, and the other lines."""
    match = re.fullmatch(r'\s*"?sep=(.)"?\s*', lines[0][1]) if lines else None
    return (match[1], lines[1:]) if match else (None, lines)


def _separator(name: str, texts: list[str], declared: str | None, decimal: str | None) -> tuple[str, str, int]:
    """Return separator, decimal mark and number of columns: those by which most cells of most lines are numbers."""
    step = max(1, len(texts) // SAMPLE)
    sample = texts[: SAMPLE // 2] + texts[SAMPLE // 2 :: step]
    best: tuple[tuple[bool, float, int, int], str, str, int] | None = None
    for order, separator in enumerate([declared] if declared else SEPARATORS):
        cells = [split(text, separator) for text in sample]
        width = _width(cells)
        rows = [trimmed(row, width) for row in cells]
        for mark in [decimal] if decimal else [".", ","]:
            if mark == separator:
                continue
            fractions = [sum(is_number(c, mark) or is_missing(c) for c in row) / width if len(row) == width else 0 for row in rows]
            numeric = sum(2 * sum(is_number(row[i], mark) for row in rows if i < len(row)) > len(rows) for i in range(width))
            quality = (numeric >= 2, round(sum(fractions) / len(fractions), 2), numeric, -order)
            if best is None or quality > best[0]:
                best = quality, separator, mark, width
    if best is None or not best[0][2]:
        raise UserError(f"{name} is no picture, and no line of it holds two numbers: {ALLOWED}")
    if not best[0][0] and best[3] < 2:
        raise UserError(f"{name} has 1 column: give two columns of numbers, and labels in a third if there are any")
    return best[1:]


def _width(cells: list[list[str]]) -> int:
    """Return how many cells most lines have, those that are empty at the end of nearly all of them left out."""
    width = Counter(map(len, cells)).most_common(1)[0][0]
    while width > 1 and sum(len(row) < width or not row[width - 1] for row in cells[1:]) > 0.98 * max(1, len(cells) - 1):
        width -= 1
    return max(1, width)


def _body(name: str, lines: list[Line], cells: list[list[str]], width: int, decimal: str) -> tuple[int, int]:
    """Return where the table begins and ends among the lines; a line of another width inside it is an error."""
    fits = [len(row) == width for row in cells]
    first = next((i for i, fit in enumerate(fits) if fit), 0)
    last = len(cells)
    while last > first + 1 and len(cells) - last < MAX_LOOSE and not _is_row(cells[last - 1], width, decimal):
        last -= 1
    odd = next((i for i in range(first, last) if not fits[i]), None)
    if first > MAX_LOOSE:
        odd = 0
    if odd is not None:
        number, text = lines[odd]
        n = len(cells[odd])
        raise UserError(
            f"{name}, line {number} has {n} column{'s' * (n != 1)} where most have {width}: mend it ({safe_name(text.strip())})"
        )
    return first, last


def _is_row(cells: list[str], width: int, decimal: str) -> bool:
    """Return whether a line may be a row: of the right width, with a number or only missing values."""
    return len(cells) == width and (any(is_number(cell, decimal) for cell in cells) or all(map(is_missing, cells)))


def _refuse_ambiguous(name: str, rows: list[list[str]]) -> None:
    """Raise where lines such as 6,04 may be one number with a decimal comma as well as two whole numbers."""
    if any(len(row) != 2 or not re.fullmatch(r"[-+]?\d+", row[0]) or not row[1].isdecimal() for row in rows):
        return
    second = [row[1] for row in rows]
    if len(second[0]) > 1 and len(set(map(len, second))) == 1 or any(len(cell) > 1 and cell[0] == "0" for cell in second):
        raise AmbiguousTable(
            f"{name}: a line such as {','.join(rows[0])} is either one number with a decimal comma or two whole numbers: "
            "say which is the decimal mark"
        )
