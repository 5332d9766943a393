"""Do bins read what they were published to read? MNIST held out, the test part, and held-out pictures without the nines.

    python -m benchmarks.bins [--splits 12] [--bins 100]

The protocol of Richardson and Weiss (2018, their public demo): a sixth of the training pictures is held out, K-means makes the
bins of the rest, pixels are not whitened, a bin differs beyond three standard errors. They have 50,000 + 10,000 pictures and one
split; of fewer pictures one split scatters, so that ours is the mean of several. The divergence then stands on a higher floor,
(K - 1) / 8 x (1 / n + 1 / m), which takes no part in what a missing digit adds: that difference is what can be compared.
"""

import argparse
from statistics import mean, stdev

import torch

from benchmarks.common import machine
from genmodels import datasets, device
from genmodels.datasets.base import Dataset
from genmodels.metrics.bins import BinScores, bin_scores, training_bins

SETS = ("held out", "test", "no 9s")
PUBLISHED = {"held out": (0.0014, 0), "test": (0.0041, 4), "no 9s": (0.016, 11)}  # divergence in nats, bins that differ
HELD_OUT = 6  # one picture in so many
MISSING = 9
STANDARD_ERRORS = 3.0


def calibration(data: Dataset, n_bins: int, split: int) -> dict[str, BinScores]:
    """Return the scores of each set against the bins of this split's training pictures."""
    assert data.train_labels is not None
    rng = device.generator(data.device, split, "bins")
    order = torch.randperm(len(data.train), generator=rng, device=data.device)
    held, rest = order[: len(order) // HELD_OUT], order[len(order) // HELD_OUT :]
    bins = training_bins(data.train[rest], rng, n_bins)
    sets = (data.train[held], data.test, data.train[held[data.train_labels[held] != MISSING]])
    return {name: bin_scores(bins, pictures) for name, pictures in zip(SETS, sets, strict=True)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=12)
    parser.add_argument("--bins", type=int, default=100)
    options = parser.parse_args()
    device.limit_threads()
    data = datasets.load("mnist", device.choose_device())
    found = [calibration(data, options.bins, split) for split in range(options.splits)]
    n_held = len(data.train) // HELD_OUT
    print(f"{len(data.train) - n_held} pictures in {options.bins} bins, {n_held} held out, mean of {options.splits} splits\n")
    print(f"{'':<12}{'published: JS':>14}{'bins':>6}{'ours: JS':>14}{'+-':>8}{'floor':>8}{'over it':>9}{'bins':>7}")
    for name in SETS:
        js, over = [s[name].js for s in found], [s[name].js - s[name].js_floor for s in found]
        differ = mean(s[name].ndb(STANDARD_ERRORS) for s in found)
        print(
            f"{name:<12}{PUBLISHED[name][0]:>14.4f}{PUBLISHED[name][1]:>6}{mean(js):>14.4f}{_spread(js):>8.4f}"
            f"{mean(s[name].js_floor for s in found):>8.4f}{mean(over):>9.4f}{differ:>7.1f}"
        )
    added = [s["no 9s"].js - s["held out"].js for s in found]
    published = PUBLISHED["no 9s"][0] - PUBLISHED["held out"][0]
    print(
        f"\nwhat the missing digit adds: {mean(added):.4f} +- {_spread(added):.4f} a split, published {published:.4f}: "
        f"{mean(added) / published - 1:+.0%}\n{machine()}"
    )


def _spread(values: list[float]) -> float:
    return stdev(values) if len(values) > 1 else float("nan")


if __name__ == "__main__":
    main()
