"""How good are samples after 10 s, 1 min, 5 min? The Fréchet ratio of each family, at each budget: 1 is as real as other real data.

    python -m benchmarks.time_to_quality [--budgets quick,standard,thorough] [--datasets digits,mnist,sketch-faces] [--models ...]
        [--seed 0] [--set name=value ...] [--tuning]

Features of a net of the dataset's own (metrics/features.py). As many samples as test examples, at most 2,000. MNIST is read from
GENMODELS_DATA; what is not there is left out with a word. Precision and recall say which of the two a bad ratio lacks.
Whoever chooses settings by it gives --tuning: a part of the training set is then compared with, and the test set stays unseen.
"""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import torch

from benchmarks.common import machine, side_by_side, trained
from genmodels import datasets, device, models
from genmodels.config import BUDGETS, Budget, UserError
from genmodels.metrics.frechet import frechet_ratio
from genmodels.metrics.neighbours import precision_recall
from genmodels.metrics.probes.features import learn
from genmodels.models.base import Samples

MOST = 2000


class Job(NamedTuple):
    """One training to be scored."""

    dataset: str
    model: str
    budget: Budget
    seed: int
    settings: Mapping[str, Any]
    tuning: bool


class Row(NamedTuple):
    """What its samples are worth."""

    name: str
    ratio: float
    precision: float
    recall: float
    seconds: float


def score(job: Job) -> list[Row]:
    """Train, and compare samples of each sampler that the model has with held-out examples."""
    model, data, seconds = trained(*job)
    assert isinstance(model, Samples)
    features = learn(data)
    n = min(MOST, len(data.test))
    test, train = features(data.test[:n]), features(data.train)
    rows: list[Row] = []
    for sampler in samplers(model):
        rng = device.generator(data.device, job.seed, "benchmark")
        x = model.sample(n, rng) if sampler == "as preset" else model.sample_with(sampler, n, rng)  # type: ignore[attr-defined]
        fake = features(x)
        near = precision_recall(fake, test)
        rows.append(Row(sampler, frechet_ratio(fake, test, train), near.precision, near.recall, seconds))
    return rows


def samplers(model: object) -> Iterator[str]:
    """Yield what the model can draw its codes from, if that can be chosen."""
    yield "as preset"
    if hasattr(model, "sample_with"):
        yield "gmm on codes"


def main() -> None:
    """Print one line a training."""
    able = [name for name, kind in models.models().items() if hasattr(kind, "sample")]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budgets", default=",".join(BUDGETS))
    parser.add_argument("--datasets", default="digits,mnist,sketch-faces")
    parser.add_argument("--models", default=",".join(able))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--set", action="append", default=[], help="a setting of the model, as name=value")
    parser.add_argument("--tuning", action="store_true")
    parser.add_argument("--processes", type=int)
    options = parser.parse_args()
    settings = dict(pair.split("=", 1) for pair in options.set)
    jobs: list[Job] = []
    for dataset in options.datasets.split(","):
        try:
            data = datasets.load(dataset, torch.device("cpu"))
        except UserError as error:
            print(f"{dataset}: left out. {error}")
            continue
        print(f"{dataset}: {len(data.train)} to learn from, compared by the {learn(data).about}")
        for budget in BUDGETS:
            if budget in options.budgets.split(","):
                jobs += [Job(dataset, model, budget, options.seed, settings, options.tuning) for model in options.models.split(",")]
    print(f"\n{'dataset':<14}{'budget':<10}{'model':<15}{'sampler':<14}{'ratio':>8}{'precision':>11}{'recall':>8}{'seconds':>9}")
    for job, rows in zip(jobs, side_by_side(score, jobs, options.processes), strict=True):
        for row in rows:
            print(
                f"{job.dataset:<14}{job.budget:<10}{job.model:<15}{row.name:<14}{row.ratio:>8.2f}{row.precision:>11.2f}"
                f"{row.recall:>8.2f}{row.seconds:>9.0f}",
                flush=True,
            )
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
