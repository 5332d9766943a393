"""Writes the recording of a training while it runs: losses, scores and snapshots."""

import os
import platform
import subprocess
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from genmodels import device
from genmodels.config import UserError
from genmodels.datasets.base import Dataset, Source
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.models.base import Encodes, Model, Reconstructs, Samples
from genmodels.runs.status import Provenance, RunResult, RunStatus
from genmodels.store import Writer

N_SNAPSHOTS = 24
N_SAMPLES, N_SAMPLE_POINTS = 64, 1000  # a grid of pictures; a cloud of points
N_RECONSTRUCTIONS, N_CODES, N_REBUILT = 32, 500, 1000  # fixed test examples: shown, encoded, scored
N_TRAINING = 2000  # training examples that are scored as test examples are
LOG_DENSITIES = ("log_likelihood", "elbo", "reconstruction")  # losses and scores that depend on the units of the data
FLUSH_SECONDS = 0.4


def snapshot_steps(steps: int) -> list[int]:
    """Return the steps at which snapshots of a run are taken: the start, then log-spaced to the end, at most `N_SNAPSHOTS`."""
    return sorted({0} | {round(step) for step in np.geomspace(1, steps, N_SNAPSHOTS - 1)})


class Recorder:
    """Writes a growing recording: losses stay on the device until the next flush."""

    def __init__(self, title: str, steps: int, model: Model, data: Dataset, writer: Writer, cure: str):
        self.title, self.steps, self.cure = title, steps, cure  # what to do if the fit diverges
        self.model, self.data, self.writer = model, data, writer
        self.planned = snapshot_steps(steps)
        self.snapshot_steps: list[int] = []  # of the snapshots taken so far
        self.history: dict[str, list[float]] = {"step": []}
        # The data that the model scores at each snapshot. Losses of updates are of minibatches, with noise and dropout, and so are
        # not comparable with test scores; scores of as many training examples, taken in the same way, are.
        self.scored = {"training": in_place_of_test(data), "evaluation": data}
        self.scores: dict[str, dict[str, list[float]]] = {name: {"step": []} for name in self.scored}
        self.pending: list[tuple[int, Mapping[str, Tensor]]] = []
        self.seconds = 0.0  # of fitting alone, without snapshots
        self.step = 0
        self.resumed_at = self.flushed_at = time.perf_counter()

    def record_step(self, step: int, losses: Mapping[str, Tensor]) -> None:
        """Record the losses of one step of the fit; every `FLUSH_SECONDS` and at each snapshot, write the recording."""
        self.step = step
        if losses:
            self.pending.append((step, _in_data_units(losses, self.data.source)))
        is_due = [step] == self.planned[len(self.snapshot_steps) :][:1]
        if is_due or time.perf_counter() - self.flushed_at > FLUSH_SECONDS:
            self._flush()
            self.seconds += time.perf_counter() - self.resumed_at
            if is_due:
                self._snapshot(step)
            self.write_status("growing", step)
            self.resumed_at = self.flushed_at = time.perf_counter()

    def write_status(self, state: Literal["growing", "finished"], step: int) -> None:
        """Write the progress of the training, and at its end the last losses and scores and the provenance."""
        seconds, result = round(self.seconds, 3), self._result() if state == "finished" else None
        status = RunStatus(state, step / self.steps, step, self.steps, self.snapshot_steps, seconds, result)
        self.writer.json("status.json", asdict(status))

    def _result(self) -> RunResult:
        last = {
            name: {column: values[-1] for column, values in scores.items() if column != "step"}
            for name, scores in self.scores.items()
        }
        return RunResult(
            parameters=self.model.parameter_count(),
            final={name: values[-1] for name, values in self.history.items() if values},
            training=last["training"],
            test=last["evaluation"],
            provenance=provenance(self.data.device),
        )

    def _flush(self) -> None:
        if not self.pending:
            return
        names = list(self.pending[0][1])
        rows = torch.stack([torch.stack([losses[n].detach().float() for n in names]) for _, losses in self.pending])
        values = rows.cpu()
        if not bool(torch.isfinite(values).all()):
            row, at = (int(i) for i in (~torch.isfinite(values)).nonzero()[0])
            raise self._diverged(self.pending[row][0], names[at])
        self.history["step"] += [float(step) for step, _ in self.pending]
        for i, name in enumerate(names):
            self.history.setdefault(name, []).extend(values[:, i].tolist())
        self.pending.clear()
        self.writer.tensors("history.safetensors", {n: torch.tensor(v) for n, v in self.history.items()})

    def _diverged(self, step: int, name: str) -> UserError:
        return UserError(
            f"{self.title} diverged at step {step}: its {name} is no longer finite; lower the learning rate, or {self.cure}"
        )

    @torch.no_grad()
    def _snapshot(self, step: int) -> None:
        self.model.eval()
        self.writer.tensors(f"snapshots/{len(self.snapshot_steps):02d}.safetensors", snapshot(self.model, self.data))
        evaluations = {name: evaluate(self.model, data) for name, data in self.scored.items()}
        self.model.train()
        for name, scores in evaluations.items():
            self._add_scores(name, step, scores)
        self.snapshot_steps.append(step)

    def _add_scores(self, name: str, step: int, scores: Mapping[str, Tensor]) -> None:
        """Write the scores at a snapshot together with the earlier ones."""
        not_finite = [column for column, value in scores.items() if not torch.isfinite(value)]
        if not_finite:
            raise self._diverged(step, f"{'test' if name == 'evaluation' else name} {not_finite[0]}")
        if scores:
            columns = self.scores[name]
            columns["step"].append(float(step))
            for column, value in scores.items():
                columns.setdefault(column, []).append(float(value))
            self.writer.tensors(f"{name}.safetensors", {n: torch.tensor(v) for n, v in columns.items()})


