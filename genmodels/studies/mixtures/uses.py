"""Three uses of one mixture of pictures: its groups, its codes, its samples.

Clustering: the adjusted Rand index of the likeliest component against the known classes. Dimensionality reduction: whether
neighbours among the codes are of one class, beside raw pixels. Generation: each component's mean and samples, and log p(x).
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.metrics.clustering import adjusted_rand
from genmodels.metrics.latent import knn_accuracy
from genmodels.models.base import ExactLogProb
from genmodels.models.gmm import GMM
from genmodels.models.mfa import MFA
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext

MIXED = (GMM, MFA)
N_FACTORS = 2  # of each factor analyser
CODES_AT_MOST = 5000  # training codes among which neighbours are sought


class MixtureUsesConfig(Config):
    """How much is drawn."""

    samples: int = knob(9, "Samples drawn of each component.", ge=1, le=16)


class MixtureUses(Study):
    """Mixtures of one set of pictures, put to their three uses."""

    name = "mixture-uses"
    title = "Three uses of a mixture"
    version = 2
    Settings = MixtureUsesConfig
    seconds = 2.0
    settings: MixtureUsesConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the page's first pictures."""
        return [(specs("digits", 10), {})]

    def check(self) -> None:
        """Refuse anything but mixtures of one dataset."""
        self.one_dataset()
        if others := [run.model for run in self.runs if not issubclass(run.kind, MIXED)]:
            raise UserError(f"{self.name} is about mixtures, got {', '.join(others)}: give gmm and mfa")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Score every mixture, and raw pixels beside them; draw means and samples of all components."""
        data = context.data(self.one_dataset())
        rows = [_row("raw pixels", data.train.flatten(1), data.test.flatten(1), data)]
        yield 1 / (len(self.runs) + 1)
        pictures = {}
        for index, run in enumerate(self.runs):
            model = context.model(run)
            assert isinstance(model, MIXED)
            pictures[str(index)] = sheet(model, self.settings.samples, context.rng(run.seed, "mixture uses"))
            pictures[f"{index}.weights"] = model.weights
            codes, test_codes = model.encode(data.train[:CODES_AT_MOST]), model.encode(data.test)
            k = len(model.weights)
            rows.append(_row(run.kind.title, codes, test_codes, data, test_codes[:, :k].argmax(1)) | _generation(model, data))
            yield (index + 2) / (len(self.runs) + 1)
        context.json("uses.json", {"rows": rows, "n_train": min(len(data.train), CODES_AT_MOST), "n_test": len(data.test)})
        context.tensors("sheets.safetensors", pictures)


def specs(dataset: str, groups: int) -> list[RunSpec]:
    """Return the runs of the page: a Gaussian mixture and one of factor analysers with that many components, else as preset."""
    few = {"n_factors": N_FACTORS}  # so that a code is shorter than a picture
    return [RunSpec.make(dataset, kind.name, {"n_components": groups} | (few if kind is MFA else {})) for kind in MIXED]


def sheet(model: GMM | MFA, n: int, rng: torch.Generator) -> Tensor:
    """Return (K, 1 + n, *shape) bytes: each component's mean and n of its samples, z first, then x given z; the heaviest first."""
    k = len(model.weights)
    weights, rows = model.weights.clone(), []
    factors = k * model.settings.n_factors if isinstance(model, MFA) else 0  # they follow the responsibilities in its code; here 0
    means = model.decode(F.pad(torch.eye(k, device=weights.device), (0, factors)))
    for component in weights.argsort(descending=True):
        model.weights.copy_(F.one_hot(component, k))
        rows.append(torch.cat([means[component][None], model.sample(n, rng)]))
    model.weights.copy_(weights)
    return to_bytes(torch.stack(rows))


def _row(name: str, codes: Tensor, test_codes: Tensor, data: Dataset, groups: Tensor | None = None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "numbers": codes.shape[1], "rand": None, "neighbours": None, "log_likelihood": None}
    if data.train_labels is None or data.test_labels is None:
        return row
    codes = codes[:CODES_AT_MOST]
    row["neighbours"] = knn_accuracy(test_codes, data.test_labels, codes, data.train_labels[: len(codes)])
    if groups is not None:
        row["rand"] = adjusted_rand(groups, data.test_labels)
    return row


def _generation(model: ExactLogProb, data: Dataset) -> dict[str, float]:
    return {"log_likelihood": float(model.log_prob(data.test).mean())}
