"""The lines of the table of scores: what each model reads, over its seeds, and where that lies between floor and ceiling."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from genmodels.runs import RunSpec
from genmodels.studies.scores.finding import Score, ScoreTable
from genmodels.studies.scores.rows import Row, Scale, rows

DASH = "—"


@dataclass(frozen=True)
class ScoredRun:
    """One training and its scores, or the reason why it has none."""

    run: RunSpec
    table: ScoreTable | None
    reason: str = ""

    def score(self, row: str) -> Score | None:
        """Return a row of the table, if it has that row."""
        return self.table.get(row) if self.table is not None else None


@dataclass(frozen=True)
class Cell:
    """One row's values of one model, over those of its seeds that have one; the note is that of the first seed without."""

    values: tuple[float, ...]
    seeds: int
    note: str

    @property
    def mean(self) -> float | None:
        """The mean over the seeds; None for a dash where a seed has no value, since that seed may be the worst."""
        return sum(self.values) / self.seeds if len(self.values) == self.seeds else None


@dataclass(frozen=True)
class Line:
    """One line of the table: floor, a cell for each model, ceiling."""

    row: Row
    floor: tuple[float, float, float] | None  # mean, lowest, highest
    ceiling: float | None
    cells: tuple[Cell, ...]


def lines(columns: Sequence[Sequence[ScoredRun]]) -> list[Line]:
    """Return the table's lines from each model's runs, one a seed; a line exists if any run has it."""
    table_lines = []
    for row in rows().values():
        scores = [score for column in columns for run in column if (score := run.score(row.name))]
        if all(_empty(score) for score in scores):
            continue
        floor, low, high = scores[0].floor, scores[0].floor_low, scores[0].floor_high
        floors = None if floor is None or low is None or high is None else (floor, low, high)
        table_lines.append(Line(row, floors, scores[0].ceiling, tuple(_cell(column, row.name) for column in columns)))
    return table_lines


def _empty(score: Score) -> bool:
    return score.value is None and (score.floor is None or score.ceiling is None)


def _cell(column: Sequence[ScoredRun], row: str) -> Cell:
    readings = [(score.value, score.note) if (score := run.score(row)) else (None, run.reason) for run in column]
    notes = [note for value, note in readings if value is None] or [note for _, note in readings]
    return Cell(tuple(value for value, _ in readings if value is not None), len(column), notes[0])


def position(value: float, floor: float, ceiling: float, scale: Scale) -> float:
    """Return where a value lies between floor, 0, and ceiling, 1; below 0 is beyond what real examples read."""
    low, high = _scaled(floor, scale), _scaled(ceiling, scale)
    return (_scaled(value, scale) - low) / (high - low) if high != low else 0.0


def _scaled(value: float, scale: Scale) -> float:
    if scale == "root":
        return math.sqrt(max(value, 0.0))
    return math.log(max(value, 1e-9)) if scale == "log" else value


def place(value: float, line: Line) -> float:
    """Return where a value lies in its line; where nearer is better, the distance from the floor on either side."""
    assert line.floor is not None
    assert line.ceiling is not None
    where = position(value, line.floor[0], line.ceiling, line.row.scale)
    return abs(where) if line.row.better == "nearer" else where


def readable(line: Line) -> bool:
    """Whether noise reads clearly worse than real examples: else a place between the two means nothing."""
    if line.floor is None or line.ceiling is None:
        return False
    _, low, high = line.floor
    below, above = line.ceiling < low, line.ceiling > high
    return {"higher": below, "lower": above, "nearer": below or above, "neither": False}[line.row.better]


def number(value: float | None) -> str:
    """Return three significant digits without an exponent, or a dash."""
    if value is None:
        return DASH
    if value == round(value) or abs(value) >= 1000:
        return f"{value:,.0f}".replace("-0", "0") if round(value) == 0 else f"{value:,.0f}"
    places = max(0, min(4, 2 - math.floor(math.log10(abs(value)))))
    text = f"{value:.{places}f}"
    return text.removeprefix("-") if float(text) == 0 else text
