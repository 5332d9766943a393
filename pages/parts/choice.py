"""What a viewer compares. The address holds all of it, so a link shows the same to everybody."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, Self
from urllib.parse import urlencode

from pydantic import Field

from genmodels import datasets, models
from genmodels.config import Budget, Config, UserError, knob
from genmodels.runs import MAX_SEED, RunSpec
from genmodels.runs.recorder import N_SNAPSHOTS
from pages.parts import pins
from pages.parts.address import Reader, text

MIN_COLUMNS, MAX_COLUMNS = 2, 4  # of models and pinned runs
LAST_FRAME = N_SNAPSHOTS - 1


class Choice(Config):
    """Dataset, models with their changed settings, pinned runs, seed, and what of the runs is shown."""

    dataset: str = datasets.OPENING
    models: tuple[str, ...] = models.OPENING
    changed: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)  # model -> settings that differ from its preset
    pins: tuple[RunSpec, ...] = ()  # runs on this dataset that stay as they are, beside those of the models
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

    def specs(self) -> list[RunSpec]:
        """Return the run of each column: each model's own, then those pinned of it; one that is pinned and its own stands once."""
        runs = [self.spec(model) for model in self.models]
        runs += [pin for pin in self.pins if pin not in runs]
        return sorted(runs, key=lambda spec: _place(spec.model))  # stable

    def with_values(self, **values: Any) -> Self:
        """Return the choice with some of its fields changed."""
        return type(self).parse({**dict(self), **values}, where="comparison")

    def with_settings(self, model: str, settings: Mapping[str, Any]) -> Self:
        """Return the choice with these settings of one model, without those equal to its preset."""
        spec = RunSpec.make(self.dataset, model, settings, self.seed, self.budget)
        changed = {**self.changed, model: spec.changed_from(self.budget)}
        return self.with_values(changed={name: values for name, values in changed.items() if values})

    def with_dataset(self, dataset: str) -> Self:
        """Return the choice on another dataset, with its presets and nothing pinned: settings chosen for one mislead on another."""
        return self.with_values(dataset=datasets.source(dataset).name, changed={}, pins=())

    def with_budget(self, budget: Budget) -> Self:
        """Return the choice at another budget: its own number of updates, and the other changed settings where they are allowed."""
        choice = self.with_values(budget=budget, changed={})
        for model, values in self.changed.items():
            for name in [name for name in values if name != "steps"]:
                with contextlib.suppress(UserError):
                    choice = choice.with_settings(model, {**choice.changed.get(model, {}), name: values[name]})
        return choice

    def with_models(self, names: Iterable[str]) -> Self:
        """Return the choice with these models; too few or too many columns raise `UserError`."""
        choice = self.with_values(models=ordered(names))
        choice._check_columns()
        return choice

    def with_pin(self, spec: RunSpec) -> Self:
        """Return the choice with this run pinned; one on other data, or one too many, raises `UserError`."""
        self._check_dataset(spec)
        choice = self.with_values(pins=tuple(dict.fromkeys((*self.pins, spec))))
        choice._check_columns()
        return choice

    def without_pin(self, spec: RunSpec) -> Self:
        """Return the choice without this run among the pinned; too few columns raise `UserError`."""
        choice = self.with_values(pins=tuple(pin for pin in self.pins if pin != spec))
        choice._check_columns()
        return choice

    def with_run(self, spec: RunSpec) -> Self:
        """Return the choice with this run in its model's own column, pinned where its seed is not that of the comparison."""
        if spec.seed != self.seed:
            return self.with_pin(spec)
        self._check_dataset(spec)
        choice = self if spec.model in self.models else self.with_models([*self.models, spec.model])
        return choice.with_settings(spec.model, spec.settings.model_dump())

    def _check_dataset(self, spec: RunSpec) -> None:
        if spec.dataset != self.dataset:
            raise UserError(f"This run is on {spec.source.title}: choose that dataset first")

    def _check_columns(self) -> None:
        columns = len(self.models) + len(self.pins)
        if not self.models:
            raise UserError("A comparison needs a model")
        if columns < MIN_COLUMNS:
            raise UserError(f"A comparison needs {MIN_COLUMNS} to {MAX_COLUMNS} models or pinned runs")
        if columns > MAX_COLUMNS:
            raise UserError(f"At most {MAX_COLUMNS} columns, pinned runs among them: take a model or a pin away first")

    def to_query(self) -> dict[str, str]:
        """Return the address's parameters, without those that have their default value."""
        default = Choice()._parts()
        return {name: value for name, value in self._parts().items() if value != default.get(name)}

    def _parts(self) -> dict[str, str]:
        settings = {f"{model}.{name}": value for model in self.models for name, value in self.changed.get(model, {}).items()}
        parts = {"data": self.dataset, "models": ",".join(self.models), "budget": self.budget, **settings, "seed": self.seed}
        parts |= pins.parts(self.pins, self.knobs())
        parts |= {"step": self.frame, "nearest": int(self.nearest), "auto": int(self.auto)}
        return {name: text(value) for name, value in parts.items()}

    def to_link(self) -> str:
        """Return the address's parameters as one text."""
        return urlencode(self.to_query(), safe=",")

    @classmethod
    def beside(cls, spec: RunSpec) -> Self:
        """Return the choice that shows a run beside the models that pages open with."""
        names = ordered({*models.OPENING, spec.model})[:MAX_COLUMNS]
        return cls(dataset=spec.dataset, models=names, budget=spec.budget, changed={spec.model: spec.changed}, seed=spec.seed)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[Self, list[str]]:
        """Return the choice that an address asks for, as far as it is valid, and a notice for each part that is not."""
        reader = Reader(query)
        return cls.read(reader), reader.notices

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Return the choice that the unread parts of an address ask for, as far as they are valid."""
        knobs, dataset = cls.knobs(), _dataset(reader)
        pinned = pins.read(reader, dataset, MAX_COLUMNS - 1, knobs)
        names = _models(reader, max(1, MIN_COLUMNS - len(pinned)))
        choice = cls(
            dataset=dataset,
            models=names,
            pins=_fitting(reader, pinned, MAX_COLUMNS - len(names)),
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
                spec = pins.with_texts(reader, model, choice.spec(model), values)
                choice = choice.with_settings(model, spec.settings.model_dump())
            else:
                reader.notices.append(f"The link sets {model[:20]!r}, which is not compared here: left out.")
        return choice


def ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of models in the order of their registry."""
    return tuple(sorted(names, key=_place))


