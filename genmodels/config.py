"""Settings, each declared once: validated, hashed into the run key, drawn as a widget and offered on the command line."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Budget = Literal["quick", "standard", "thorough"]
BUDGETS: dict[Budget, float] = {"quick": 10, "standard": 60, "thorough": 300}  # seconds of training on one core, about


class UserError(ValueError):
    """A fault the user can mend: one line that says what, where, what is allowed and what to do."""


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
) -> Any:
    """Declare one hyperparameter: default, closed range (for a text the pattern), help, whether its slider is logarithmic."""
    return Field(default, ge=ge, le=le, pattern=pattern, description=help, json_schema_extra={"log": log, "label": label})


@dataclass(frozen=True)
class Knob:
    """One hyperparameter as a form, a table or a generated test needs it."""

    name: str
    label: str
    kind: Literal["int", "float", "bool", "choice", "str"]
    default: Any
    low: float | None
    high: float | None
    log: bool
    help: str
    choices: tuple[str, ...]

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
        """Return a permitted value that is not the default, for tests that turn every knob."""
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


if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass as Making
else:
    Making = type(BaseModel)


class _Once(Making):
    """Makes a class of settings once: a script that is run again, as each page is, gets the one that its declaration made before.

    Making one takes 2 to 4 ms and leaves a thousand objects to be collected.
    """

    _scripts: ClassVar[dict[tuple[CodeType, str], type]] = {}

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Any:
        if namespace.get("__module__") != "__main__" or namespace["__qualname__"] != name:
            return super().__new__(cls, name, bases, namespace, **options)
        place = sys._getframe(1).f_code, name  # the script's compiled text, which is the same at each of its runs
        if place not in cls._scripts:
            cls._scripts[place] = super().__new__(cls, name, bases, namespace, **options)
        return cls._scripts[place]


class Config(BaseModel, metaclass=_Once):
    """Base of every model's settings: immutable, closed to unknown names, no NaN and no infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    @classmethod
    def knobs(cls) -> dict[str, Knob]:
        """Return the declared hyperparameters in the order of their declaration, without fields that are none."""
        return {name: _knob(name, field) for name, field in cls.model_fields.items() if field.json_schema_extra}

    @classmethod
    def parse(cls, values: Mapping[str, Any], where: str) -> Self:
        """Validate `values`, raising one `UserError` line that names `where`, the knob, its range and its default."""
        try:
            return cls(**values)
        except ValidationError as error:
            raise UserError(_explain(error, cls.knobs(), where)) from None

    def canonical(self) -> str:
        """Return the one JSON text that stands for these settings."""
        return canonical_json(self.model_dump(mode="json"))


def canonical_json(value: Any) -> str:
    """Return `value` as JSON with sorted keys and no spaces, the form that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _knob(name: str, field: Any) -> Knob:
    annotation = field.annotation
    choices: tuple[str, ...] = get_args(annotation) if get_origin(annotation) is Literal else ()
    kind: Any = "choice" if choices else annotation.__name__
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    if kind in ("int", "float") and (low is None or high is None):
        raise TypeError(f"{name}: a number needs both ends of its range (ge=, le=)")
    label = field.json_schema_extra["label"] or name.replace("_", " ")
    return Knob(name, label, kind, field.default, low, high, field.json_schema_extra["log"], field.description, choices)


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
