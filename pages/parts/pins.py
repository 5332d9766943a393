"""Pinned runs as parts of an address: `pin1=vae&pin1.beta=0.1&pin1.seed=3`, without what is as usual."""

from collections.abc import Iterable, Mapping
from typing import Any

from genmodels.config import Knob
from genmodels.runs import RunSpec
from pages.parts.address import Reader


def names(n: int) -> list[str]:
    """Return what an address calls the first n pins."""
    return [f"pin{i + 1}" for i in range(n)]


def parts(pins: Iterable[RunSpec], knobs: Mapping[str, Knob]) -> dict[str, Any]:
    """Return the parts of an address for these runs; `knobs` declare the usual budget and seed."""
    pins = list(pins)
    return {key: value for name, pin in zip(names(len(pins)), pins, strict=True) for key, value in _parts(name, pin, knobs).items()}


def _parts(name: str, pin: RunSpec, knobs: Mapping[str, Knob]) -> dict[str, Any]:
    budget = pin.budget
    origin = {"budget": budget, "seed": pin.seed}
    values = {key: value for key, value in origin.items() if value != knobs[key].default} | pin.changed_from(budget)
    return {name: pin.model} | {f"{name}.{key}": value for key, value in values.items()}


def read(reader: Reader, dataset: str, limit: int, knobs: Mapping[str, Knob]) -> list[RunSpec]:
    """Return the first `limit` pinned runs of an address, each once, as far as their parts are valid."""
    pins = [_read(reader, dataset, name, knobs) for name in names(limit) if name in reader.parts]
    return list(dict.fromkeys(pin for pin in pins if pin))


def _read(reader: Reader, dataset: str, name: str, knobs: Mapping[str, Knob]) -> RunSpec | None:
    """Return one pinned run; None, with one notice, where its model is none of this dataset."""
    budget = reader.option(f"{name}.budget", knobs["budget"])
    seed = reader.number(f"{name}.seed", knobs["seed"])
    model, settings = reader.parts.pop(name), reader.group(name)
    with reader.noting(f"The link's {name} was left out: "):
        return with_texts(reader, name, RunSpec.make(dataset, model, None, seed, budget), settings)
    return None


def with_texts(reader: Reader, name: str, spec: RunSpec, values: Mapping[str, str]) -> RunSpec:
    """Return the run with settings of the address's part `name`, each checked together with those before it."""
    for setting, value in values.items():
        with reader.noting(f"The link's {name}.{setting[:20]} was left out. "):
            spec = RunSpec.make(spec.dataset, spec.model, {**spec.settings.model_dump(), setting: value}, spec.seed)
    return spec