def _place(model: str) -> int:
    return list(models.models()).index(model)


def _dataset(reader: Reader) -> str:
    with reader.noting("The link asks for ", f". Showing {datasets.OPENING}."):
        return datasets.source(reader.parts.pop("data", datasets.OPENING)).name
    return datasets.OPENING


def _models(reader: Reader, least: int) -> tuple[str, ...]:
    if "models" not in reader.parts:
        return models.OPENING
    names: list[str] = []
    for name in filter(None, reader.parts.pop("models").split(",")[:20]):
        with reader.noting("The link asks for "):
            names.append(models.model(name.strip()).name)
    names = list(dict.fromkeys(names))
    if len(names) < least:
        reader.notices.append(f"A comparison needs {MIN_COLUMNS} to {MAX_COLUMNS} models: showing {', '.join(models.OPENING)}.")
        return models.OPENING
    if len(names) > MAX_COLUMNS:
        reader.notices.append(f"A comparison shows at most {MAX_COLUMNS} models: {', '.join(names[MAX_COLUMNS:])} left out.")
    return ordered(names[:MAX_COLUMNS])


def _fitting(reader: Reader, runs: list[RunSpec], room: int) -> tuple[RunSpec, ...]:
    if (extra := len(runs) - room) > 0:
        reader.notices.append(f"A comparison shows at most {MAX_COLUMNS} columns: {extra} of the link's pinned runs left out.")
    return tuple(runs[:room])
