"""What a dataset's scores stand between: other real examples (the floor) and noise (the ceiling), measured once for all models.

The floor is of training examples in place of generated ones, against test examples and the rest of the training set, so that none
is compared with itself: the mean over disjoint sets of them, and how far these differ. What is fitted to the training set itself,
bins and classes, has the test examples for its floor.
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
from genmodels.store import Recording
from genmodels.studies import features
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.findings import StudySpec
from genmodels.studies.scores import measures
from genmodels.studies.scores.measures import Replayed, Values, Yardstick
from genmodels.studies.scores.understanding import LIKELIHOODS, REBUILT

FLOORS = 4  # disjoint sets of training examples that make the floor, at most
PER_BIN = 10  # training examples, at least, for each bin: smaller sets get fewer bins
BINNED = 6000  # training examples that the bins are found from; all are counted
STRIP_OF = 500  # examples, at most, of which the nearest to the training set are shown


class ReferenceConfig(Config):
    """Which dataset, and how many examples are compared."""

    data: str = knob("digits", "The dataset.", pattern=r"^[0-9A-Za-z_-]+$")
    edition: int = knob(1, "The dataset's edition: other arrays are measured anew.", ge=0, le=1_000_000)
    n: int = knob(2000, "Examples of each kind, or as many as there are test examples.", ge=measures.LEAST, le=2000)


class Reference(Study):
    """Floor and ceiling of every line, and the bins of the training set."""

    name = "reference"
    title = "What real examples and noise score"
    version = 3
    Settings = ReferenceConfig
    seconds = 8.0
    settings: ReferenceConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return what the page of scores opens with."""
        return [([], dict(spec(datasets.OPENING).settings))]

    def check(self) -> None:
        """Raise one line where there is no such dataset."""
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
        context.tensors("bins.safetensors", {"centres": bins.centres, "counts": bins.counts, "scale": bins.scale})
        yield 0.3
        by = yardstick(data, extract, bins, n, context)
        measured: list[Values] = []
        sets = list(_sets(data, by, context.rng(0, "floor")))
        for x, beside in [*sets, (noise(data, n, context.rng(0, "noise")), by)]:
            measured.append({})
            for _ in measures.against_test(x, beside, measured[-1], {}):
                yield 0.3 + 0.6 * len(measured) / (len(sets) + 1)
        *floors, ceiling = measured
        of_test: Values = {}
        measures.against_train(by.test, by, of_test, {})
        measures.against_train(x, by, ceiling, {})
        ceiling.pop("birthday", None)  # noise never repeats: there it is no worse than real examples
        yield 0.92
        best, worst = _known(data, by)
        yield 0.95
        replayed = Replayed(by, snapshot_size(data)).of_real()
        yield 0.98
        context.json(
            "reference.json",
            {
                "n": n,
                "features": extract.about,
                "floor": {name: [floor[name] for floor in floors if name in floor] for name in floors[0]}
                | {name: [value] for name, value in (of_test | best).items()},
                "ceiling": ceiling | worst,
                "over_training": replayed,
                "nearest": nearest(data, by.test[:STRIP_OF])[0].tolist() if data.source.is_image else [],
            },
        )
        yield 1.0


def spec(dataset: str, n: int = 2000) -> StudySpec:
    """Return the finding for a dataset."""
    return StudySpec.make("reference", [], {"data": dataset, "edition": datasets.source(dataset).edition, "n": n})


def bins_of(recording: Recording, where: torch.device) -> Bins:
    """Return the bins that a finding holds."""
    kept = recording.tensors("bins.safetensors")
    return Bins(*(kept[name].to(where) for name in ("centres", "counts", "scale")))


def yardstick(data: Dataset, extract: Extractor, bins: Bins, n: int, context: StudyContext) -> Yardstick:
    """Return N test examples at random, which are the same for all models, and the features of all training ones."""
    chosen = torch.randperm(len(data.test), generator=context.rng(0, "test"), device=data.device)[:n]
    test, labels = data.test[chosen], None if data.test_labels is None else data.test_labels[chosen]
    return Yardstick(data, extract, test, labels, extract(test), extract(data.train), bins, lambda purpose: context.rng(0, purpose))


def snapshot_size(data: Dataset) -> int:
    """Return how many samples a run keeps of each mark."""
    return N_SAMPLES if data.source.is_image else N_SAMPLE_POINTS


def nearest(data: Dataset, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return how far pictures lie from their nearest training ones, root mean square, sorted, which these are, and the order."""
    distance, which = nearest_training(x.flatten(1), data.train.flatten(1))
    order = distance.sort(stable=True).indices
    return (distance / math.sqrt(math.prod(data.source.shape)))[order], which[order], order


def _bins(data: Dataset, rng: torch.Generator) -> Bins:
    """Return the training set's bins, found from a part of it where it is large, filled by all of it."""
    part = draw(data.train, min(BINNED, len(data.train)), rng)
    found = training_bins(part, rng, min(N_BINS, len(part) // PER_BIN), whiten=not data.source.is_image)
    return replace(found, counts=found.count(data.train))


def _sets(data: Dataset, by: Yardstick, rng: torch.Generator) -> Iterator[tuple[Tensor, Yardstick]]:
    """Yield disjoint sets of training examples, as many as test examples each, beside the rest of the training set."""
    order = torch.randperm(len(data.train), generator=rng, device=data.device)
    for part in order.split(by.n)[: min(FLOORS, len(order) // by.n)]:
        rest = torch.ones(len(order), dtype=torch.bool, device=data.device)
        rest[part] = False
        yield data.train[part], by.beside(by.train_features[rest])


def _known(data: Dataset, by: Yardstick) -> tuple[Values, Values]:
    """Return floor and ceiling of the lines that are not of samples."""
    dim, train = math.prod(data.source.shape), data.train.flatten(1)
    even = 0.0 if data.source.is_image else -float((train.amax(0) - train.amin(0)).double().log().sum())
    best, worst = {"reconstruction": 0.0}, {"log-likelihood": even}
    worst["reconstruction"] = float((by.test[:REBUILT] - data.train.mean(0)).double().square().mean().sqrt())
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
