"""What runs of one model differ in, in words and numbers: their settings, then every score that each of them has."""

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import torch

from genmodels import datasets
from genmodels.config import UserError
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.metrics.modes import mode_coverage
from genmodels.metrics.sharpness import gradient_energy, sharpness
from genmodels.runs import Run, RunSpec
from genmodels.views.names import differing, distinctions, inline

MINUS = "\u2212"
CPU = torch.device("cpu")
EMPTY = 0.1  # nats of KL, below which a code tells next to nothing
DENSITIES = ("elbo", "reconstruction")  # those of pixels as Bernoulli shares compare with no density


@dataclass(frozen=True)
class Quantity:
    """A score of several runs, as it is written: differences are those of the rounded values."""

    name: str
    values: tuple[float, ...]
    places: int
    unit: str = ""
    note: str = ""
    errors: tuple[float, ...] = ()  # standard errors, where examples of each value vary independently

    def text(self, value: float) -> str:
        """Return a value as it is written."""
        return f"{round(value, self.places) + 0.0:.{self.places}f}".replace("-", MINUS)  # + 0.0: zero has no sign

    def is_chance(self) -> bool:
        """Whether two values are no more apart than two standard errors of their difference."""
        return bool(self.errors) and abs(self.values[1] - self.values[0]) <= 2 * math.hypot(*self.errors)

    def change(self) -> str:
        """Return how it changes from the first run to the second, with sign and unit."""
        first, second = map(self.text, self.values)
        change = round(round(self.values[1], self.places) - round(self.values[0], self.places), self.places)
        if not change:
            return f"{self.name} {first}{self.unit} in both"
        if self.is_chance():
            return f"{self.name} {first} and {second}{self.unit}, no more apart than samples vary"
        return f"{self.name} {'+' * (change > 0)}{self.text(change)}{self.unit} ({first} → {second}{self.note})"

    def series(self) -> str:
        """Return its values, one a run."""
        return f"{self.name} {', '.join(map(self.text, self.values))}{self.unit}"


def of_one_model(runs: Sequence[Run]) -> list[tuple[Run, ...]]:
    """Return the runs of each model that has two or more."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.spec.model, []).append(run)
    return [tuple(group) for group in groups.values() if len(group) > 1]


@lru_cache(64)
def sentence(runs: tuple[Run, ...], ratios: tuple[float | None, ...]) -> str:
    """Return what runs of one model differ in, the latest first; with Fréchet ratios of those for which a study has found it."""
    order = _order([run.spec for run in runs])
    runs, ratios = tuple(runs[i] for i in order), tuple(ratios[i] for i in order)
    specs = tuple(run.spec for run in runs)
    names, scores = distinctions(specs), quantities(runs, ratios)
    title = inline(specs[0].kind.title)
    if len(runs) == 2:
        head = f"From {names[0]} to {names[1]} the {title} changes so: {', '.join(score.change() for score in scores)}."
    else:
        head = f"With {'; '.join(names)} the {title} reads: {'; '.join(score.series() for score in scores)}."
    return f"{head}{_empty_codes(names, scores)} {_basis(specs)}"


def _order(specs: Sequence[RunSpec]) -> list[int]:
    """Return the places of runs by the one number in which they differ; else the latest, which comes first, at the end."""
    settings = differing(specs)
    values = [getattr(spec.settings, settings[0]) for spec in specs] if len(settings) == 1 else []
    if values and all(isinstance(value, int | float) for value in values):
        return sorted(range(len(specs)), key=values.__getitem__)
    return list(range(len(specs)))[::-1]


def _empty_codes(names: Sequence[str], scores: Sequence[Quantity]) -> str:
    """Return which runs have a code without content, where another's has some: the mutual information is at most the KL."""
    kl = next((quantity for quantity in scores if quantity.name == "KL"), None)
    if kl is None or max(kl.values) < EMPTY:
        return ""
    empty = [name for name, value in zip(names, kl.values, strict=True) if value < EMPTY]
    return f" At {' and '.join(empty)} the code tells next to nothing of x: at most the KL." if empty else ""


def _basis(specs: Sequence[RunSpec]) -> str:
    if len({spec.settings for spec in specs}) == 1:
        return "Means over the test part; the settings are equal: this is what the seed does."
    return "Means over the test part; one seed each, so what is small may be chance."


def quantities(runs: Sequence[Run], ratios: Sequence[float | None]) -> list[Quantity]:
    """Return the scores that all of these runs have: the model's own, the error of reconstructions, those of samples."""
    known = tuple(ratio for ratio in ratios if ratio is not None)
    ratio = [Quantity("Fréchet ratio", known, 2, note="; real is 1")] if len(known) == len(runs) else []
    return [*_own(runs), *_errors(runs), *_of_samples(runs), *ratio]


def _own(runs: Sequence[Run]) -> list[Quantity]:
    """Return the model's losses as scored on test examples."""
    tests, bernoulli = [run.result().test for run in runs], {_is_bernoulli(run.spec) for run in runs}
    left_out = DENSITIES if len(bernoulli) > 1 else ()
    scores = []
    for curve in runs[0].spec.kind.curves:
        if curve.column not in left_out and all(curve.column in test for test in tests):
            nats = curve.unit.startswith("nats")
            values = tuple(test[curve.column] for test in tests)
            scores.append(Quantity(curve.label, values, 2 if nats else 3, " nats" * nats))
    return scores


def _is_bernoulli(spec: RunSpec) -> bool:
    return getattr(spec.settings, "likelihood", "") == "bernoulli"


def _errors(runs: Sequence[Run]) -> list[Quantity]:
    errors = tuple(test["reconstruction_rmse"] for run in runs if "reconstruction_rmse" in (test := run.result().test))
    return [Quantity("reconstruction error", errors, 3, " RMSE")] if len(errors) == len(runs) else []


def _of_samples(runs: Sequence[Run]) -> list[Quantity]:
    """Return what the samples of the last snapshots read, with standard errors over the samples."""
    readings = [reading for run in runs if (reading := _reading(run))]
    if len(readings) < len(runs):
        return []
    values, errors = (tuple(column) for column in zip(*readings, strict=True))
    if runs[0].spec.source.is_image:
        return [Quantity("sharpness of samples", values, 2, note="; real is 1", errors=errors)]
    return [Quantity("samples on a mode", values, 1, " %", note="; true: 98.9 %", errors=errors)]


def _reading(run: Run) -> tuple[float, float] | None:
    """Return sharpness, or for points the percentage within three standard deviations of a mode, and its standard error."""
    samples, data = run.snapshot(len(run.status().snapshot_steps) - 1).get("samples"), datasets.load(run.spec.dataset, CPU)
    if samples is None:
        return None
    with contextlib.suppress(UserError):  # samples that are NaN, or no pictures
        if data.source.is_image:
            pictures = from_bytes(samples)
            value, each = sharpness(pictures, data.test), torch.stack([gradient_energy(picture[None]) for picture in pictures])
            return value, value * float(each.std() / each.mean()) / math.sqrt(len(each))
        if data.source.modes is not None and data.source.mode_std is not None:
            share = mode_coverage(samples, data.source.modes, data.source.mode_std).high_quality
            return 100 * share, 100 * math.sqrt(share * (1 - share) / len(samples))
    return None
