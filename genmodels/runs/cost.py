"""What a training costs before it begins: its work as the model counts it, times the rates of this machine."""

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
from genmodels.runs.recorder import N_CODES, N_REBUILT, N_RECONSTRUCTIONS, N_SAMPLE_POINTS, N_SAMPLES, N_TRAINING, marks

if TYPE_CHECKING:
    from genmodels.runs.spec import RunSpec

UNKNOWN = (60_000, 10_000)  # training and test examples of a dataset that is not there yet
FILES = Work(calls=300)  # what a photograph writes


@dataclass(frozen=True)
class Estimate:
    """How long a training takes, in seconds: its start, an update, a photograph; and the bytes that it holds at once."""

    start: float
    step: float
    mark: float
    steps: int
    memory: float

    @property
    def fitting(self) -> float:
        """The time without photographs, which a recording tells as its seconds."""
        return self.start + self.steps * self.step

    @property
    def seconds(self) -> float:
        """The time from beginning to end."""
        return self.fitting + len(marks(self.steps)) * self.mark

    def at_pace(self, pace: float) -> "Estimate":
        """Return the estimate of a training that takes `pace` times as long."""
        return replace(self, start=pace * self.start, step=pace * self.step, mark=pace * self.mark)

    def after(self, seconds: float, step: int) -> "Estimate":
        """Return the estimate corrected once fitting has taken so long, `step` updates are done and the next is not.

        While all is as expected it stays: what is done then took at least what was expected of it, and no more than with one more.
        """
        least = self.start + step * self.step if step else 0.0
        most = self.start + min(step + 1, self.steps) * self.step
        return self.at_pace(seconds / min(max(seconds, least), most)) if seconds > 0 and most > 0 else self


def estimate(spec: "RunSpec") -> Estimate:
    """Return what the training of `spec` takes on this machine, by its operations alone."""
    where = device.choose_device()
    fit, speed = counted(spec), rates(where)
    start, step, mark = (part.dot(speed) for part in (fit.start, fit.step, fit.mark))
    return Estimate(start, step, mark, spec.steps, 4 * fit.memory)


def counted(spec: "RunSpec") -> Fit:
    """Return the work of a fit and of its photographs, and all numbers that it holds, the data among them."""
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
    data = 3 * train * d + test * d  # an epoch in its order lies beside the data, and for a moment the one before
    return Fit(fit.start, fit.step, fit.mark + nearest + FILES, fit.memory + data)


def _sizes(dataset: str) -> tuple[int, int]:
    try:
        data = datasets.load(dataset, device.choose_device())
    except UserError:  # not fetched yet: that is told where it is needed
        return UNKNOWN
    return len(data.train), len(data.test)