def in_place_of_test(data: Dataset) -> Dataset:
    """Return the dataset with training examples in place of test examples: as many, and at most N_TRAINING."""
    first = slice(min(len(data.test), N_TRAINING))
    labels, attributes = data.train_labels, data.train_attributes
    return replace(
        data,
        test=data.train[first],
        test_labels=None if labels is None else labels[first],
        test_attributes=None if attributes is None else attributes[first],
    )


def snapshot(model: Model, data: Dataset) -> dict[str, Tensor]:
    """Return samples from fixed noise, the indices of their nearest training examples, and fixed test examples reconstructed."""
    tensors: dict[str, Tensor] = {}
    if isinstance(model, Samples):
        n = N_SAMPLES if data.source.is_image else N_SAMPLE_POINTS
        samples = model.sample(n, device.generator(data.device, 0, "snapshot noise"))
        tensors["samples"] = _pack(samples, data.source)
        if data.source.is_image:
            tensors["nearest"] = torch.cdist(samples.flatten(1), data.train.flatten(1)).argmin(1).int()
    if isinstance(model, Reconstructs):
        tensors["reconstructions"] = _pack(model.reconstruct(data.test[:N_RECONSTRUCTIONS]), data.source)
    if isinstance(model, Encodes):
        tensors["codes"] = model.encode(data.test[:N_CODES])
    return tensors


def evaluate(model: Model, data: Dataset) -> dict[str, Tensor]:
    """Return the model's own scores on the test set, and the root mean square error of its reconstructions if it has any."""
    scores = model.evaluate(data, device.generator(data.device, 0, "evaluate"))
    if isinstance(model, Reconstructs):
        x = data.test[:N_REBUILT]
        in_data = data.source.in_data
        scores["reconstruction_rmse"] = (in_data(model.reconstruct(x)) - in_data(x)).square().mean().sqrt()
    return _in_data_units(scores, data.source)


def _in_data_units(values: Mapping[str, Tensor], source: Source) -> dict[str, Tensor]:
    """Return losses or scores with those that are log-densities of examples in data units."""
    if not source.log_volume:
        return dict(values)
    return {name: value - source.log_volume if name in LOG_DENSITIES else value for name, value in values.items()}


def _pack(x: Tensor, source: Source) -> Tensor:
    """Return pictures as bytes, points as they are."""
    return to_bytes(x) if source.is_image else x.float()


@cache
def _commit() -> str:
    here = Path(__file__).resolve().parent
    try:
        result = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], cwd=here, capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return result.stdout.strip()


def provenance(where: torch.device) -> Provenance:
    """Return where, with what and when something was computed."""
    return Provenance(
        torch=torch.__version__,
        device=device.describe(where),
        kind=where.type,
        threads=torch.get_num_threads(),
        machine=platform.machine(),
        cores=os.cpu_count(),
        commit=_commit(),
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
    )
