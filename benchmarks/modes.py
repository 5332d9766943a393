"""How many modes does the GAN find? The protocol of VEEGAN and PacGAN: 2,500 samples, high quality within 3 std, mean of 10 seeds.

    python -m benchmarks.modes [--budget standard] [--seeds 10] [--datasets gaussians-8,grid-25]

The mixture of as many Gaussians as there are modes is the oracle: 1 - exp(-4.5) = 98.9 % is the honest ceiling.
"""

import argparse
from statistics import mean
from typing import NamedTuple

from benchmarks.common import machine, side_by_side, trained
from genmodels import device
from genmodels.config import BUDGETS, Budget
from genmodels.metrics.modes import mode_coverage

N = 2500
PUBLISHED = {  # modes, high quality, reverse KL
    "gaussians-8": [
        ("GAN (VEEGAN table 1)", "1", "99.3 %", "-"),
        ("Unrolled GAN (VEEGAN)", "7.6", "35.6 %", "-"),
        ("VEEGAN", "8", "52.9 %", "-"),
        ("WGAN-GP (GDPP table 1)", "6.8", "59.6 %", "-"),
        ("GAN (PacGAN table 1)", "6.3", "98.2 %", ".45"),
        ("PacGAN4", "7.8", "95.9 %", ".07"),
    ],
    "grid-25": [
        ("GAN (VEEGAN table 1)", "3.3", "0.5 %", "-"),
        ("Unrolled GAN (VEEGAN)", "23.6", "16 %", "-"),
        ("VEEGAN", "24.6", "40 %", "-"),
        ("WGAN-GP (GDPP table 1)", "24.2", "28.7 %", "-"),
        ("GAN (PacGAN table 1)", "17.3", "94.8 %", ".70"),
        ("PacGAN4", "24.8", "93.6 %", ".04"),
    ],
}


class Job(NamedTuple):
    """One training to be scored."""

    dataset: str
    model: str
    budget: Budget
    seed: int


class Score(NamedTuple):
    """What one training covers."""

    captured: int
    high_quality: float
    reverse_kl: float
    std_ratio: float  # of the samples within a mode, over that of the mode: .8 to 1.2 is about right
    seconds: float


def score(job: Job) -> Score:
    """Train and count."""
    model, data, seconds = trained(*job)
    modes, std = data.source.modes, data.source.mode_std
    assert modes is not None
    assert std is not None
    x = model.sample(N, device.generator(data.device, job.seed, "benchmark"))
    found = mode_coverage(x, modes, std)
    distance, _ = (x[:, None] - modes.to(x)).norm(dim=2).min(1)  # (N,) to the nearest mode
    within = distance[distance <= 3 * std].double()
    ratio = float((within.square().mean() / 2).sqrt()) / (std * TRUNCATED) if len(within) else float("nan")
    return Score(found.captured, found.high_quality, found.reverse_kl, ratio, seconds)


# Cut at three deviations, a round Gaussian in the plane keeps 1 - 4.5 e^-4.5 / (1 - e^-4.5) = .949 of its variance
TRUNCATED = 0.97440


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--budget", choices=BUDGETS, default="standard")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--datasets", default="gaussians-8,grid-25")
    parser.add_argument("--processes", type=int)
    options = parser.parse_args()
    for dataset in options.datasets.split(","):
        print(f"\n{dataset}, budget {options.budget}, {options.seeds} seeds\n")
        for name, *figures in PUBLISHED[dataset]:
            print(f"  {name:<28}" + "".join(f"{figure:>10}" for figure in figures))
        for model, seeds in (("gmm", 1), ("gan", options.seeds)):
            jobs = [Job(dataset, model, options.budget, seed) for seed in range(seeds)]
            scores: list[Score] = []
            for s in side_by_side(score, jobs, options.processes):
                scores.append(s)
                if model == "gan":
                    print(
                        f"    seed {len(scores) - 1}: {s.captured} modes, {s.high_quality:.1%}, KL {s.reverse_kl:.3f}, "
                        f"std ratio {s.std_ratio:.2f}, {s.seconds:.0f} s",
                        flush=True,
                    )
            m = [mean(column) for column in zip(*scores, strict=True)]
            print(
                f"  {'ours: ' + model + (' (oracle)' if model == 'gmm' else ''):<28}{m[0]:>10.1f}{m[1]:>10.1%}{m[2]:>10.3f}"
                f"   std ratio {m[3]:.2f}, {m[4]:.0f} s a run"
            )
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
