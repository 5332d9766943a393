"""What a viewer has chosen, and its lesson link: the address holds all of it and nothing else does."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, get_args
from urllib.parse import urlencode

from genmodels import datasets, models
from genmodels.config import Budget, UserError
from genmodels.runs import RunSpec
from genmodels.runs.recorder import N_SNAPSHOTS

OPENING_MODELS = models.OPENING
MIN_MODELS, MAX_MODELS = 2, 4
LAST_FRAME = N_SNAPSHOTS - 1


@dataclass(frozen=True)
class Choice:
    """Dataset, models with their changed settings, seed, and what of the runs is shown."""

    dataset: str = datasets.OPENING
    models: tuple[str, ...] = OPENING_MODELS
    budget: Budget = "quick"
    changed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # model -> settings that differ from its preset
    seed: int = 0
    frame: int = LAST_FRAME
    nearest: bool = False
    auto: bool = True  # train what is missing at once if it is short

    def spec(self, model: str) -> RunSpec:
        """Return the run of one model; settings that this dataset does not allow raise `UserError`."""
        return RunSpec.make(self.dataset, model, self.changed.get(model), self.seed, self.budget)

    def with_settings(self, model: str, settings: Mapping[str, Any]) -> Self:
        """Return the choice with these settings of one model, of which those equal to its preset are forgotten."""
        spec = RunSpec.make(self.dataset, model, settings, self.seed, self.budget)
        return replace(self, changed={**self.changed, model: spec.changed_from(self.budget)})

    def with_dataset(self, dataset: str) -> Self:
        """Return the choice on another dataset, with its presets: settings found for one dataset mislead on another."""
        return replace(self, dataset=datasets.source(dataset).name, changed={})

    def with_budget(self, budget: Budget) -> Self:
        """Return the choice at another budget, with its presets, for the same reason."""
        return replace(self, budget=budget, changed={})

    def to_query(self) -> dict[str, str]:
        """Return the address's parameters; what is as usual is left out."""
        usual = Choice()
        query: dict[str, str] = {}
        if self.dataset != usual.dataset:
            query["data"] = self.dataset
        if self.models != usual.models:
            query["models"] = ",".join(self.models)
        if self.budget != usual.budget:
            query["budget"] = self.budget
        for model in self.models:
            query |= {f"{model}.{name}": _text(value) for name, value in self.changed.get(model, {}).items()}
        if self.seed != usual.seed:
            query["seed"] = str(self.seed)
        if self.frame != usual.frame:
            query["step"] = str(self.frame)
        if self.nearest:
            query["nearest"] = "1"
        if not self.auto:
            query["auto"] = "0"
        return query

    def to_link(self) -> str:
        """Return the address's parameters as one text."""
        return urlencode(self.to_query(), safe=",")

    @classmethod
    def beside(cls, spec: RunSpec) -> Self:
        """Return the choice that shows a run beside the usual others."""
        order = list(models.models()).index
        shown = tuple(sorted({*OPENING_MODELS, spec.model}, key=order))[:MAX_MODELS]
        return cls(dataset=spec.dataset, models=shown, budget=spec.budget, changed={spec.model: spec.changed}, seed=spec.seed)

    @classmethod
    def from_query(cls, query: Mapping[str, str], known: Collection[str] = ()) -> tuple[Self, list[str]]:
        """Return the nearest valid choice to an address, and one line for each part that was not valid.

        Parts that are `known` belong to others.
        """
        reader = _Reader({name: value for name, value in query.items() if name not in known})
        choice = cls(
            dataset=reader.dataset(),
            models=reader.models(),
            budget=reader.budget(),
            seed=reader.number("seed", 0, 0, 2**31 - 1),
            frame=reader.number("step", LAST_FRAME, 0, LAST_FRAME),
            nearest=reader.number("nearest", 0, 0, 1) == 1,
            auto=reader.number("auto", 1, 0, 1) == 1,
        )
        choice = replace(choice, changed=reader.settings(choice))
        return choice, reader.notices


class _Reader:
    """Reads one address, part by part, noting what it could not take."""

    def __init__(self, query: Mapping[str, str]):
        self.query = query
        self.notices: list[str] = []

    def dataset(self) -> str:
        name = self.query.get("data", datasets.OPENING)
        try:
            return datasets.source(name).name
        except UserError as error:
            self.notices.append(f"The link asks for {error}. Showing {datasets.OPENING}.")
            return datasets.OPENING

    def models(self) -> tuple[str, ...]:
        if "models" not in self.query:
            return OPENING_MODELS
        found: list[str] = []
        for name in filter(None, self.query["models"].split(",")[:20]):
            try:
                model = models.model(name.strip()).name
            except UserError as error:
                self.notices.append(f"The link asks for {error}.")
                continue
            if model not in found:
                found.append(model)
        if len(found) < MIN_MODELS:
            self.notices.append(f"A comparison needs {MIN_MODELS} to {MAX_MODELS} models: showing {', '.join(OPENING_MODELS)}.")
            return OPENING_MODELS
        if len(found) > MAX_MODELS:
            self.notices.append(f"A comparison shows at most {MAX_MODELS} models: {', '.join(found[MAX_MODELS:])} left out.")
        return tuple(sorted(found[:MAX_MODELS], key=list(models.models()).index))

    def budget(self) -> Budget:
        asked = self.query.get("budget", Choice.budget)
        for budget in get_args(Budget):
            if asked == budget:
                return budget  # type: ignore[no-any-return]
        self.notices.append(f"The link's budget={asked[:20]!r} is none of {', '.join(get_args(Budget))}: taking {Choice.budget}.")
        return Choice.budget

    def number(self, name: str, usual: int, low: int, high: int) -> int:
        text = self.query.get(name)
        if text is None:
            return usual
        if text.isascii() and text.isdigit() and len(text) <= 10 and low <= int(text) <= high:
            return int(text)
        self.notices.append(f"The link's {name}={text[:20]!r} is not a whole number from {low} to {high}: taking {usual}.")
        return usual

    def settings(self, choice: Choice) -> dict[str, Mapping[str, Any]]:
        asked: dict[str, dict[str, str]] = {}
        for name, value in self.query.items():
            model, dot, knob = name.partition(".")
            if dot:
                asked.setdefault(model, {})[knob] = value
            elif name not in ("data", "models", "budget", "seed", "step", "nearest", "auto"):
                self.notices.append(f"The link's {name[:20]!r} means nothing here: left out.")
        valid: dict[str, Mapping[str, Any]] = {}
        for model, values in asked.items():
            if model not in choice.models:
                self.notices.append(f"The link sets {model[:20]!r}, which is not compared here: left out.")
                continue
            valid[model] = self._settings_of(choice, model, values)
        return valid

    def _settings_of(self, choice: Choice, model: str, values: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the settings that are valid together, taken one by one so that one fault costs one setting."""
        taken: Mapping[str, Any] = {}
        for name, value in values.items():
            try:
                taken = choice.with_settings(model, {**taken, name: value}).changed[model]
            except UserError as error:
                self.notices.append(f"The link's {model}.{name[:20]} was left out. {error}.")
        return taken


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)  # a float as its shortest text that reads back as the same number
