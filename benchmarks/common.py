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
    dataset: str, model: str, budget: Budget, seed: int, settings: Mapping[str, Any] | None = None
) -> tuple[Model, Dataset, float]:
    """Train a preset as a run does, without its photographs; return the model, its data and the seconds of processor time."""
    device.limit_threads()
    where = device.choose_device()
    spec, data = RunSpec.make(dataset, model, settings, seed, budget), datasets.load(dataset, where)
    fresh = spec.kind(spec.settings, spec.source.shape).to(where)
    begun = time.process_time()
    for _ in fresh.fit(data, device.generator(where, seed, "fit")):
        pass
    return fresh.eval().requires_grad_(False), data, time.process_time() - begun


def side_by_side(work: Callable[[Job], Answer], jobs: Iterable[Job], processes: int | None = None) -> Iterator[Answer]:
    """Yield `work(job)` for each job, in order, on as many processes as there are cores."""
    with multiprocessing.get_context("spawn").Pool(processes or os.cpu_count(), maxtasksperchild=1) as pool:
        yield from pool.imap(work, jobs)
