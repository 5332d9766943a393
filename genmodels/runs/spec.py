"""What determines a recording: a spec. A run's is dataset, model, settings and seed; its key is a hash of them."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

from genmodels import datasets, models
from genmodels.config import BUDGETS, Budget, Config, UserError, canonical_json, check_whole
from genmodels.datasets.base import Source
from genmodels.models.base import Model
from genmodels.runs import history, limits
from genmodels.runs.training import train
from genmodels.store import UNREADABLE, Store

MAX_SEED = 2**31 - 1
FORMAT = 3  # of a recording's files, part of every key: raise it when they change, then older recordings are never looked up


class Spec(ABC):
    """What determines a recording, that of a run or of a finding: equal specs give equal recordings under equal keys."""

    gradients: ClassVar[bool]  # whether its work runs with gradients enabled
    verb: ClassVar[str]  # what was done once it is there, in the past participle

    @property
    @abstractmethod
    def title(self) -> str:
        """What a card calls it: every setting that is not the usual one is in it."""

    @property
    def full_title(self) -> str:
        """The title with all that may distinguish it from another spec of the same title."""
        return self.title

    @property
    @abstractmethod
    def label(self) -> str:
        """What a terminal calls it, in the words of the command line."""

    @property
    def steps(self) -> int | None:
        """The number of equal steps of its work, None where the work has no such unit."""
        return None

    @abstractmethod
    def identity(self) -> dict[str, Any]:
        """Return what distinguishes the recording from all others, as JSON."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` turns back into this spec."""

    @abstractmethod
    def estimate(self, store: Store) -> float:
        """Return how long its own work should take, in seconds, judged by similar recordings in the store."""

    @abstractmethod
    def projection(self, store: Store, seconds: float, progress: float) -> float:
        """Return how long its work takes in all, in seconds, if `progress` of it took so long; 0 if nothing is known."""

    @abstractmethod
    def work(self, store: Store) -> Generator[float, None, None]:
        """Make the recording, unless it is there, yielding the progress, 0 to 1; what it `needs` must be there.

        It may be suspended at any yield and resumed later, in another thread; closed early, it leaves nothing.
        """

    def needs(self) -> tuple["Spec", ...]:
        """Return the specs whose recordings must be there before this one is made."""
        return ()

    def check_limits(self) -> None:
        """Raise one `UserError` if its work, or that of a spec it needs, is estimated to be over a limit of this host."""
        for need in self.needs():
            need.check_limits()

    def position(self, progress: float) -> str:
        """Return how far its work is, in its own unit."""
        return f"step {round(progress * self.steps):,} of {self.steps:,}" if self.steps else f"{progress:.0%}"

    def canonical(self) -> str:
        """Return the JSON text that stands for the recording."""
        return canonical_json({"format": FORMAT, **self.identity()})

    @cached_property
    def key(self) -> str:
        """The sha256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class RunSpec(Spec):
    """What determines a run: dataset, model, settings and seed."""

    gradients = True
    verb = "trained"

    dataset: str
    model: str
    settings: Config
    seed: int

    @classmethod
    def make(
        cls, dataset: str, model: str, settings: Mapping[str, Any] | None = None, seed: int = 0, budget: Budget = "quick"
    ) -> Self:
        """Return a valid spec: `settings` over the model's preset for dataset and budget; anything wrong is one `UserError`."""
        source, kind = datasets.source(dataset), models.model(model)
        check_whole("seed", seed, 0, MAX_SEED)
        parsed = kind.Settings.parse({**kind.preset(source, budget), **(settings or {})}, where=f"{model} on {dataset}")
        kind.check(parsed, source)
        return cls(dataset, model, parsed, seed)

    @property
    def source(self) -> Source:
        """The dataset's declaration."""
        return datasets.source(self.dataset)

    @property
    def kind(self) -> type[Model]:
        """The model's class."""
        return models.model(self.model)

    @property
    def title(self) -> str:
        """Model, dataset, budget and settings where they are not the usual ones, and seed."""
        budget = self.budget
        unusual = ([] if budget == "quick" else [budget]) + described(self.settings, self.changed_from(budget))
        return ", ".join([f"{self.kind.title} on {self.source.title}", *unusual, f"seed {self.seed}"])

    @property
    def label(self) -> str:
        """Model, dataset and the settings that differ from the preset, by their names."""
        return f"{self.model} on {self.dataset}" + assignments(self.changed)

    @property
    def steps(self) -> int:
        """The length of the fit in updates."""
        return int(self.settings.steps)  # type: ignore[attr-defined]

    @property
    def budget(self) -> Budget:
        """The budget whose preset these settings are, or are nearest to."""
        return min(BUDGETS, key=lambda budget: len(self.changed_from(budget)))

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that differ from the preset of `budget`."""
        return self.changed_from(self.budget)

    def preset(self, budget: Budget) -> dict[str, Any]:
        """Return the settings that the model has on the dataset at that budget unless others are chosen."""
        return self.kind.Settings.parse(self.kind.preset(self.source, budget), where=self.model).model_dump()

    def changed_from(self, budget: Budget) -> dict[str, Any]:
        """Return the settings that differ from the preset of that budget."""
        preset = self.preset(budget)
        return {name: value for name, value in self.settings.model_dump().items() if value != preset[name]}

    def identity(self) -> dict[str, Any]:
        """Return the four parts, dataset and model with their versions."""
        return {
            "dataset": [self.dataset, self.source.edition],
            "model": [self.model, self.kind.version],
            "settings": self.settings.model_dump(mode="json"),
            "seed": self.seed,
        }

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` turns back into this spec."""
        settings = self.settings.model_dump(mode="json")
        parts = {"dataset": self.dataset, "model": self.model, "settings": settings, "seed": self.seed}
        return parts | {"canonical": self.canonical()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the spec that `to_json` described, validated anew."""
        try:
            return cls.make(content["dataset"], content["model"], content["settings"], content["seed"])
        except UserError:
            raise
        except UNREADABLE as error:
            raise UserError(f"this JSON describes no run ({type(error).__name__}): give what `to_json` made") from None

    def estimate(self, store: Store) -> float:
        """Return how long the training should take, in seconds: by its operations, at the pace of the most similar past one."""
        return history.estimate(self, store).seconds

    def projection(self, store: Store, seconds: float, progress: float) -> float:
        """Return how long the training takes in all, in seconds: the estimate, corrected by the steps so far."""
        return history.estimate(self, store).after(seconds, round(progress * self.steps)).seconds

    def work(self, store: Store) -> Generator[float, None, None]:
        """Train, yielding the progress after each update."""
        return train(self, store)

    def check_limits(self) -> None:
        """Raise one `UserError` if the training is estimated to be over a limit of this host."""
        limits.check(self)


def default_specs(dataset: str, budget: Budget = "quick") -> list[RunSpec]:
    """Return the runs that pages open with on this dataset: every model as preset."""
    return [RunSpec.make(dataset, model, budget=budget) for model in models.models()]


def described(settings: Config, changed: Mapping[str, Any]) -> list[str]:
    """Return label and value of each changed setting."""
    knobs = settings.knobs()
    return [f"{knobs[name].label} {_text(value)}" for name, value in changed.items()]


def assignments(changed: Mapping[str, Any]) -> str:
    """Return changed settings as the command line takes them."""
    return "".join(f" {name}={value}" for name, value in changed.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)
