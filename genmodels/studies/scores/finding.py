"""Findings of the scores: the table of one run, its scores over training, what samples leave out or copy; and the reference."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.bins import Bins
from genmodels.studies.finding import Finding
from genmodels.studies.scores.rows import Better, rows

Number = int | float  # counts are read back as whole numbers


@dataclass(frozen=True)
class Score:
    """One score: a value between its floor, what other real examples read, and its ceiling, what noise reads; None: no value."""

    name: str
    floor: Number | None  # mean over sets of real examples
    floor_low: Number | None
    floor_high: Number | None
    value: Number | None
    ceiling: Number | None
    note: str  # why there is no value, or how it was measured

    @property
    def title(self) -> str:
        """The name as a table shows it."""
        return rows()[self.name].title

    @property
    def group(self) -> str:
        """The question that it answers, such as "fidelity" or "variety"."""
        return rows()[self.name].group

    @property
    def better(self) -> Better:
        """Which way is better: lower, higher, nearer (to the floor) or neither."""
        return rows()[self.name].better


@dataclass(frozen=True)
class RunName:
    """The run that a table is of."""

    key: str
    dataset: str
    model: str
    seed: int


@dataclass(frozen=True, eq=False)
class ScoreTable(Finding):
    """All scores of one run, in the order in which a table shows them."""

    stem = "scores"

    run: RunName
    n: int  # examples of each kind that were compared
    features: str  # what the examples were compared by
    rows: list[Score]

    def __iter__(self) -> Iterator[Score]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> Score:
        score = self.get(name)
        if score is None:
            raise UserError(f"no score named {name[:40]!r}: there are {', '.join(score.name for score in self)}")
        return score

    def get(self, name: str) -> Score | None:
        """Return a score by its name, or None."""
        return next((score for score in self if score.name == name), None)


@dataclass(frozen=True, eq=False)
class OverTraining(Finding):
    """Scores of the samples recorded in each snapshot."""

    stem = "over-training"

    snapshot_steps: list[int]
    steps: int  # of the whole training
    n: int  # samples in a snapshot; 0 without samples
    scores: dict[str, list[float | None]]  # by name, a value for each snapshot
    floor: dict[str, list[float]]  # by name, a value for each set of n real examples


@dataclass(frozen=True)
class Shares:
    """How often examples fall into each of K regions."""

    expected: list[float]  # shares of the training examples
    observed: list[float]  # shares of the samples
    z: list[float]  # observed - expected in standard errors


@dataclass(frozen=True)
class Regions:
    """Regions of the plane that points fall into."""

    kind: Literal["mode", "bin"]
    x: list[float]  # of their centres
    y: list[float]
    shares: Shares


@dataclass(frozen=True)
class BinPictures:
    """Bins filled significantly wrongly, the worst first, and pictures of them."""

    bins: list[int]
    pictures: Tensor | None  # (bins, P, C, H, W) uint8; None for points or without any such bin


@dataclass(frozen=True, eq=False)
class BinShares(Finding):
    """How samples fill the bins of the training set."""

    stem = "bins"

    shares: Shares
    rare: BinPictures  # filled too rarely: training pictures
    frequent: BinPictures  # filled too often: samples
    regions: Regions | None  # for points: around each mode where modes are known, else the bins


@dataclass(frozen=True, eq=False)
class NearestPairs(Finding):
    """The samples nearest to the training set, the nearest first."""

    stem = "nearest"

    distances: list[float]  # of all compared samples, root mean square of pixels
    samples: Tensor  # (P, C, H, W) uint8
    training: Tensor  # (P, C, H, W) uint8, the training picture nearest to each


@dataclass(frozen=True, eq=False)
class ReferenceScores(Finding):
    """Floor and ceiling of every row for one dataset, and the bins of its training set."""

    stem = "reference"

    n: int
    features: str
    floor: dict[str, list[Number]]  # a value for each set of real examples
    ceiling: dict[str, Number]
    over_training: dict[str, list[float]]  # as many real examples as a snapshot has samples, a value for each set
    nearest: list[float]  # distances of held-out pictures from the nearest training pictures, sorted; empty for points
    bins: Bins
