"""The scores of a run as typed rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from genmodels.config import UserError
from genmodels.runs import Run, record
from genmodels.store import Recording, Store
from genmodels.studies.scores import study
from genmodels.studies.scores.lines import rows


@dataclass(frozen=True)
class Score:
    """One score: a value between its floor, what other real examples read, and its ceiling, what noise reads; None: no value."""

    name: str
    title: str
    group: str  # the question that it answers, such as "fidelity" or "variety"
    better: str  # "lower", "higher", "nearer" (to the floor) or "neither"
    floor: float | None
    value: float | None
    ceiling: float | None
    note: str  # why there is no value, or how it was measured


@dataclass(frozen=True)
class ScoreTable:
    """All scores of one run, in the order in which a table shows them."""

    rows: tuple[Score, ...]
    n: int  # examples of each kind that were compared
    features: str  # what the examples were compared by

    def __iter__(self) -> Iterator[Score]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> Score:
        for row in self.rows:
            if row.name == name:
                return row
        raise UserError(f"no score named {name[:40]!r}: there are {', '.join(row.name for row in self.rows)}")


def score_table(run: Run, store: Store, n: int = 2000) -> ScoreTable:
    """Return the scores of a run, computed unless they are in the store."""
    return read(record(study.spec(run.spec, n), store))


def read(finding: Recording) -> ScoreTable:
    """Return the table that a finding of the study holds."""
    sheet, lines = finding.json("scores.json"), {line.name: line for line in rows()}
    scores = [(lines[row["name"]], row) for row in sheet["rows"]]
    return ScoreTable(
        tuple(
            Score(line.name, line.title, line.group, line.better, row["floor"], row["value"], row["ceiling"], row["note"])
            for line, row in scores
        ),
        sheet["n"],
        sheet["features"],
    )
