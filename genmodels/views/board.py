"""The comparison of runs as data for the browser: one column a run, computed once for all viewers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from genmodels import datasets
from genmodels.config import Knob, UserError, number_text
from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.metrics.modes import mode_coverage
from genmodels.metrics.sharpness import sharpness
from genmodels.models.base import ExactLogProb, Model, Reconstructs, Samples
from genmodels.runs import Run, RunSpec
from genmodels.runs.recorder import N_RECONSTRUCTIONS, N_SAMPLE_POINTS
from genmodels.runs.status import RunResult, RunStatus
from genmodels.views import tiles
from genmodels.views.names import distinctions, inline

N_BINS = 160  # points of a curve, at most: each the mean over a part of the training
DASH = "—"  # in place of a number that a model does not have
MARGIN = 0.08  # around points, as a part of their extent
CPU = torch.device("cpu")
FRAME = ("samples", "reconstructions")  # tensors of a snapshot that are shown


@dataclass(frozen=True)
class Fact:
    """One measured line under a column; `value` is a dash where the model does not have it."""

    name: str
    value: str
    note: str = ""
    number: float | None = None  # the value as a number, for sentences


@lru_cache(maxsize=16)
def scene(dataset: str) -> dict[str, Any]:
    """Return what all columns share: the shape, the test examples that are rebuilt, and for points the box and the real points."""
    data = datasets.load(dataset, CPU)
    payload: dict[str, Any] = {"image": data.source.is_image, "ink": data.source.ink, "shape": list(data.source.shape)}
    if data.source.is_image:
        return payload | {"originals": tiles.images_url(data.test[:N_RECONSTRUCTIONS])}
    low, high = _box(data)
    return payload | {
        "low": low.tolist(),
        "high": high.tolist(),
        "real": tiles.points_text(data.test[:N_SAMPLE_POINTS], low, high),
        "originals": tiles.points_text(data.test[:N_RECONSTRUCTIONS], low, high),
    }


@lru_cache(maxsize=64)
def heading(spec: RunSpec) -> dict[str, Any]:
    """Return the part of a column that does not depend on the training."""
    kind = spec.kind
    model = kind(spec.settings, spec.source.shape)
    return {
        "key": spec.key,
        "model": kind.name,
        "title": kind.title,
        "summary": model.summary(),
        "knobs": front_knobs(spec),
        "samplesNote": model.samples_are(),
        "canSample": issubclass(kind, Samples),
        "reconstructedNote": kind.reconstruct_note,
        "canReconstruct": issubclass(kind, Reconstructs),
        "marks": [],
        "frames": [],
        "charts": [],
        "facts": [],
        "provenance": "",
    }


def front_knobs(spec: RunSpec) -> list[dict[str, Any]]:
    """Return the telling knobs of a run, with all that each offers and the place of its value among that."""
    values = spec.settings.model_dump()
    preset = spec.preset(spec.budget)
    return [_front_knob(knob, values[name], preset[name]) for name, knob in spec.settings.knobs().items() if knob.front]


def _front_knob(knob: Knob, value: Any, preset: Any) -> dict[str, Any]:
    scale = knob.scale((value, preset))
    return {
        "name": knob.name,
        "label": knob.label,
        "help": f"{knob.help} Usually {number_text(preset)}.",
        "choice": knob.kind in ("choice", "bool"),
        "values": scale,
        "texts": [number_text(each) for each in scale],
        "index": scale.index(value),
    }


def column(run: Run, nearest: bool) -> dict[str, Any]:
    """Return the column of a run: all frames if it is finished, only the newest while it grows."""
    version = run.recording.changed("status.json")
    return _column(run, nearest, version)


@lru_cache(maxsize=64)
def _column(run: Run, nearest: bool, version: int) -> dict[str, Any]:
    status = run.status()
    result, steps = status.result, status.snapshot_steps
    indices = range(len(steps)) if result else range(max(0, len(steps) - 1), len(steps))
    data = datasets.load(run.spec.dataset, CPU)
    return heading(run.spec) | {
        "step": status.step,
        "steps": status.steps,
        "marks": [steps[i] for i in indices],
        "frames": [_frame(run.snapshot(i), data, nearest) for i in indices],
        "charts": charts(run, status.steps),
        "facts": [fact.__dict__ for fact in facts(run)] if result else [],
        "provenance": _provenance(status, result) if result else "",
    }


def _frame(snapshot: Mapping[str, Tensor], data: Dataset, nearest: bool) -> dict[str, str]:
    if not data.source.is_image:
        low, high = _box(data)
        return {name: tiles.points_text(snapshot[name], low, high) for name in FRAME if name in snapshot}
    frame = {name: tiles.images_url(snapshot[name]) for name in FRAME if name in snapshot}
    if nearest and "nearest" in snapshot:
        frame["nearest"] = tiles.images_url(data.train[snapshot["nearest"].long()])
    return frame


def charts(run: Run, steps: int) -> list[dict[str, Any]]:
    """Return the run's curves against its progress, one chart a unit.

    A loss with test scores, circles, has the training scores of the same snapshots as its line, and behind it, faint, the losses
    of the updates, which are of minibatches and with noise. For other losses these are the line.
    """
    history, training, test = (run.columns(name) for name in ("history", "training", "evaluation"))
    units: dict[str, dict[str, Any]] = {}
    for curve in run.spec.kind.curves:
        if curve.column not in history:
            continue
        chart = units.setdefault(curve.unit, {"unit": curve.unit, "log": curve.log, "lines": []})
        losses = _binned(history["step"] / steps, history[curve.column])
        scored = curve.column in training
        x, y = _at_snapshots(training, curve.column, steps) if scored else losses
        batch_x, batch_y = losses if scored else ([], [])
        test_x, test_y = _at_snapshots(test, curve.column, steps)
        line = {"label": curve.label, "dashed": curve.dashed, "x": x, "y": y, "batchX": batch_x, "batchY": batch_y}
        chart["lines"].append(line | {"testX": test_x, "testY": test_y})
    return list(units.values())


def _at_snapshots(scores: Mapping[str, np.ndarray], column: str, steps: int) -> tuple[list[float], list[float]]:
    return (_round(scores["step"] / steps), _round(scores[column])) if column in scores else ([], [])


def _binned(x: np.ndarray, y: np.ndarray) -> tuple[list[float], list[float]]:
    """Return the means of x and y over at most N_BINS equal parts of the sequence."""
    if len(x) <= N_BINS:
        return _round(x), _round(y)
    bins = np.array_split(np.arange(len(x)), N_BINS)
    return _round(np.array([x[b].mean() for b in bins])), _round(np.array([y[b].mean() for b in bins]))


def _round(values: np.ndarray) -> list[float]:
    return [float(f"{v:.4g}") for v in values]


def facts(run: Run) -> list[Fact]:
    """Return the measured lines of a finished run, on test examples and on the samples of its last snapshot."""
    test, data, kind = run.result().test, datasets.load(run.spec.dataset, CPU), run.spec.kind
    lines = [
        _likelihood(kind, run.spec.settings, test),
        _number("reconstruction error", test.get("reconstruction_rmse"), 3, "RMSE, test"),
    ]
    samples = run.snapshot(len(run.status().snapshot_steps) - 1).get("samples")
    if data.source.is_image:
        lines.append(_sharpness(samples, data.test))
    elif data.source.modes is not None and data.source.mode_std is not None:
        lines.append(_modes(samples, data.source.modes, data.source.mode_std))
    return lines


def _number(name: str, number: float | None, places: int, note: str) -> Fact:
    return Fact(name, DASH, "cannot") if number is None else Fact(name, f"{number:.{places}f}", note, number)


def _sharpness(samples: Tensor | None, real: Tensor) -> Fact:
    try:
        value = None if samples is None else sharpness(from_bytes(samples), real)
    except UserError:  # uniform pictures, or NaN
        return Fact("sharpness", DASH, "cannot be measured")
    return _number("sharpness", value, 2, "of its samples; real is 1")


def _likelihood(kind: type[Model], settings: Any, test: Mapping[str, float]) -> Fact:
    if issubclass(kind, ExactLogProb):
        return _number("log p(x)", test["log_likelihood"], 2, "nats, test, exact")
    if "elbo" not in test:
        return Fact("log p(x)", DASH, "unknown to it")
    bernoulli = getattr(settings, "likelihood", "") == "bernoulli"
    note = "nats, test, Bernoulli: not comparable with a density" if bernoulli else "nats, test, ELBO"
    return Fact("log p(x)", f"≥ {test['elbo']:.2f}", note, test["elbo"])


def _modes(samples: Tensor | None, modes: Tensor, std: float) -> Fact:
    if samples is None:
        return Fact("modes found", DASH, "cannot")
    try:
        coverage = mode_coverage(samples, modes, std)
    except UserError:  # samples that are NaN
        return Fact("modes found", DASH, "cannot be measured")
    note = f"{coverage.high_quality:.0%} of samples within 3 std of one (true: 99%)"
    return Fact("modes found", f"{coverage.captured} of {coverage.total}", note, coverage.high_quality)


def _provenance(status: RunStatus, result: RunResult) -> str:
    origin = result.provenance
    return (
        f"{status.step:,} updates · {result.parameters:,} parameters · {status.seconds:.1f} s on {origin.device}, "
        f"torch {origin.torch.partition('+')[0]} · {origin.finished[:16].replace('T', ' ')} UTC"
    )


def sentence(runs: list[Run]) -> str:
    """Return the trade-off in one sentence, from the numbers of finished runs."""
    titles = _titles([run.spec for run in runs])
    lines = {title: {fact.name: fact for fact in facts(run)} for title, run in zip(titles, runs, strict=True)}

    def numbers(name: str) -> dict[str, float]:
        values = {title: by_name[name].number for title, by_name in lines.items() if name in by_name}
        return {title: value for title, value in values.items() if value is not None}

    parts = []
    if errors := numbers("reconstruction error"):
        invertible = {title for title, run in zip(titles, runs, strict=True) if run.spec.kind.invertible} & set(errors)
        if ranked := {title: value for title, value in errors.items() if title not in invertible}:
            best = min(ranked, key=lambda title: ranked[title])
            parts.append(f"the {best} reconstructs held-out examples best (RMSE {ranked[best]:.3f})")
        parts += [f"{title} is invertible and so rebuilds anything (RMSE {errors[title]:.3f})" for title in sorted(invertible)]
    if len(sharp := numbers("sharpness")) > 1:
        nearest = min(sharp, key=lambda title: abs(np.log(max(sharp[title], 1e-6))))
        others = ", ".join(f"{title} {value:.2f}" for title, value in sharp.items() if title != nearest)
        parts.append(f"the {nearest}'s samples come nearest to real sharpness ({sharp[nearest]:.2f}; {others})")
    if modes := numbers("modes found"):
        parts.append("on a mode lie " + ", ".join(f"{share:.0%} of the {title}'s samples" for title, share in modes.items()))
    exact = [title for title, by_name in lines.items() if "exact" in by_name["log p(x)"].note]
    if exact:
        which = " and the ".join(exact)
        only, know = "only " * (len(exact) < len(lines)), "knows its" if len(exact) == 1 else "know their"
        parts.append(f"{only}the {which} {know} likelihood exactly")
    if len(parts) > 1:
        parts[-1] = "and " + parts[-1]
    return f"Here {', '.join(parts)}." if parts else ""


def _titles(specs: Sequence[RunSpec]) -> list[str]:
    """Return what each run is called within a sentence; of several runs of one model, with what they differ in."""
    titles = {}
    for model in {spec.model for spec in specs}:
        like = tuple(spec for spec in specs if spec.model == model)
        for spec, words in zip(like, distinctions(like), strict=True):
            titles[spec] = inline(spec.kind.title) + (f" ({words})" if words else "")
    return [titles[spec] for spec in specs]


def _box(data: Dataset) -> tuple[Tensor, Tensor]:
    """Return the corners of a square around the training points."""
    low, high = data.train.amin(0), data.train.amax(0)
    centre, half = (low + high) / 2, float((high - low).max()) / 2 * (1 + 2 * MARGIN)
    return centre - half, centre + half
