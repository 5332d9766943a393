"""Settings, each declared once: validation, run key, widget and command line all read that declaration."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Budget = Literal["quick", "standard", "thorough"]
BUDGETS: dict[Budget, float] = {"quick": 10, "standard": 60, "thorough": 300}  # seconds of training on one core, about

ROUND = (1.0, 1.2, 1.6, 2.0, 2.4, 3.0, 4.0, 5.0, 6.0, 8.0)  # of a decade, at nearly equal ratios
DECADES = 3  # below its high end, of a logarithmic scale that begins at 0


class UserError(ValueError):
    """A fault that the user can correct: one line with what, where, the allowed values and the remedy."""


def check_whole(name: str, value: Any, low: int, high: int) -> None:
    """Raise one line unless the value called `name` is a whole number from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UserError(f"{name} = {_short(value)} is not allowed; give a whole number from {low} to {high}")


def knob(
    default: Any,
    help: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    log: bool = False,
    label: str | None = None,
    pattern: str | None = None,
    front: bool = False,
    ahead: Sequence[Any] = (),
) -> Any:
    """Declare a hyperparameter: default, closed range (a pattern for text), help, and how it is shown.

    `log`: its slider is logarithmic; `front`: it stands under the model's name, one of the few that tell most about the model;
    `ahead`: the values of a study's setting, besides its default, whose findings `genmodels warm` makes before anybody asks.
    """
    extra: dict[str, Any] = {"log": log, "label": label, "front": front, "ahead": tuple(ahead)}
    return Field(default, ge=ge, le=le, pattern=pattern, description=help, json_schema_extra=extra)


@dataclass(frozen=True)
class Knob:
    """The declaration of one hyperparameter, as forms, tables and generated tests read it."""

    name: str
    label: str
    kind: Literal["int", "float", "bool", "choice", "str"]
    default: Any
    low: float | None
    high: float | None
    log: bool
    help: str
    choices: tuple[str, ...]
    front: bool = False
    ahead: tuple[Any, ...] = ()

    def scale(self, values: Sequence[Any] = (), ticks: int = 100) -> list[Any]:
        """Return what a slider or list of the knob offers, in order: `values` and round ones of its range, its ends included.

        A linear scale of floats has `ticks` steps; a logarithmic one that begins at 0 goes on three decades below its end.
        """
        if self.kind in ("choice", "bool"):
            return list(self.choices) or [False, True]
        assert self.low is not None
        assert self.high is not None
        if self.log:
            numbers = _round_numbers(self.low or self.high / 10**DECADES, self.high)
        else:
            steps = int(self.high - self.low) if self.kind == "int" else ticks
            numbers = [self.low + (self.high - self.low) * n / steps for n in range(steps + 1)]
        return self._ordered({self.low, self.high, *numbers}, values)

    def _ordered(self, numbers: set[float], values: Sequence[Any]) -> list[Any]:
        rounded = {float(f"{number:.6g}") for number in numbers - set(values)} | set(values)
        if self.kind == "float":
            return sorted(map(float, rounded))
        whole = {int(number) for number in rounded if number == int(number)}
        assert self.low is not None
        assert self.high is not None
        powers = {2**n for n in range(1, 21)} | set(range(1, 11)) if self.log else set()
        return sorted(whole | {number for number in powers if self.low <= number <= self.high})

    def allowed(self) -> str:
        """Return the permitted values in words."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        if self.kind == "bool":
            return "true or false"
        if self.kind == "str":
            return "a text of the form that the page itself writes"
        noun = "whole numbers" if self.kind == "int" else "numbers"
        return f"{noun} from {self.low:g} to {self.high:g}"

    def other_value(self) -> Any:
        """Return a permitted value other than the default, for tests that vary every hyperparameter."""
        if self.kind == "choice":
            return next(c for c in self.choices if c != self.default)
        if self.kind == "bool":
            return not self.default
        assert self.low is not None
        assert self.high is not None
        nearer = (
            self.default / 2 if self.default and self.default / 2 >= self.low else min(self.default * 2 or self.high / 2, self.high)
        )
        return int(nearer) if self.kind == "int" else nearer


def number_text(value: Any) -> str:
    """Return a knob's value as people write it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _round_numbers(low: float, high: float) -> list[float]:
    """Return the round numbers from `low` to `high`, ten a decade."""
    decades = [10.0**n for n in range(-9, 16)]
    return [number for decade in decades for first in ROUND if low <= (number := first * decade) <= high]


if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass as Metaclass
else:
    Metaclass = type(BaseModel)


class _Once(Metaclass):
    """Creates a settings class once per script: a page's script, run again, gets the class of its first run.

    Creating one takes 2 to 4 ms and leaves a thousand objects to the garbage collector.
    """

    _scripts: ClassVar[dict[tuple[CodeType, str], type]] = {}

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        if namespace.get("__module__") != "__main__" or namespace["__qualname__"] != name:
            return super().__new__(cls, name, bases, namespace, **options)
        place = sys._getframe(1).f_code, name  # the script's code object, the same at each of its runs
        if place not in cls._scripts:
            cls._scripts[place] = super().__new__(cls, name, bases, namespace, **options)
        return cls._scripts[place]


class Config(BaseModel, metaclass=_Once):
    """Base class of all settings: immutable; unknown names, NaN and infinity are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    @classmethod
    def knobs(cls) -> dict[str, Knob]:
        """Return the declared hyperparameters in the order of their declaration, without fields that are none."""
        return {name: _knob(name, field) for name, field in cls.model_fields.items() if field.json_schema_extra}

    @classmethod
    def parse(cls, values: Mapping[str, Any], where: str) -> Self:
        """Return validated settings, or raise a `UserError` that names `where`, the hyperparameter, its range and its default."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise UserError(_explain(error, cls.knobs(), where)) from None

    def canonical(self) -> str:
        """Return the canonical JSON of these settings."""
        return canonical_json(self.model_dump(mode="json"))


def canonical_json(value: Any) -> str:
    """Return `value` as canonical JSON, with sorted keys and without spaces: the form that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _knob(name: str, field: Any) -> Knob:
    annotation = field.annotation
    choices: tuple[str, ...] = get_args(annotation) if get_origin(annotation) is Literal else ()
    kind: Any = "choice" if choices else annotation.__name__
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    if kind in ("int", "float") and (low is None or high is None):
        raise TypeError(f"{name}: a number needs both ends of its range (ge=, le=)")
    extra = field.json_schema_extra
    label = extra["label"] or name.replace("_", " ")
    default, help, log, front, ahead = field.default, field.description, extra["log"], extra["front"], extra["ahead"]
    return Knob(name, label, kind, default, low, high, log, help, choices, front, ahead)


def _explain(error: ValidationError, knobs: Mapping[str, Knob], where: str) -> str:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        return f"{where}: no setting named {_short(name)}; there are {', '.join(knobs)}"
    knob = knobs[name]
    return f"{where}: {name} = {_short(first['input'])} is not allowed; give {knob.allowed()} (default {knob.default})"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
