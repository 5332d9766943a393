"""Scores of examples alone: the same functions of a model's samples (value), of other real examples (floor), of noise (ceiling)."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from genmodels import metrics
from genmodels.config import UserError
from genmodels.datasets.base import Dataset
from genmodels.metrics.bins import Bins, BinScores, compare_counts
from genmodels.metrics.birthday import birthday
from genmodels.metrics.classes import class_histogram
from genmodels.metrics.divergence import js_divergence_of_samples
from genmodels.metrics.frechet import Statistics, distance_of_statistics, statistics
from genmodels.metrics.modes import mode_coverage
from genmodels.metrics.neighbours import precision_recall
from genmodels.metrics.probes.features import Classifier, Extractor
from genmodels.metrics.sharpness import sharpness

Values = dict[str, float]
Seeded = Callable[[str], torch.Generator]  # a new generator for a purpose, each time from the same seed
LEAST = 20  # test examples, below which nothing is scored
OVER_TEST = 500  # test examples that a snapshot is compared with: few, since there are two dozen snapshots
OVER_PARTS = 16  # sets of training examples, each as many as a snapshot has samples, for the snapshots' floor


@dataclass
class Readings:
    """Numbers by row, and notes by row: the reason where there is no number, or how it was measured."""

    values: Values = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def noting(self, name: str) -> Iterator[None]:
        """Turn a `UserError` into the note of a row, so that other rows are measured all the same."""
        try:
            yield
        except UserError as error:
            self.notes[name] = str(error)

    def leave_out(self, names: Iterable[str], reason: str) -> None:
        """Note why rows have no numbers."""
        self.notes |= dict.fromkeys(names, reason)


@dataclass(frozen=True)
class Yardstick:
    """Real examples and their features, with which as many others are compared."""

    data: Dataset
    extract: Extractor
    test: Tensor  # (N, *shape) held out
    test_labels: Tensor | None  # (N,)
    test_features: Tensor  # (N, F)
    train_features: Tensor  # (M, F) of training examples, M at least N
    bins: Bins
    rng: Seeded

    @property
    def n(self) -> int:
        """How many examples are compared."""
        return len(self.test)

    def beside(self, train_features: Tensor) -> "Yardstick":
        """Return the same with other training features."""
        return replace(self, train_features=train_features)


def size(data: Dataset, most: int) -> int:
    """Return how many examples of each kind can be compared: at most as many as test examples, or half as many as training ones."""
    n = min(most, len(data.test), len(data.train) // 2)
    if n < LEAST:
        raise UserError(
            f"scores of {data.source.title} need {LEAST} test and {2 * LEAST} training examples, there are {len(data.test)} and "
            f"{len(data.train)}: give more"
        )
    return n


def against_test(x: Tensor, by: Yardstick, readings: Readings) -> Iterator[None]:
    """Compare examples (N, *shape) with as many held-out ones, row by row."""
    features = by.extract(x)
    for name, metric in metrics.metrics().items():
        with readings.noting(name):
            readings.values[name] = metric.compute(features, by.test_features, by.train_features, by.rng(name))
        yield
    with readings.noting("birthday"):
        repeats = birthday(features, by.test_features, by.rng("birthday"))
        readings.values["birthday"] = repeats.support
        if repeats.size > len(x):
            readings.notes["birthday"] = f"a bound: {len(x)} hardly repeat"
    yield
    source = by.data.source
    if source.is_image:
        with readings.noting("sharpness"):
            readings.values["sharpness"] = sharpness(x, by.test)
    if source.log_density is not None:
        with readings.noting("js-density"):
            readings.values["js-density"] = js_divergence_of_samples(source.log_density, by.test.double(), x.double()).nats
    yield


def against_train(x: Tensor, by: Yardstick, readings: Readings) -> BinScores:
    """Measure how examples (N, *shape) fill the classes, the modes and the bins of the training set; return how the bins."""
    source = by.data.source
    if isinstance(by.extract, Classifier):
        with readings.noting("classes-kl"):
            readings.values["classes-kl"] = class_histogram(by.extract.classify(x), by.extract.head(by.train_features)).kl
    if source.modes is not None and source.mode_std is not None:
        coverage = mode_coverage(x, source.modes, source.mode_std)
        readings.values |= {"modes": coverage.captured, "high-quality": coverage.high_quality}
        if coverage.captured:
            readings.values["modes-kl"] = coverage.reverse_kl
        else:
            readings.notes["modes-kl"] = "no sample lies on a mode"
    bins = compare_counts(by.bins.counts, by.bins.count(x))
    readings.values |= {"bins-different": bins.ndb(), "bins-js": bins.js}
    return bins


class Replayed:
    """Cheap scores of the m samples in a snapshot, whose floor is that of as many real examples."""

    def __init__(self, by: Yardstick, m: int):
        self.test = by.test_features[:OVER_TEST]
        self.statistics = statistics(self.test)
        self.parts = [part for part in by.train_features.split(m)[:OVER_PARTS] if len(part) == m]
        distances = [self._distance(statistics(part)) for part in self.parts]
        self.floor = sum(distances) / max(len(distances), 1)

    def __call__(self, features: Tensor) -> Values:
        """Return the scores of features (M, F)."""
        both = precision_recall(features, self.test)
        ratio = self._distance(statistics(features)) / max(self.floor, 1e-12)
        return {"frechet-ratio": ratio, "precision": both.precision, "recall": both.recall}

    def of_real(self) -> dict[str, list[float]]:
        """Return each score of every part of the training set."""
        scores = [self(part) for part in self.parts]
        return {name: [values[name] for values in scores] for name in ("frechet-ratio", "precision", "recall")}

    def _distance(self, of: Statistics) -> float:
        return distance_of_statistics(of, self.statistics)
