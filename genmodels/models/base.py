"""Models: modules that are fitted step by step. A capability is a method that exists, described by a protocol.

To add a model, add a file to this folder with its `Config`, its `Model` subclass and the methods of its capabilities, in the
order settings, network, loss, fit. The contract tests, the command line and every page discover it.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from genmodels.config import Budget, Config
from genmodels.datasets.base import Dataset, Source
from genmodels.models.parts.inversion import Inversion
from genmodels.models.parts.work import Fit, Sizes

FAMILIES = ("mixture", "autoencoder", "vae", "gan", "hybrid", "flow")  # in the order of the lecture


@dataclass(frozen=True)
class Step:
    """One update: its index from 1 (0 is the initial state) and its losses, scalars still on the device."""

    index: int
    losses: Mapping[str, Tensor]


@dataclass(frozen=True)
class Curve:
    """One curve in the model's chart: a column of its history, with the model's label and unit."""

    column: str
    label: str
    unit: str
    dashed: bool = False
    log: bool = False  # draw the chart on a logarithmic axis


class Model(nn.Module):
    """A generative model of examples of one shape. `Settings` must have the knob `steps`, the length of the fit."""

    name: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[str]  # one of FAMILIES: its colour and its place
    about: ClassVar[str]  # one sentence, shown on the page
    version: ClassVar[int] = 1  # part of every run key: raise it when equal settings give other numbers
    Settings: ClassVar[type[Config]]
    curves: ClassVar[tuple[Curve, ...]]
    sample_note: ClassVar[str]
    reconstruct_note: ClassVar[str] = "has no code of an example, so it cannot reconstruct one"
    invertible: ClassVar[bool] = False  # its code determines the example: reconstruction errors are then meaningless

    def __init__(self, settings: Any, shape: tuple[int, ...]):
        super().__init__()
        self.settings = settings
        self.shape = shape

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return the settings that differ from the defaults on this dataset, for a training of about `BUDGETS[budget]`."""
        return {}

    @classmethod
    def check(cls, settings: Any, source: Source) -> None:
        """Raise a one-line `UserError` where these settings cannot be fitted to this dataset."""

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Fit to `data.train`, yielding step 0 after initialisation and a step after each update."""
        raise TypeError(f"{type(self).__name__} does not define fit")

    def work(self, n: Sizes) -> Fit:
        """Return the work of a fit, counted from the layers' sizes; the model has no weights (torch's device `meta`)."""
        raise TypeError(f"{type(self).__name__} does not define work")

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return scalars on `data.test`, each named like the history column of the same definition."""
        return {}

    def summary(self) -> str:
        """Return the most important settings in one line."""
        return ""

    def samples_are(self) -> str:
        """Return what a sample is, or why the model cannot sample."""
        return self.sample_note

    def parameter_count(self) -> int:
        """Return the number of learned parameters, without the running `average` of a network's."""
        return sum(p.numel() for name, p in self.named_parameters() if not name.startswith("average."))


@runtime_checkable
class Samples(Protocol):
    """Can draw new examples."""

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return (n, *shape) in data units; equal states of `rng` give the same noise at every step of the training."""


@runtime_checkable
class Encodes(Protocol):
    """Can encode examples."""

    def encode(self, x: Tensor) -> Tensor:
        """Return (N, Z): the posterior mean of the code."""


@runtime_checkable
class Decodes(Protocol):
    """Can decode codes."""

    def decode(self, z: Tensor) -> Tensor:
        """Return (N, *shape) in data units for codes (N, Z)."""


@runtime_checkable
class Reconstructs(Protocol):
    """Can reconstruct examples from their codes."""

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return the reconstructions of x, (N, *shape)."""


@runtime_checkable
class ExactLogProb(Protocol):
    """Has an exact density."""

    def log_prob(self, x: Tensor) -> Tensor:
        """Return (N,), nats, in data units."""


@runtime_checkable
class BoundsLogProb(Protocol):
    """Has a lower bound of the log density."""

    def log_prob_bound(self, x: Tensor, k: int, rng: torch.Generator) -> Tensor:
        """Return (N,), nats, in data units: the importance-weighted bound with k samples."""


@runtime_checkable
class HasPosterior(Protocol):
    """Has a Gaussian posterior over codes."""

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and log_var, (N, Z) each."""


ABILITIES: dict[str, type] = {  # by the name of the method that has it
    "sample": Samples,
    "encode": Encodes,
    "decode": Decodes,
    "reconstruct": Reconstructs,
    "log_prob": ExactLogProb,
    "log_prob_bound": BoundsLogProb,
}


@runtime_checkable
class Inverts(Protocol):
    """Can search for the code of an example by optimisation."""

    def inverting(
        self, x: Tensor, rng: torch.Generator, steps: int = 200, prior: float = 0.05
    ) -> Generator[float, None, Inversion]:
        """Yield the progress at every update; return the best z of each example, its decoding and its squared error."""


@runtime_checkable
class Judges(Protocol):
    """Has a discriminator."""

    def judge(self, x: Tensor) -> Tensor:
        """Return (N,) logits, larger for real."""
