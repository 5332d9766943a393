"""The reference of a dataset's scores: those of other real examples (floor) and of noise (ceiling), once for all models.

The floor is that of training examples in place of samples, compared with test examples and the rest of the training set: several
disjoint sets give its mean and its range. Bins and classes are fitted to the training set, so their floor is that of test examples.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets
from genmodels.config import Config, knob
from genmodels.datasets.base import Dataset
from genmodels.metrics import likelihood
from genmodels.metrics.base import draw
from genmodels.metrics.bins import N_BINS, Bins, training_bins
from genmodels.metrics.latent import knn_accuracy
from genmodels.metrics.memorisation import nearest_training
from genmodels.metrics.probes.features import Extractor, noise
from genmodels.runs import RunSpec, Spec
from genmodels.runs.recorder import N_SAMPLE_POINTS, N_SAMPLES
from genmodels.studies import features
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.findings import StudySpec
from genmodels.studies.scores import measures
from genmodels.studies.scores.finding import ReferenceScores
from genmodels.studies.scores.measures import Readings, Replayed, Values, Yardstick
from genmodels.studies.scores.understanding import LIKELIHOODS, REBUILT

FLOORS = 4  # disjoint sets of training examples for the floor, at most
PER_BIN = 10  # training examples for each bin, at least: smaller sets have fewer bins
BINNED = 6000  # training examples that the bins are fitted to; all are counted
STRIP_OF = 500  # examples whose distances from the training set are measured, at most


class ReferenceConfig(Config):
    """Which dataset, and how many examples are compared."""

    data: str = knob("digits", "The dataset.", pattern=r"^[0-9A-Za-z_-]+$")
    edition: int = knob(1, "The dataset's edition: other arrays are measured anew.", ge=0, le=1_000_000)
    n: int = knob(2000, "Examples of each kind, or as many as there are test examples.", ge=measures.LEAST, le=2000)


class Reference(Study):
    """Floor and ceiling of every row, and the bins of the training set."""

    name = "reference"
    title = "What real examples and noise score"
    version = 4
    Settings = ReferenceConfig
    seconds = 8.0
    settings: ReferenceConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return what the page of scores opens with."""
        return [([], dict(spec(datasets.OPENING).settings))]

    def check(self) -> None:
        """Refuse a dataset that does not exist."""
        datasets.source(self.settings.data)

    def needs(self) -> tuple[Spec, ...]:
        """Return the net by whose features examples are compared."""
        return features.needs(self.settings.data)

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Measure other real examples and noise as a model's samples are measured."""
        data = context.data(self.settings.data)
        n = measures.size(data, self.settings.n)
        yield 0.0
        extract = features.extractor(data, context.store)
        bins = _bins(data, context.rng(0, "bins"))
        yield 0.3
        by = yardstick(data, extract, bins, n, context)
        sets = [*_sets(data, by, context.rng(0, "floor")), (noise(data, n, context.rng(0, "noise")), by)]
        readings = [Readings() for _ in sets]
        for i, (x, beside) in enumerate(sets):
            for _ in measures.against_test(x, beside, readings[i]):
                yield 0.3 + 0.6 * (i + 1) / len(sets)
        *floors, ceiling = readings
        of_test = Readings()
        measures.against_train(by.test, by, of_test)
        measures.against_train(x, by, ceiling)  # x is noise
        ceiling.values.pop("birthday", None)  # noise never repeats: there it is no worse than real examples
        yield 0.92
        best, worst = _known(data, by)
        yield 0.95
        over_training = Replayed(by, snapshot_size(data)).of_real()
        yield 0.98
        ReferenceScores(
            n=n,
            features=extract.about,
            floor={name: [floor.values[name] for floor in floors if name in floor.values] for name in floors[0].values}
            | {name: [value] for name, value in (of_test.values | best).items()},
            ceiling=ceiling.values | worst,
            over_training=over_training,
            nearest=nearest(data, by.test[:STRIP_OF])[0].tolist() if data.source.is_image else [],
            bins=bins,
        ).write(context)
        yield 1.0


def spec(dataset: str, n: int = 2000) -> StudySpec:
    """Return the finding for a dataset."""
    return StudySpec.make("reference", [], {"data": dataset, "edition": datasets.source(dataset).edition, "n": n})


def yardstick(data: Dataset, extract: Extractor, bins: Bins, n: int, context: StudyContext) -> Yardstick:
    """Return n random test examples, the same for all models, and the features of all training examples."""
    indices = torch.randperm(len(data.test), generator=context.rng(0, "test"), device=data.device)[:n]
    test, labels = data.test[indices], None if data.test_labels is None else data.test_labels[indices]
    bins = Bins(*(tensor.to(context.where) for tensor in (bins.centres, bins.counts, bins.scale)))
    return Yardstick(data, extract, test, labels, extract(test), extract(data.train), bins, lambda purpose: context.rng(0, purpose))


def snapshot_size(data: Dataset) -> int:
    """Return how many samples a snapshot has."""
    return N_SAMPLES if data.source.is_image else N_SAMPLE_POINTS


def nearest(data: Dataset, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the sorted distances of pictures from their nearest training pictures, root mean square, these, and the order."""
    distance, which = nearest_training(x.flatten(1), data.train.flatten(1))
    order = distance.sort(stable=True).indices
    return (distance / math.sqrt(math.prod(data.source.shape)))[order], which[order], order


def _bins(data: Dataset, rng: torch.Generator) -> Bins:
    """Return the training set's bins, fitted to a part of it where it is large, with the counts of all of it."""
    part = draw(data.train, min(BINNED, len(data.train)), rng)
    bins = training_bins(part, rng, min(N_BINS, len(part) // PER_BIN), whiten=not data.source.is_image)
    return replace(bins, counts=bins.count(data.train))


def _sets(data: Dataset, by: Yardstick, rng: torch.Generator) -> Iterator[tuple[Tensor, Yardstick]]:
    """Yield disjoint sets of training examples, each as many as test examples, with the rest of the training set beside them."""
    order = torch.randperm(len(data.train), generator=rng, device=data.device)
    for part in order.split(by.n)[: min(FLOORS, len(order) // by.n)]:
        rest = torch.ones(len(order), dtype=torch.bool, device=data.device)
        rest[part] = False
        yield data.train[part], by.beside(by.train_features[rest])


def _known(data: Dataset, by: Yardstick) -> tuple[Values, Values]:
    """Return floor and ceiling of the rows that are not of samples."""
    dim, train = math.prod(data.source.shape), data.train.flatten(1)
    even = 0.0 if data.source.is_image else -float((train.amax(0) - train.amin(0)).double().log().sum()) - data.source.log_volume
    best, worst = {"reconstruction": 0.0}, {"log-likelihood": even}
    mean, in_data = data.train.mean(0), data.source.in_data
    worst["reconstruction"] = float((in_data(by.test[:REBUILT]) - in_data(mean)).double().square().mean().sqrt())
    if data.source.log_density is not None:
        best["js-density-exact"] = 0.0
        best["log-likelihood"] = float(data.source.log_density(by.test[:LIKELIHOODS].double()).mean())
    if data.source.is_image:
        worst["bits-per-dim"] = likelihood.bits_per_dim(even, dim)
    labels, train_labels = by.test_labels, data.train_labels
    if labels is not None and train_labels is not None:
        best["knn"] = knn_accuracy(by.test.flatten(1), labels, train, train_labels)
        worst["knn"] = float((labels == train_labels.mode().values).double().mean())
    return best, worst
