"""Presets were chosen on the test set: do they beat the settings that were turned down on examples that nobody has seen?

    python -m benchmarks.presets [--datasets digits,mnist,sketch-faces,grid-25] [--seeds 2]

Preset (quick budget) and rivals, the neighbours that README.md names, learn twice: from the training set, against the test set
on which they were chosen; and from other examples, compared with others again. Other faces and points are drawn anew; other splits
of digits and MNIST are of train and test together, at random, with features learnt anew.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from statistics import mean
from typing import Any, NamedTuple

import torch

from benchmarks.common import fitted, machine, side_by_side
from genmodels import datasets, device
from genmodels.datasets import sketch_faces, toys2d
from genmodels.datasets.base import Dataset
from genmodels.metrics.frechet import frechet_ratio
from genmodels.metrics.modes import mode_coverage
from genmodels.metrics.probes.features import learn
from genmodels.models.base import Samples
from genmodels.runs import RunSpec

MOST = 2000  # examples compared
ANEW = 500  # added to the version of a dataset whose examples are others, so that its features are learnt anew
RIVALS: dict[tuple[str, str], dict[str, dict[str, Any]]] = {  # what differs from the preset
    ("digits", "vae"): {"2 layers": {"depth": 2}, "no noise": {"noise": 0.0}},
    ("mnist", "vae"): {
        "no noise": {"noise": 0.0},
        "batches of 128, rate 2e-3": {"batch_size": 128, "learning_rate": 2e-3, "steps": 1150},
    },
    ("mnist", "gan"): {
        "rates 1e-3 / 2e-3": {"generator_learning_rate": 1e-3, "discriminator_learning_rate": 2e-3},
        "512 wide, batches of 64": {"hidden_dim": 512, "batch_size": 64, "steps": 350, "gamma": 50.0},
    },
    ("sketch-faces", "vae"): {
        "SiLU, rate 4e-3": {"activation": "silu", "learning_rate": 4e-3},
        "SiLU, batches of 128, rate 2e-3": {"activation": "silu", "batch_size": 128, "learning_rate": 2e-3, "steps": 1200},
    },
    ("sketch-faces", "gan"): {
        "γ 100": {"gamma": 100.0},
        "rates 2e-3 / 2e-3": {"generator_learning_rate": 2e-3, "discriminator_learning_rate": 2e-3},
    },
    ("grid-25", "gan"): {"SiLU": {"activation": "silu"}, "generator's rate 8e-3": {"generator_learning_rate": 8e-3}},
}


class Job(NamedTuple):
    """One training."""

    dataset: str
    model: str
    settings: Mapping[str, Any]
    seed: int
    anew: bool  # from and against other examples than those on which the preset was chosen


def other(dataset: str, seed: int) -> Dataset:
    """Return as many other examples: drawn anew where they are drawn, else another split of all that there are."""
    data, rng = datasets.load(dataset, torch.device("cpu")), device.generator(torch.device("cpu"), seed, "other examples")
    source = replace(data.source, version=data.source.version + ANEW + seed)
    n, m = len(data.train), len(data.test)
    if source.modes is not None and source.mode_std is not None:
        x, labels = toys2d._draw_gaussians(source.modes, source.mode_std)(n + m, rng)
        return Dataset(source, x[:n], x[n:], labels[:n], labels[n:])  # type: ignore[index]
    if dataset == "sketch-faces":
        factors = sketch_faces.draw_factors(n + m, rng)
        x = sketch_faces.render(factors)
        return Dataset(source, x[:n], x[n:], None, None, factors[:n], factors[n:])
    order = torch.randperm(n + m, generator=rng)
    assert data.train_labels is not None
    assert data.test_labels is not None
    x, labels = torch.cat([data.train, data.test])[order], torch.cat([data.train_labels, data.test_labels])[order]
    return Dataset(source, x[:n], x[n:], labels[:n], labels[n:])


def score(job: Job) -> dict[str, float]:
    """Return what settings are chosen by, less is better: for pictures the Fréchet ratio of samples and minus the ELBO of test
    pictures, for points the reverse KL of the modes."""
    spec = RunSpec.make(job.dataset, job.model, job.settings, job.seed)
    data = other(job.dataset, 1) if job.anew else datasets.load(job.dataset, torch.device("cpu"))
    model, _ = fitted(spec, data)
    assert isinstance(model, Samples)
    n, rng = min(MOST, len(data.test)), device.generator(data.device, job.seed, "benchmark")
    x, source = model.sample(n, rng), data.source
    if source.modes is not None and source.mode_std is not None:
        return {"reverse KL": mode_coverage(x, source.modes, source.mode_std).reverse_kl}
    features = learn(data)
    found = {"Fréchet ratio": frechet_ratio(features(x), features(data.test[:n]), features(data.train))}
    scores = model.evaluate(data, rng)
    return found | ({"minus ELBO": -float(scores["elbo"])} if "elbo" in scores else {})


def main() -> None:
    """Print, for each model, preset and rivals on both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", default="digits,mnist,sketch-faces,grid-25")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--processes", type=int)
    options = parser.parse_args()
    chosen = [pair for pair in RIVALS if pair[0] in options.datasets.split(",")]
    print(f"{'dataset':<14}{'model':<6}{'settings':<34}{'':<15}{'as chosen':>10}{'anew':>9}{'preset better by':>18}")
    for dataset, model in chosen:
        settings = {"preset": {}, **RIVALS[dataset, model]}
        jobs = [
            Job(dataset, model, s, seed, anew) for s in settings.values() for anew in (False, True) for seed in range(options.seeds)
        ]
        scores = list(side_by_side(score, jobs, options.processes))
        for what in scores[0]:
            values = [found[what] for found in scores]
            means = [mean(values[i : i + options.seeds]) for i in range(0, len(values), options.seeds)]
            for i, name in enumerate(settings):
                before, after = means[2 * i : 2 * i + 2]
                better = f"{before - means[0]:+9.2f}{after - means[1]:+9.2f}" if i else ""
                print(f"{dataset:<14}{model:<6}{name:<34}{what:<15}{before:>10.2f}{after:>9.2f}{better:>18}", flush=True)
    print(f"\nmeans of {options.seeds} seeds; less is better everywhere\n{machine()}")


if __name__ == "__main__":
    main()
