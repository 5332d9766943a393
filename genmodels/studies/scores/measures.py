"""What is measured of examples alone, be they a model's samples, other real examples or noise.

Floor, value and ceiling of a line are the same function of different examples: real ones that nobody generated, the model's, noise.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

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
Seeded = Callable[[str], torch.Generator]  # a generator for a purpose, the same whenever it is asked for
LEAST = 20  # test examples, below which nothing is scored
OVER_TEST = 500  # test examples that a snapshot is compared with: two dozen snapshots are to cost little
OVER_PARTS = 16  # sets of training examples, each as many as a snapshot has samples, that make their floor


@dataclass(frozen=True)
class Yardstick:
    """Real examples and their features, against which others are measured at equal number."""

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
    """Return how many examples of each kind can be compared: no more than there are test examples, or half the training ones."""
    n = min(most, len(data.test), len(data.train) // 2)
    if n < LEAST:
        raise UserError(
            f"scores of {data.source.title} need {LEAST} test and {2 * LEAST} training examples, there are {len(data.test)} and "
            f"{len(data.train)}: give more"
        )
    return n


def against_test(x: Tensor, by: Yardstick, values: Values, notes: dict[str, str]) -> Iterator[None]:
    """Measure examples (N, *shape) against as many held-out ones, one line at a time; a line that cannot be has a note instead."""
    features = by.extract(x)
    for name, metric in metrics.metrics().items():
        with noted(name, notes):
            values[name] = metric.compute(features, by.test_features, by.train_features, by.rng(name))
        yield
    with noted("birthday", notes):
        repeats = birthday(features, by.test_features, by.rng("birthday"))
        values["birthday"] = repeats.support
        if repeats.size > len(x):
            notes["birthday"] = f"a bound: {len(x)} hardly repeat"
    yield
    source = by.data.source
    if source.is_image:
        with noted("sharpness", notes):
            values["sharpness"] = sharpness(x, by.test)
    if source.log_density is not None:
        with noted("js-density", notes):
            values["js-density"] = js_divergence_of_samples(source.log_density, by.test.double(), x.double()).nats
    yield


def against_train(x: Tensor, by: Yardstick, values: Values, notes: dict[str, str]) -> BinScores:
    """Measure how examples (N, *shape) fill the classes, the modes and the bins of the training set."""
    source = by.data.source
    if isinstance(by.extract, Classifier):
        with noted("classes-kl", notes):
            values["classes-kl"] = class_histogram(by.extract.classify(x), by.extract.head(by.train_features)).kl
    if source.modes is not None and source.mode_std is not None:
        found = mode_coverage(x, source.modes, source.mode_std)
        values |= {"modes": found.captured, "high-quality": found.high_quality}
        if found.captured:
            values["modes-kl"] = found.reverse_kl
        else:
            notes["modes-kl"] = "no sample lies on a mode"
    filled = compare_counts(by.bins.counts, by.bins.count(x))
    values |= {"bins-different": filled.ndb(), "bins-js": filled.js}
    return filled


class Replayed:
    """Cheap scores of few samples, such as a snapshot has; their floor is that of as many real examples."""

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
        """Return what other real examples read, each score in every part of the training set."""
        found = [self(part) for part in self.parts]
        return {name: [values[name] for values in found] for name in ("frechet-ratio", "precision", "recall")}

    def _distance(self, of: Statistics) -> float:
        return distance_of_statistics(of, self.statistics)


class noted:
    """A context in which a `UserError` becomes the note of a line: it has no number, and the others go on."""

    def __init__(self, name: str, notes: dict[str, str]):
        self.name, self.notes = name, notes

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, UserError):
            self.notes[self.name] = str(error)
            return True
        return False
