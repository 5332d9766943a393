"""Three uses of one mixture of pictures: its groups, its codes, its samples.

Clustering: the adjusted Rand index of the likeliest component against the known classes. Dimensionality reduction: whether
neighbouring codes are of one class, beside raw pixels. Generation: each component's mean and samples, and log p(x).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.metrics.clustering import adjusted_rand
from genmodels.metrics.latent import knn_accuracy
from genmodels.models.gmm import GMM
from genmodels.models.mfa import MFA
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding

MIXTURES = (GMM, MFA)
AHEAD = (9, 11, 8, 12, 5, 15, 20)  # components: the neighbours of 10, then further apart
N_FACTORS = 2  # of each factor analyser
MAX_CODES = 5000  # training codes among which neighbours are searched


@dataclass(frozen=True)
class Use:
    """Scores of one code of pictures, on test data; None where no classes are known, or for raw pixels."""

    name: str
    code_length: int
    rand: float | None = None  # adjusted Rand index of the likeliest components
    knn_accuracy: float | None = None
    log_likelihood: float | None = None  # nats per picture


@dataclass(frozen=True, eq=False)
class UsesFinding(Finding):
    """Raw pixels beside mixtures, and sheets of the mixtures' components."""

    pixels: Use
    mixtures: list[Use]
    sheets: list[Tensor]  # of each mixture (K, 1 + samples, C, H, W) uint8, see `sheet`
    n_train: int  # codes among which neighbours are searched
    n_test: int


class MixtureUsesConfig(Config):
    """How many pictures."""

    samples: int = knob(9, "Samples drawn of each component.", ge=1, le=16)


class MixtureUses(Study):
    """Three uses of mixtures of one set of pictures."""

    name = "mixture-uses"
    title = "Three uses of a mixture"
    version = 3
    Settings = MixtureUsesConfig
    seconds = 2.0
    settings: MixtureUsesConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the page's first pictures."""
        return [(specs("digits", 10), {})]

    @classmethod
    def ahead(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return other numbers of components."""
        return [(specs("digits", k), {}) for k in AHEAD]

    def check(self) -> None:
        """Refuse anything but mixtures of one dataset."""
        self.one_dataset()
        if others := [run.model for run in self.runs if not issubclass(run.kind, MIXTURES)]:
            raise UserError(f"{self.name} is about mixtures, got {', '.join(others)}: give gmm and mfa")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Score raw pixels and every mixture; draw means and samples of all components."""
        data = context.data(self.one_dataset())
        pixels = _use("raw pixels", data.train.flatten(1), data.test.flatten(1), data)
        yield 1 / (len(self.runs) + 1)
        uses, sheets = [], []
        for index, run in enumerate(self.runs):
            model = context.model(run)
            assert isinstance(model, MIXTURES)
            sheets.append(sheet(model, self.settings.samples, context.rng(run.seed, "mixture uses")))
            uses.append(_mixture_use(model, run.kind.title, data))
            yield (index + 2) / (len(self.runs) + 1)
        UsesFinding(pixels, uses, sheets, min(len(data.train), MAX_CODES), len(data.test)).write(context)


def specs(dataset: str, groups: int) -> list[RunSpec]:
    """Return the runs of the page: a Gaussian mixture and one of factor analysers with that many components, else as preset."""
    factors = {"n_factors": N_FACTORS}  # so few that a code is shorter than a picture
    return [RunSpec.make(dataset, kind.name, {"n_components": groups} | (factors if kind is MFA else {})) for kind in MIXTURES]


def sheet(model: GMM | MFA, n: int, rng: torch.Generator) -> Tensor:
    """Return (K, 1 + n, *shape) bytes: each component's mean and n of its samples, components by falling weight."""
    k = len(model.weights)
    weights, rows = model.weights.clone(), []
    factors = (
        k * model.settings.n_factors if isinstance(model, MFA) else 0
    )  # after the responsibilities in its code; 0 for the mean
    means = model.decode(F.pad(torch.eye(k, device=weights.device), (0, factors)))
    for component in weights.argsort(descending=True):
        model.weights.copy_(F.one_hot(component, k))
        rows.append(torch.cat([means[component][None], model.sample(n, rng)]))
    model.weights.copy_(weights)
    return to_bytes(torch.stack(rows))


def _mixture_use(model: GMM | MFA, name: str, data: Dataset) -> Use:
    codes, test_codes = model.encode(data.train[:MAX_CODES]), model.encode(data.test)
    use = _use(name, codes, test_codes, data)
    groups = test_codes[:, : len(model.weights)].argmax(1)
    rand = None if data.test_labels is None or data.train_labels is None else adjusted_rand(groups, data.test_labels)
    return replace(use, rand=rand, log_likelihood=float(model.log_prob(data.test).mean()))


def _use(name: str, codes: Tensor, test_codes: Tensor, data: Dataset) -> Use:
    use, codes = Use(name, codes.shape[1]), codes[:MAX_CODES]
    if data.train_labels is None or data.test_labels is None:
        return use
    return replace(use, knn_accuracy=knn_accuracy(test_codes, data.test_labels, codes, data.train_labels[: len(codes)]))
