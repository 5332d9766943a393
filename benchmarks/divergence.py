"""Does the default GAN diverge? Ten seeds on five datasets; the lecture's minimax without a penalty beside it, to be seen to fail.

    python -m benchmarks.divergence [--budget quick] [--seeds 10] [--datasets ring,gaussians-8,grid-25,moons,digits]

A run has diverged if a loss, a weight or a sample is not finite, or if the spread of its samples, the root of their total variance,
is not between half and twice the test set's; below a hundredth of it, all samples are one point: collapsed.
"""

import argparse
import time
from collections import Counter
from typing import NamedTuple

import torch

from benchmarks.common import machine, side_by_side
from genmodels import datasets, device
from genmodels.config import BUDGETS, Budget
from genmodels.runs import RunSpec

N = 2500
DEFAULT = "as preset"
MINIMAX = "minimax, no penalty"
SETTINGS: dict[str, dict[str, object]] = {DEFAULT: {}, MINIMAX: {"loss": "minimax", "gamma": 0.0, "steps": 1000}}
ON_THIS = "gaussians-8"  # where the minimax is shown to fail, whatever the budget


class Job(NamedTuple):
    """One training to be watched."""

    dataset: str
    kind: str  # of SETTINGS
    budget: Budget
    seed: int


class Outcome(NamedTuple):
    """How one training ended."""

    job: Job
    verdict: str  # well, not finite, collapsed, too narrow, too wide
    step: int  # the last: where a loss is not finite, the first such
    spread: float  # of the samples, over that of the test set
    accuracy: float  # of the discriminator on the last batch: with 1 the minimax generator has nothing to learn from
    seconds: float  # of processor time


def verdict(finite: bool, spread: float) -> str:
    """Return what became of a run: `well`, or in which way it diverged."""
    if not finite:
        return "not finite"
    if spread < 0.01:
        return "collapsed"
    return "too narrow" if spread < 0.5 else "too wide" if spread > 2 else "well"


def spread(x: torch.Tensor) -> float:
    """Return the root of the total variance of x (N, ...)."""
    return float(x.flatten(1).double().var(0).sum().sqrt())


def watch(job: Job) -> Outcome:
    """Train, looking at every loss, and measure the samples."""
    device.limit_threads()
    where = device.choose_device()
    spec = RunSpec.make(job.dataset, "gan", SETTINGS[job.kind], job.seed, job.budget)
    data = datasets.load(job.dataset, where)
    model = spec.kind(spec.settings, spec.source.shape).to(where)
    begun = time.process_time()
    last, accuracy, finite = 0, float("nan"), True
    for step in model.fit(data, device.generator(where, job.seed, "fit")):
        if step.losses:
            last, accuracy = step.index, float(step.losses["accuracy"])
            finite = bool(torch.isfinite(torch.stack(list(step.losses.values()))).all())
            if not finite:
                break
    seconds = time.process_time() - begun
    with torch.no_grad():
        x = model.eval().sample(N, device.generator(where, job.seed, "benchmark"))
    finite = finite and all(bool(torch.isfinite(tensor).all()) for tensor in [x, *model.state_dict().values()])
    ratio = spread(x) / spread(data.test)
    return Outcome(job, verdict(finite, ratio), last, ratio, accuracy, seconds)


def main() -> None:
    """Print one line a run and the count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", choices=BUDGETS, default="quick")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--datasets", default="ring,gaussians-8,grid-25,moons,digits")
    options = parser.parse_args()
    jobs = [Job(dataset, DEFAULT, options.budget, seed) for dataset in options.datasets.split(",") for seed in range(options.seeds)]
    jobs += [Job(ON_THIS, MINIMAX, "quick", seed) for seed in range(min(5, options.seeds))]
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in SETTINGS}
    print(f"\n  {'dataset':<14}{'seed':>5}  {'outcome':<12}{'step':>7}{'spread':>9}{'D accuracy':>12}{'seconds':>9}   settings")
    for o in side_by_side(watch, jobs, processes=2):
        counts[o.job.kind][o.verdict] += 1
        print(
            f"  {o.job.dataset:<14}{o.job.seed:>5}  {o.verdict:<12}{o.step:>7}{o.spread:>9.3g}{o.accuracy:>12.2f}{o.seconds:>9.1f}"
            f"   {o.job.kind}",
            flush=True,
        )
    print()
    for kind, count in counts.items():
        total = count.total()
        how = ", ".join(f"{n} {what}" for what, n in count.most_common() if what != "well")
        print(f"  {kind}: {total - count['well']} of {total} runs diverged" + (f" ({how})" if how else ""))
    print(f"\n  budget {options.budget}; {machine()}")


if __name__ == "__main__":
    main()
