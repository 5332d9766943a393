"""Discovery: adding a dataset, a model or a metric is adding a file. A duplicate name or a failing import raises."""

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Mapping
from typing import Any, TypeVar

from genmodels.config import UserError

T = TypeVar("T")


def discover(package: str, kind: type) -> dict[str, Any]:
    """Return every instance of `kind`, and every subclass of it, defined in a module of `package`, by its `name`."""
    entries: dict[str, Any] = {}
    for info in sorted(pkgutil.iter_modules(importlib.import_module(package).__path__), key=lambda m: m.name):
        if info.name == "base":
            continue
        module = importlib.import_module(f"{package}.{info.name}")
        for entry in vars(module).values():
            if not _belongs(entry, kind, module.__name__):
                continue
            if entries.get(entry.name, entry) is not entry:
                raise ValueError(f"{module.__name__}: the name {entry.name!r} is taken already; every entry needs its own")
            entries[entry.name] = entry
    return entries


def _belongs(entry: Any, kind: type, module: str) -> bool:
    if inspect.isclass(entry):
        inside = entry.__module__ == module or entry.__module__.startswith(f"{module}.")  # of the file, or of the folder
        return inside and issubclass(entry, kind) and entry is not kind
    return isinstance(entry, kind)


def lookup(entries: Mapping[str, T], name: str, noun: str) -> T:
    """Return the entry called `name`, or raise one line with all names and the nearest one."""
    if name in entries:
        return entries[name]
    near = difflib.get_close_matches(name, entries, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise UserError(f"no {noun} named {name[:40]!r}: there are {', '.join(entries)}{hint}")
