"""Reads and writes the parts of an address: a part that is wrong costs that part and one notice."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from genmodels.config import Config, Knob, UserError

V = TypeVar("V", bound=Config)


def text(value: Any) -> str:
    """Return a value as the address holds it; a float as its shortest text that reads back as the same number."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def changes(config: Config) -> dict[str, str]:
    """Return the values that differ from their defaults, as the address holds them."""
    return {name: text(getattr(config, name)) for name, knob in config.knobs().items() if getattr(config, name) != knob.default}


class Reader:
    """Reads one address part by part; a part that is wrong or unknown becomes a notice."""

    def __init__(self, query: Mapping[str, str]):
        self.parts = dict(query)  # those not read yet
        self.notices: list[str] = []

    @contextmanager
    def noting(self, before: str, after: str = ".") -> Iterator[None]:
        """Turn a `UserError` into a notice, between these words."""
        try:
            yield
        except UserError as error:
            self.notices.append(f"{before}{error}{after}")

    def controls(self, kind: type[V], where: str) -> V:
        """Return the page's controls, each value checked together with those before it; a wrong one has its default."""
        controls = kind()
        for name in kind.knobs():
            if name in self.parts:
                with self.noting(f"The link's {name} was left out. "):
                    controls = kind.parse({**controls.model_dump(), name: self.parts.pop(name)}, where)
        return controls

    def switch(self, name: str, default: bool) -> bool:
        """Return a switch of the page, 0 or 1."""
        value = self.parts.pop(name, str(int(default)))
        if value not in ("0", "1"):
            self.notices.append(f"The link's {name}={value[:20]!r} is neither 0 nor 1: left out.")
            return default
        return value == "1"

    def number(self, name: str, knob: Knob) -> int:
        """Return a whole number within the knob's range; that of a switch is 0 to 1."""
        default, low, high = int(knob.default), int(knob.low or 0), int(1 if knob.high is None else knob.high)
        value = self.parts.pop(name, str(default))
        if value.isascii() and value.isdigit() and len(value) <= 10 and low <= int(value) <= high:
            return int(value)
        self.notices.append(f"The link's {name}={value[:20]!r} is not a whole number from {low} to {high}: taking {default}.")
        return default

    def option(self, name: str, knob: Knob) -> str:
        """Return one of the knob's choices."""
        value: str = self.parts.pop(name, knob.default)
        if value in knob.choices:
            return value
        self.notices.append(f"The link's {name}={value[:20]!r} is none of {', '.join(knob.choices)}: taking {knob.default}.")
        return str(knob.default)

    def group(self, name: str) -> dict[str, str]:
        """Return the parts of the form `name.rest`, by their rest."""
        parts = [part for part in self.parts if part.startswith(f"{name}.")]
        return {part.removeprefix(f"{name}."): self.parts.pop(part) for part in parts}

    def groups(self) -> dict[str, dict[str, str]]:
        """Return the parts of the form `group.name`, by group."""
        groups: dict[str, dict[str, str]] = {}
        for part in [part for part in self.parts if "." in part]:
            group, _, name = part.partition(".")
            groups.setdefault(group, {})[name] = self.parts.pop(part)
        return groups

    def close(self) -> None:
        """Add a notice for each part that has not been read."""
        self.notices += [f"The link's {name[:20]!r} means nothing here: left out." for name in self.parts]
        self.parts.clear()
