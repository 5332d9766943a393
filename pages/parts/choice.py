"""What a viewer compares. The address holds all of it, so a link shows the same to everybody."""

from collections.abc import Iterable, Mapping
from typing import Any, Self
from urllib.parse import urlencode

from pydantic import Field

from genmodels import datasets, models
from genmodels.config import Budget, Config, knob
from genmodels.runs import MAX_SEED, RunSpec
from genmodels.runs.recorder import N_SNAPSHOTS
from pages.parts.address import Reader, text

MIN_MODELS, MAX_MODELS = 2, 4
LAST_FRAME = N_SNAPSHOTS - 1


class Choice(Config):
    """Dataset, models with their changed settings, seed, and what of the runs is shown."""

    dataset: str = datasets.OPENING
    models: tuple[str, ...] = models.OPENING
    changed: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)  # model -> settings that differ from its preset
    budget: Budget = knob("quick", "How long each model may train: about 10 s, 1 min or 5 min on one core.", label="Budget")
    seed: int = knob(0, "Of every model's training.", ge=0, le=MAX_SEED, label="Seed, for every model")
    frame: int = knob(LAST_FRAME, "The snapshot that is shown.", ge=0, le=LAST_FRAME)
    nearest: bool = knob(
        False,
        "Under each sample the training picture that is closest to it, pixel by pixel: has the model copied?",
        label="Nearest training image",
    )
    auto: bool = knob(True, "Whether short trainings that are missing start without being asked for.")

    def spec(self, model: str) -> RunSpec:
        """Return the run of one model; settings that this dataset does not allow raise `UserError`."""
        return RunSpec.make(self.dataset, model, self.changed.get(model), self.seed, self.budget)

    def with_values(self, **values: Any) -> Self:
        """Return the choice with some of its fields changed."""
        return type(self).parse({**dict(self), **values}, where="comparison")

    def with_settings(self, model: str, settings: Mapping[str, Any]) -> Self:
        """Return the choice with these settings of one model, without those equal to its preset."""
        spec = RunSpec.make(self.dataset, model, settings, self.seed, self.budget)
        changed = {**self.changed, model: spec.changed_from(self.budget)}
        return self.with_values(changed={name: values for name, values in changed.items() if values})

    def with_dataset(self, dataset: str) -> Self:
        """Return the choice on another dataset, with that dataset's presets: settings chosen for one mislead on another."""
        return self.with_values(dataset=datasets.source(dataset).name, changed={})

    def with_budget(self, budget: Budget) -> Self:
        """Return the choice at another budget, with that budget's presets."""
        return self.with_values(budget=budget, changed={})

    def to_query(self) -> dict[str, str]:
        """Return the address's parameters, without those that have their default value."""
        default = Choice()._parts()
        return {name: value for name, value in self._parts().items() if value != default.get(name)}

    def _parts(self) -> dict[str, str]:
        settings = {f"{model}.{name}": value for model in self.models for name, value in self.changed.get(model, {}).items()}
        parts = {"data": self.dataset, "models": ",".join(self.models), "budget": self.budget, **settings, "seed": self.seed}
        parts |= {"step": self.frame, "nearest": int(self.nearest), "auto": int(self.auto)}
        return {name: text(value) for name, value in parts.items()}

    def to_link(self) -> str:
        """Return the address's parameters as one text."""
        return urlencode(self.to_query(), safe=",")

    @classmethod
    def beside(cls, spec: RunSpec) -> Self:
        """Return the choice that shows a run beside the models that pages open with."""
        names = ordered({*models.OPENING, spec.model})[:MAX_MODELS]
        return cls(dataset=spec.dataset, models=names, budget=spec.budget, changed={spec.model: spec.changed}, seed=spec.seed)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """Return the choice that an address asks for, as far as it is valid, and a notice for each part that is not."""
        reader = Reader(query)
        return cls.read(reader), reader.notices

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Return the choice that the unread parts of an address ask for, as far as they are valid."""
        knobs = cls.knobs()
        choice = cls(
            dataset=_dataset(reader),
            models=_models(reader),
            budget=reader.option("budget", knobs["budget"]),
            seed=reader.number("seed", knobs["seed"]),
            frame=reader.number("step", knobs["frame"]),
            nearest=reader.number("nearest", knobs["nearest"]) == 1,
            auto=reader.number("auto", knobs["auto"]) == 1,
        )
        settings = reader.groups()
        reader.close()
        for model, values in settings.items():
            if model in choice.models:
                choice = choice._with_texts(reader, model, values)
            else:
                reader.notices.append(f"The link sets {model[:20]!r}, which is not compared here: left out.")
        return choice

    def _with_texts(self, reader: Reader, model: str, values: Mapping[str, str]) -> Self:
        """Return the choice with settings of one model, each checked together with those before it."""
        choice = self
        for name, value in values.items():
            with reader.noting(f"The link's {model}.{name[:20]} was left out. "):
                choice = choice.with_settings(model, {**choice.changed.get(model, {}), name: value})
        return choice


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of models in the order of their registry."""
    return tuple(sorted(names, key=list(models.models()).index))


def _dataset(reader: Reader) -> str:
    with reader.noting("The link asks for ", f". Showing {datasets.OPENING}."):
        return datasets.source(reader.parts.pop("data", datasets.OPENING)).name
    return datasets.OPENING


def _models(reader: Reader) -> tuple[str, ...]:
    if "models" not in reader.parts:
        return models.OPENING
    names: list[str] = []
    for name in filter(None, reader.parts.pop("models").split(",")[:20]):
        with reader.noting("The link asks for "):
            names.append(models.model(name.strip()).name)
    names = list(dict.fromkeys(names))
    if len(names) < MIN_MODELS:
        reader.notices.append(f"A comparison needs {MIN_MODELS} to {MAX_MODELS} models: showing {', '.join(models.OPENING)}.")
        return models.OPENING
    if len(names) > MAX_MODELS:
        reader.notices.append(f"A comparison shows at most {MAX_MODELS} models: {', '.join(names[MAX_MODELS:])} left out.")
    return ordered(names[:MAX_MODELS])
