"""The scores of one run: every line that its model can have, between what other real examples and what noise read.

Samples are as many as test examples, at most 2,000; what cannot be has no number but a note. Beside them: which parts of the data
are missing, which samples lie nearest to the training set, and cheap scores of the recorded samples at every snapshot.
"""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets, models
from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import from_bytes, to_bytes
from genmodels.metrics.bins import BinScores, compare_counts
from genmodels.models.base import Model, Samples
from genmodels.progress import within
from genmodels.runs import Run, RunSpec, Spec
from genmodels.studies import features
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.findings import StudySpec
from genmodels.studies.scores import measures, reference, understanding
from genmodels.studies.scores.lines import rows
from genmodels.studies.scores.measures import Replayed, Values, Yardstick

AT_ONCE = 500  # samples drawn between two signs of life
SHOWN_BINS, PER_BIN, STRIP = 6, 4, 12  # bins shown as missing and as overdone, pictures of each; nearest pairs


class ScoresConfig(Config):
    """How many examples are compared, and how exactly a bound is estimated."""

    n: int = knob(2000, "Examples of each kind, or as many as there are test examples.", ge=measures.LEAST, le=2000)
    codes: int = knob(50, "Codes drawn per test example for a bound of its likelihood.", ge=1, le=5000, log=True)


class Scores(Study):
    """All scores of one run."""

    name = "scores"
    title = "Scores"
    version = 3
    Settings = ScoresConfig
    seconds = 8.0
    settings: ScoresConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return what the page opens with."""
        return [([RunSpec.make(datasets.OPENING, model)], {}) for model in models.OPENING]

    def check(self) -> None:
        """Refuse anything but one run."""
        if len(self.runs) != 1:
            raise UserError(f"scores are of one run, got {len(self.runs)}: ask for each alone")

    def needs(self) -> tuple[Spec, ...]:
        """Return floors and ceilings, and the net by whose features examples are compared."""
        dataset = self.one_dataset()
        return (reference.spec(dataset, self.settings.n), *features.needs(dataset))

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Measure the model's samples, then what else it can do, then its snapshots."""
        (spec,) = self.runs
        run, data = context.run(spec), context.data(spec.dataset)
        yield 0.0
        between = context.recording(reference.spec(spec.dataset, self.settings.n))
        extract = features.extractor(data, context.store)
        bins = reference.bins_of(between, context.where)
        by = reference.yardstick(data, extract, bins, between.json("reference.json")["n"], context)
        values: Values = {}
        notes: dict[str, str] = {}
        model, share = context.model(spec), 0.1
        for _ in measured(model, by, self.settings.codes, context, values, notes):
            share += (0.6 - share) / 20
            yield share
        yield from within(0.6, 0.8, understanding.reconstruction(model, by, values, notes))
        context.json("over_training.json", _over_training(run, by))
        yield 0.9
        values |= {"seconds": run.status()["seconds"], "parameters": run.status()["parameters"]}
        values["megabytes"] = len(run.recording.read("model.safetensors")) / 1e6
        context.json("scores.json", _sheet(run, between.json("reference.json"), values, notes))
        yield 1.0


def spec(run: RunSpec, n: int = 2000) -> StudySpec:
    """Return the finding for a run."""
    return StudySpec.make("scores", [run], {"n": n})


def measured(
    model: Model, by: Yardstick, codes: int, context: StudyContext, values: Values, notes: dict[str, str]
) -> Iterator[None]:
    """Measure all that the model can do, and write the pictures of what it leaves out and of what it may have copied."""
    if isinstance(model, Samples):
        drawn: list[Tensor] = []
        rng = by.rng("scored samples")
        for start in range(0, by.n, AT_ONCE):
            drawn.append(model.sample(min(AT_ONCE, by.n - start), rng))
            yield
        x = torch.cat(drawn)
        if bool(torch.isfinite(x).all()):
            yield from measures.against_test(x, by, values, notes)
            _show_bins(x, measures.against_train(x, by, values, notes), by, context)
            yield
            if by.data.source.is_image:
                _show_nearest(x[: reference.STRIP_OF], by.data, context)
                yield
            understanding.divergence(model, x, by, values, notes)
        else:
            notes |= {row.name: "some samples are not finite" for row in rows() if row.group in ("both", "fidelity", "variety")}
    else:
        why = f"cannot sample: {model.samples_are()}"
        notes |= {row.name: why for row in rows() if row.group in ("both", "fidelity", "variety", "copying")}
    yield from understanding.likelihoods(model, by, codes, values, notes)
    yield from understanding.codes(model, by, values, notes)
    understanding.path_length(model, by, values, notes)
    yield


