"""What the benchmarks share: trainings side by side, one thread each, and the line that says where and when."""

import multiprocessing
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import torch

from genmodels import datasets, device
from genmodels.config import Budget
from genmodels.datasets.base import Dataset
from genmodels.models.base import Model
from genmodels.runs import RunSpec

Job, Answer = TypeVar("Job"), TypeVar("Answer")


def machine() -> str:
    """Return machine, torch and day in one line, as it belongs under every table."""
    return (
        f"{device.describe(device.choose_device())}, {platform.machine()}, torch {torch.__version__}, {datetime.now(UTC):%Y-%m-%d}"
    )


def trained(
    dataset: str, model: str, budget: Budget, seed: int, settings: Mapping[str, Any] | None = None, tuning: bool = False
) -> tuple[Model, Dataset, float]:
    """Train a preset as a run does, without its photographs; return the model, its data and the seconds of processor time.

    For `tuning`, what settings are chosen by, a part of the training set takes the place of the test set.
    """
    data = datasets.load(dataset, device.choose_device())
    data = data.for_tuning() if tuning else data
    fresh, seconds = fitted(RunSpec.make(dataset, model, settings, seed, budget), data)
    return fresh, data, seconds


def fitted(spec: RunSpec, data: Dataset) -> tuple[Model, float]:
    """Return the model of a spec, fitted to this data, and the seconds of processor time that it took."""
    device.limit_threads()
    model = spec.kind(spec.settings, spec.source.shape).to(data.device)
    begun = time.process_time()
    for _ in model.fit(data, device.generator(data.device, spec.seed, "fit")):
        pass
    return model.eval().requires_grad_(False), time.process_time() - begun


def side_by_side(work: Callable[[Job], Answer], jobs: Iterable[Job], processes: int | None = None) -> Iterator[Answer]:
    """Yield `work(job)` for each job, in order, on as many processes as there are cores."""
    with multiprocessing.get_context("spawn").Pool(processes or os.cpu_count(), maxtasksperchild=1) as pool:
        yield from pool.imap(work, jobs)
