"""Does the estimate of a training's time hold? Trainings with random settings, of each a few steps and one photograph timed.

Each knob is drawn over its whole range, far beyond what presets take; what the host's limits refuse is drawn anew, and so is what
takes too long to be timed here: a step over .8 s, a photograph over 1.5 s, a start over 3 s, by the estimate itself.
The true time is the start, the steps at the median of those timed, and the photographs, as long as the first. Of processor time.
"""

import argparse
import math
import random
import statistics
import time
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import torch

import genmodels.engine.warmup  # noqa: F401 - what the first training of a process loads is no part of it
from benchmarks.common import machine
from genmodels import datasets, device, models
from genmodels.config import Knob, UserError
from genmodels.models.vae import VAEConfig
from genmodels.runs import RunSpec, cost, limits, recorder

DATASETS = ("digits", "moons", "pinwheel", "mnist", "sketch-faces")
STEP, MARK, START = 0.8, 1.5, 3.0  # seconds, of what is timed
TIMED = 0.25  # seconds of steps


def drawn(rng: random.Random) -> Iterator[RunSpec]:
    """Yield trainings with random settings, for ever."""
    while True:
        model, dataset = rng.choice(list(models.models())), rng.choice(DATASETS)
        knobs = models.model(model).Settings.knobs()
        settings = {name: _value(knob, rng) for name, knob in knobs.items()}
        settings |= {name: min(value, 1e-4) for name, value in settings.items() if "learning_rate" in name}  # else some diverge
        try:
            spec = RunSpec.make(dataset, model, settings)
            limits.check(spec)
        except UserError:
            continue
        estimate = cost.estimate(spec)
        if estimate.step < STEP and estimate.snapshot < MARK and estimate.start < START:
            yield spec


def true_seconds(spec: RunSpec) -> float:
    """Return how long the training takes."""
    start, step, snapshot = timed(spec)
    s = spec.settings
    if isinstance(s, VAEConfig) and s.k > 1:  # one code an example at first, then several
        one, several = (timed(_with(spec, settings))[1] for settings in ({"k": 1}, {"k_after": 0.0}))
        step = s.k_after * one + (1 - s.k_after) * several
    return start + spec.steps * step + len(recorder.snapshot_steps(spec.steps)) * snapshot


def timed(spec: RunSpec) -> tuple[float, float, float]:
    """Return the seconds of the start, of a step and of a photograph."""
    where = torch.device("cpu")
    data, clock = datasets.load(spec.dataset, where), time.thread_time
    longer = _with(spec, {"steps": max(12, spec.steps)})  # the first steps are not like the others
    begun = clock()
    model = spec.kind(longer.settings, spec.source.shape)
    fit = model.fit(data, device.generator(where, 0, "fit"))
    next(fit)
    start = clock() - begun
    times: list[float] = []
    while len(times) < 12 and (len(times) < 7 or sum(times) < TIMED):
        begun = clock()
        next(fit)
        times.append(clock() - begun)
    usual = statistics.median(times)
    if isinstance(spec.settings, VAEConfig) and spec.settings.sampler != "prior":  # fits a mixture at steps 1, 2, 4, 8, ...
        usual = statistics.median(seconds for step, seconds in enumerate(times, 1) if step & (step - 1))
        start += max(0.0, times[1] - usual) * math.log2(spec.steps + 1)
    model.eval()
    begun = clock()
    with torch.no_grad():
        recorder.snapshot(model, data)
        for scored in (data, recorder.in_place_of_test(data)):
            recorder.evaluate(model, scored)
    return start, usual, clock() - begun


def _value(knob: Knob, rng: random.Random) -> Any:
    if knob.kind == "choice":
        return rng.choice(knob.choices)
    if knob.kind == "bool" or knob.low is None or knob.high is None:
        return rng.random() < 0.5
    value = (
        math.exp(rng.uniform(math.log(knob.low), math.log(knob.high)))
        if knob.log and knob.low > 0
        else rng.uniform(knob.low, knob.high)
    )
    return round(value) if knob.kind == "int" else value


def _with(spec: RunSpec, settings: dict[str, Any]) -> RunSpec:
    return replace(spec, settings=spec.settings.model_copy(update=settings))


def main() -> None:
    """Print estimate over truth of every training, then how many are within a factor of two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    device.limit_threads()
    ratios: list[float] = []
    for spec in drawn(random.Random(options.seed)):
        try:
            truth = true_seconds(spec)
        except (UserError, StopIteration):  # data that vary in too few directions, say
            continue
        ratios.append(cost.estimate(spec).seconds / truth)
        print(f"{ratios[-1]:6.2f}  {truth:9.1f} s  {spec.model} on {spec.dataset}", flush=True)
        if len(ratios) == options.n:
            break
    ratios.sort()
    within = sum(0.5 <= ratio <= 2 for ratio in ratios)
    print(f"estimate / truth: {within} of {len(ratios)} within a factor of two, median {statistics.median(ratios):.2f}, ", end="")
    edge = len(ratios) // 20
    print(f"least {ratios[0]:.2f}, most {ratios[-1]:.2f}, 5 to 95 %: {ratios[edge]:.2f} to {ratios[-1 - edge]:.2f}")
    print(machine())


if __name__ == "__main__":
    main()
