"""What a model is: a module that is fitted step by step. What it can do is told by the methods that it has.

To add one: a new file in this folder with its `Config`, its `Model` subclass and the capabilities below that it has,
read top to bottom: settings, network, loss, fit. The contract tests, the command line and every page find it.
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

FAMILIES = ("mixture", "autoencoder", "vae", "gan", "hybrid", "flow")  # in the order in which the lecture meets them


@dataclass(frozen=True)
class Step:
    """One update done: its index from 1 (0 is the start, before any) and its losses, scalars still on the device."""

    index: int
    losses: Mapping[str, Tensor]


@dataclass(frozen=True)
class Curve:
    """One line in the model's chart: a column of its history, drawn in the model's own terms."""

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
    invertible: ClassVar[bool] = False  # its code holds all of an example: that it rebuilds one, or noise, tells nothing of it

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
        """Learn from `data.train`, yielding step 0 once initialised and one step after each update."""
        raise TypeError(f"{type(self).__name__} does not define fit")

    def work(self, n: Sizes) -> Fit:
        """Return how much a fit is, counted from the layers' sizes; the model is without contents (torch's device `meta`)."""
        raise TypeError(f"{type(self).__name__} does not define work")

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return scalars on `data.test`, each named as the history column whose definition it shares."""
        return {}

    def summary(self) -> str:
        """Return the settings that matter in one quiet line."""
        return ""

    def samples_are(self) -> str:
        """Return what a shown sample is, or why there is none."""
        return self.sample_note

    def parameter_count(self) -> int:
        """Return how many numbers the fit learns: the `average` of a net is a copy, and learns nothing."""
        return sum(p.numel() for name, p in self.named_parameters() if not name.startswith("average."))


@runtime_checkable
class Samples(Protocol):
    """Draws new examples."""

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return (n, *shape) in data units; equal `rng` states give the same noise at every step of the training."""


@runtime_checkable
class Encodes(Protocol):
    """Has a code for an example."""

    def encode(self, x: Tensor) -> Tensor:
        """Return (N, Z): the posterior mean of the code."""


@runtime_checkable
class Decodes(Protocol):
    """Turns codes into examples."""

    def decode(self, z: Tensor) -> Tensor:
        """Return (N, *shape) in data units for codes (N, Z)."""


@runtime_checkable
class Reconstructs(Protocol):
    """Rebuilds an example from its own code."""

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return (N, *shape): what the model makes of x."""


@runtime_checkable
class ExactLogProb(Protocol):
    """Knows the density of an example."""

    def log_prob(self, x: Tensor) -> Tensor:
        """Return (N,), nats, in data units."""


@runtime_checkable
class BoundsLogProb(Protocol):
    """Knows a lower bound of the density of an example."""

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
    """Can search for the noise that an example could have come from; that is no code."""

    def inverting(
        self, x: Tensor, rng: torch.Generator, steps: int = 200, prior: float = 0.05
    ) -> Generator[float, None, Inversion]:
        """Yield the share done at every update; return the best z of each example, what it decodes to and its squared error."""


@runtime_checkable
class Judges(Protocol):
    """Has a discriminator."""

    def judge(self, x: Tensor) -> Tensor:
        """Return (N,) logits, larger for real."""
