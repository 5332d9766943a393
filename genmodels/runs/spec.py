"""What determines a run: dataset, model, settings and seed; its key is a hash of them."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from genmodels import datasets, models
from genmodels.config import BUDGETS, Budget, Config, UserError, canonical_json, check_whole
from genmodels.datasets.base import Source
from genmodels.models.base import Model
from genmodels.store import UNREADABLE

MAX_SEED = 2**31 - 1


class Spec(ABC):
    """What determines a recording: that of a run or of a finding."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What it is called in a sentence."""

    @abstractmethod
    def canonical(self) -> str:
        """Return the one JSON text that stands for the recording."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` turns back into this spec."""

    @abstractmethod
    def needs(self) -> tuple["Spec", ...]:
        """Return the specs whose recordings must be there before this one is made."""

    @cached_property
    def key(self) -> str:
        """The sha256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


@dataclass(frozen=True)
class RunSpec(Spec):
    """What determines a run: dataset, model, settings and seed."""

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
        chosen = kind.Settings.parse({**kind.preset(source, budget), **(settings or {})}, where=f"{model} on {dataset}")
        kind.check(chosen, source)
        return cls(dataset, model, chosen, seed)

    @property
    def source(self) -> Source:
        """The dataset's declaration."""
        return datasets.source(self.dataset)

    @property
    def kind(self) -> type[Model]:
        """The model's class."""
        return models.model(self.model)

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

    def changed_from(self, budget: Budget) -> dict[str, Any]:
        """Return the settings that differ from the preset of that budget."""
        usual = self.kind.Settings.parse(self.kind.preset(self.source, budget), where=self.model).model_dump()
        return {name: value for name, value in self.settings.model_dump().items() if value != usual[name]}

    @property
    def title(self) -> str:
        """Model and dataset."""
        return f"{self.kind.title} on {self.source.title}"

    def needs(self) -> tuple[Spec, ...]:
        """Return nothing: a run needs no other recording."""
        return ()

    def canonical(self) -> str:
        """Return the one JSON text that stands for this run."""
        return canonical_json(
            {
                "dataset": [self.dataset, self.source.edition],
                "model": [self.model, self.kind.version],
                "settings": self.settings.model_dump(mode="json"),
                "seed": self.seed,
            }
        )

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` turns back into this spec."""
        settings = self.settings.model_dump(mode="json")
        return {
            "dataset": self.dataset,
            "model": self.model,
            "settings": settings,
            "seed": self.seed,
            "canonical": self.canonical(),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the spec that `to_json` described, validated anew."""
        try:
            return cls.make(content["dataset"], content["model"], content["settings"], content["seed"])
        except UserError:
            raise
        except UNREADABLE as error:
            raise UserError(f"this JSON describes no run ({type(error).__name__}): give what `to_json` made") from None


def default_specs(dataset: str, budget: Budget = "quick") -> list[RunSpec]:
    """Return the runs that pages open with on this dataset: every model as preset."""
    return [RunSpec.make(dataset, model, budget=budget) for model in models.models()]
