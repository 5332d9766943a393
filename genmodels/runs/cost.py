"""What a training costs, estimated before it begins: its operations as the model counts them, times the rates of this machine."""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import torch

from genmodels import datasets, device, models
from genmodels.config import Config, UserError
from genmodels.models.base import Encodes, Reconstructs, Samples
from genmodels.models.parts import work
from genmodels.models.parts.work import Fit, Sizes, Work
from genmodels.runs.rates import rates
from genmodels.runs.recorder import (
    N_CODES,
    N_REBUILT,
    N_RECONSTRUCTIONS,
    N_SAMPLE_POINTS,
    N_SAMPLES,
    N_TRAINING,
    snapshot_steps,
)

if TYPE_CHECKING:
    from genmodels.runs.spec import RunSpec

UNKNOWN = (60_000, 10_000)  # training and test examples assumed of a dataset that is not there yet
FILES = Work(calls=300)  # the cost of writing a snapshot's files


@dataclass(frozen=True)
class Estimate:
    """The time of a training's start, of an update and of a snapshot, in seconds; and its peak memory, in bytes."""

    start: float
    step: float
    snapshot: float
    steps: int
    memory: float

    @property
    def fitting(self) -> float:
        """The time without snapshots, which is what a recording's status has as `seconds`."""
        return self.start + self.steps * self.step

    @property
    def seconds(self) -> float:
        """The time from beginning to end."""
        return self.fitting + len(snapshot_steps(self.steps)) * self.snapshot

    def at_pace(self, pace: float) -> "Estimate":
        """Return the estimate of a training that takes `pace` times as long."""
        return replace(self, start=pace * self.start, step=pace * self.step, snapshot=pace * self.snapshot)

    def after(self, seconds: float, step: int) -> "Estimate":
        """Return the estimate corrected by the time that fitting has taken up to `step`, the next update not being done.

        Times between the estimates of `step` and of `step + 1` updates are as expected and leave it unchanged.
        """
        least = self.start + step * self.step if step else 0.0
        most = self.start + min(step + 1, self.steps) * self.step
        return self.at_pace(seconds / min(max(seconds, least), most)) if seconds > 0 and most > 0 else self


def estimate(spec: "RunSpec") -> Estimate:
    """Return what the training of `spec` takes on this machine, judged by its operations alone."""
    where = device.choose_device()
    fit, seconds_per_unit = counted(spec), rates(where)
    start, step, snapshot = (part.dot(seconds_per_unit) for part in (fit.start, fit.step, fit.snapshot))
    return Estimate(start, step, snapshot, spec.steps, 4 * fit.memory)


def counted(spec: "RunSpec") -> Fit:
    """Return the work of a fit and of its snapshots, and how many numbers it holds at once, those of the data included."""
    return _counted(spec.model, spec.settings, spec.source.shape, *_sizes(spec.dataset))


@lru_cache(maxsize=4096)
def _counted(name: str, settings: Config, shape: tuple[int, ...], train: int, test: int) -> Fit:
    with torch.device("meta"):  # layers without contents
        model = models.model(name)(settings, shape)
    d, image = math.prod(shape), len(shape) == 3
    scored = test + min(N_TRAINING, test)
    rebuilt = min(N_RECONSTRUCTIONS, test) + 2 * min(N_REBUILT, test) if isinstance(model, Reconstructs) else 0
    samples = (N_SAMPLES if image else N_SAMPLE_POINTS) if isinstance(model, Samples) else 0
    fit = model.work(Sizes(train, test, scored, samples, min(N_CODES, test) if isinstance(model, Encodes) else 0, rebuilt))
    nearest = work.product(samples, d, train) if image and samples else Work()
    data = 3 * train * d + test * d  # beside the data an epoch in its order, and for a moment the one before
    return Fit(fit.start, fit.step, fit.snapshot + nearest + FILES, fit.memory + data)


def _sizes(dataset: str) -> tuple[int, int]:
    try:
        data = datasets.load(dataset, device.choose_device())
    except UserError:  # not downloaded yet: whoever needs the data reports that
        return UNKNOWN
    return len(data.train), len(data.test)
