"""The scores of one run: every row that its model can have, between the floor of real examples and the ceiling of noise.

A row without a number has a note with the reason. Besides: how samples fill the bins of the training set, which samples lie nearest
to it, and cheap scores of the samples in every snapshot.
"""

import math
from collections.abc import Generator, Iterator
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets, models
from genmodels.config import Config, UserError, knob
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.models.base import Model, Samples
from genmodels.progress import within
from genmodels.runs import Run, RunSpec, Spec
from genmodels.studies import features
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding
from genmodels.studies.findings import StudySpec
from genmodels.studies.scores import measures, reference, understanding
from genmodels.studies.scores.finding import OverTraining, ReferenceScores, RunName, Score, ScoreTable
from genmodels.studies.scores.measures import Readings, Replayed, Yardstick
from genmodels.studies.scores.pictures import bin_shares, nearest_pairs
from genmodels.studies.scores.rows import Row, rows

AT_ONCE = 500  # samples drawn between two yields


class ScoresConfig(Config):
    """How many examples are compared, and how exactly a bound is estimated."""

    n: int = knob(2000, "Examples of each kind, or as many as there are test examples.", ge=measures.LEAST, le=2000)
    codes: int = knob(50, "Codes drawn per test example for a bound of its likelihood.", ge=1, le=5000, log=True)


class Scores(Study):
    """All scores of one run."""

    name = "scores"
    title = "Scores"
    version = 4
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
        """Return the reference, and the net by whose features examples are compared."""
        dataset = self.one_dataset()
        return (reference.spec(dataset, self.settings.n), *features.needs(dataset))

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Score the model's samples, then what else it can do, then its snapshots."""
        (spec,) = self.runs
        run, data = context.run(spec), context.data(spec.dataset)
        yield 0.0
        floors = ReferenceScores.read(context.recording(reference.spec(spec.dataset, self.settings.n)))
        by = reference.yardstick(data, features.extractor(data, context.store), floors.bins, floors.n, context)
        readings, model = Readings(), context.model(spec)
        findings = yield from measured(model, by, self.settings.codes, readings)
        yield from within(0.6, 0.8, understanding.reconstruction(model, by, readings))
        for finding in [*findings, over_training(run, by)]:
            finding.write(context)
        yield 0.9
        readings.values |= {"seconds": run.status().seconds, "parameters": run.result().parameters}
        readings.values["megabytes"] = len(run.weights()) / 1e6
        table(run, floors, readings).write(context)
        yield 1.0


def spec(run: RunSpec, n: int = 2000) -> StudySpec:
    """Return the finding for a run."""
    return StudySpec.make("scores", [run], {"n": n})


def measured(model: Model, by: Yardstick, codes: int, readings: Readings) -> Generator[float, None, list[Finding]]:
    """Yield the progress from .1 to .6; score all that the model can do, return pictures of what samples leave out or copy."""
    findings: list[Finding] = []
    progress = 0.1
    for _ in _measuring(model, by, codes, readings, findings):
        progress += (0.6 - progress) / 20  # how many rows there will be is not known
        yield progress
    return findings


def _measuring(model: Model, by: Yardstick, codes: int, readings: Readings, findings: list[Finding]) -> Iterator[None]:
    if isinstance(model, Samples):
        yield from _samples(model, by, readings, findings)
    else:
        groups = ("both", "fidelity", "variety", "copying")
        readings.leave_out(_names(*groups), f"cannot sample: {model.samples_are()}")
    yield from understanding.likelihoods(model, by, codes, readings)
    yield from understanding.codes(model, by, readings)
    understanding.path_length(model, by, readings)
    yield


def _samples(model: Model, by: Yardstick, readings: Readings, findings: list[Finding]) -> Iterator[None]:
    """Score as many samples as there are test examples."""
    assert isinstance(model, Samples)
    batches: list[Tensor] = []
    rng = by.rng("scored samples")
    for start in range(0, by.n, AT_ONCE):
        batches.append(model.sample(min(AT_ONCE, by.n - start), rng))
        yield
    x = torch.cat(batches)
    if not bool(torch.isfinite(x).all()):
        readings.leave_out(_names("both", "fidelity", "variety"), "some samples are not finite")
        return
    yield from measures.against_test(x, by, readings)
    findings.append(bin_shares(x, measures.against_train(x, by, readings), by))
    yield
    if by.data.source.is_image:
        findings.append(nearest_pairs(x[: reference.STRIP_OF], by.data))
        yield
    understanding.divergence(model, x, by, readings)


def _names(*groups: str) -> list[str]:
    return [row.name for row in rows().values() if row.group in groups]


def table(run: Run, floors: ReferenceScores, readings: Readings) -> ScoreTable:
    """Return the rows that this dataset or this model has."""
    spec = run.spec
    scores = [_score(row, floors, readings) for row in rows().values()]
    name = RunName(spec.key, spec.dataset, spec.model, spec.seed)
    return ScoreTable(name, floors.n, floors.features, [score for score in scores if score])


def _score(row: Row, floors: ReferenceScores, readings: Readings) -> Score | None:
    """Return a row between floor and ceiling; None for a question that this dataset does not pose."""
    number, note = readings.values.get(row.name), readings.notes.get(row.name, "")
    floor, value, ceiling = floors.floor.get(row.name), _finite(number), floors.ceiling.get(row.name)
    if value is None and number is not None:
        note = f"its value is not finite: {number}"
    if value is None and floor is None and ceiling is None and row.group not in ("latent", "cost"):
        return None
    if row.name == "knn" and value is None and not note:
        return None
    low, mean, high = (min(floor), sum(floor) / len(floor), max(floor)) if floor else (None, None, None)
    return Score(row.name, mean, low, high, value, ceiling, note)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def over_training(run: Run, by: Yardstick) -> OverTraining:
    """Return cheap scores of the samples in every snapshot, and the recorded errors of reconstruction."""
    status, replayed = run.status(), Replayed(by, reference.snapshot_size(by.data))
    scores: dict[str, list[float | None]] = {}
    n = 0
    for index in range(len(status.snapshot_steps)):
        samples = run.snapshot(index).get("samples")
        if samples is None:
            break
        n = len(samples)
        x = samples.to(by.test.device)
        for name, value in replayed(by.extract(from_bytes(x) if by.data.source.is_image else x)).items():
            scores.setdefault(name, []).append(_finite(value))
    errors = run.columns("evaluation").get("reconstruction_rmse")
    if errors is not None:
        scores["reconstruction"] = [float(error) for error in errors]
    return OverTraining(status.snapshot_steps, status.steps, n, scores, replayed.of_real())