def _sheet(run: Run, between: dict[str, Any], values: Values, notes: dict[str, str]) -> dict[str, Any]:
    """Return the lines that this dataset or this model has, each with floor, value and ceiling; None is a dash."""
    lines = []
    for row in rows():
        floor, value, ceiling = between["floor"].get(row.name), _finite(values.get(row.name)), between["ceiling"].get(row.name)
        if value is None and row.name in values:
            notes[row.name] = f"its value is not finite: {values[row.name]}"
        if value is None and floor is None and ceiling is None and row.group not in ("latent", "cost"):
            continue  # a question that this dataset does not pose
        if row.name == "knn" and value is None and row.name not in notes:
            continue
        lines.append(
            {
                "name": row.name,
                "floor": _mean(floor),
                "floor_low": min(floor) if floor else None,
                "floor_high": max(floor) if floor else None,
                "value": value,
                "ceiling": ceiling,
                "note": notes.get(row.name, ""),
            }
        )
    return {
        "run": {"key": run.spec.key, "dataset": run.spec.dataset, "model": run.spec.model, "seed": run.spec.seed},
        "n": between["n"],
        "features": between["features"],
        "rows": lines,
    }


def _mean(values: list[float] | None) -> float | None:
    return sum(values) / len(values) if values else None


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _over_training(run: Run, by: Yardstick) -> dict[str, Any]:
    """Return cheap scores of the recorded samples at every mark, and the recorded errors of reconstruction."""
    status, replayed = run.status(), Replayed(by, reference.snapshot_size(by.data))
    marks: list[int] = status["snapshot_steps"]
    found: dict[str, list[float | None]] = {}
    n = 0
    for index in range(len(marks)):
        samples = run.snapshot(index).get("samples")
        if samples is None:
            break
        n = len(samples)
        x = samples.to(by.test.device)
        for name, value in replayed(by.extract(from_bytes(x) if by.data.source.is_image else x)).items():
            found.setdefault(name, []).append(_finite(value))
    errors = run.columns("evaluation").get("reconstruction_rmse")
    if errors is not None:
        found["reconstruction"] = [float(error) for error in errors]
    return {"step": marks, "steps": status["steps"], "n": n, "scores": found, "floor": replayed.of_real()}


def _show_bins(x: Tensor, filled: BinScores, by: Yardstick, context: StudyContext) -> None:
    """Write the bins: how they are filled, and examples of those that the samples leave out and of those that they overdo."""
    order = filled.z.argsort(stable=True)
    rare = [int(i) for i in order if filled.rare()[i]][:SHOWN_BINS]
    frequent = [int(i) for i in order.flip(0) if filled.frequent()[i]][:SHOWN_BINS]
    context.json(
        "bins.json",
        {
            "expected": filled.expected.tolist(),
            "observed": filled.observed.tolist(),
            "z": filled.z.tolist(),
            "rare": rare,
            "frequent": frequent,
        }
        | ({} if by.data.source.is_image else {"places": _places(x, filled, by)}),
    )
    pictures = {"centres": by.bins.centres.float()}
    if by.data.source.is_image:
        for name, bins, examples in (("rare", rare, by.data.train), ("frequent", frequent, x)):
            if bins:
                pictures[name] = to_bytes(torch.stack([_of_bin(examples, by, index) for index in bins]))  # (B, P, *shape)
    context.tensors("bins.safetensors", pictures)


def _places(x: Tensor, filled: BinScores, by: Yardstick) -> dict[str, Any]:
    """Return where points are too rare or too many: around each mode where modes are known, else in each bin."""
    centres, kind, modes = by.bins.centres, "bin", by.data.source.modes
    if modes is not None:
        centres, kind = modes.to(x.device).double(), "mode"
        train, samples = (torch.cdist(points.double(), centres).argmin(1) for points in (by.data.train, x))
        filled = compare_counts(*(torch.bincount(which, minlength=len(centres)) for which in (train, samples)))
    shares = {"expected": filled.expected.tolist(), "observed": filled.observed.tolist(), "z": filled.z.tolist()}
    return {"kind": kind, "x": centres[:, 0].tolist(), "y": centres[:, 1].tolist(), **shares}


def _of_bin(examples: Tensor, by: Yardstick, index: int) -> Tensor:
    """Return the examples of a bin nearest to its centre; where there are fewer than are shown, the last again."""
    inside = examples[by.bins.assign(examples) == index]
    distance = (inside.double() - by.bins.centres[index]).flatten(1).norm(dim=1)
    return inside[distance.argsort(stable=True)][torch.arange(PER_BIN, device=inside.device).clamp(max=len(inside) - 1)]


def _show_nearest(x: Tensor, data: Dataset, context: StudyContext) -> None:
    """Write the samples that lie nearest to the training set, each with its nearest training picture, and all distances."""
    distance, which, order = reference.nearest(data, x)
    context.json("nearest.json", {"distance": distance.tolist()})
    shown = {"samples": to_bytes(x[order[:STRIP]]), "training": to_bytes(data.train[which[:STRIP]])}
    context.tensors("nearest.safetensors", shown)
