"""Does the importance-weighted bound buy likelihood? VAE, IWAE-5 and IWAE-50 at equal processor time on binarised MNIST.

    python -m benchmarks.likelihood [--seconds 150] [--seeds 5] [--k-eval 5000]

The net and the protocol are those of Burda, Grosse and Salakhutdinov (2016): 784-200-200 tanh-50 and its mirror, Adam, every
picture tossed anew in each update, NLL = -L_5000. Ours is on a fixed toss of 500 fixed test pictures, in minutes, and on as many
training pictures as are there: of 6,000 only the order can be asked for. The estimate is first held against an exact sum.
Learning rate and the share of the time before there are k codes are the same for all three; README.md tells what else was tried.
"""

import argparse
import math
import time
from statistics import mean, stdev
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.common import machine, side_by_side
from genmodels import datasets, device
from genmodels.datasets.base import Dataset
from genmodels.models.vae import VAE, VAEConfig

KS = (1, 5, 50)
NAMES = {1: "VAE", 5: "IWAE-5", 50: "IWAE-50"}
PUBLISHED = {1: ("86.76", "86.35"), 5: ("85.54", "85.18"), 50: ("84.78", "84.59")}  # the paper; a public PyTorch copy (nbip)
N_TEST, K_CHECK = 500, 50_000
NET = {"likelihood": "bernoulli", "latent_dim": 50, "hidden_dim": 200, "depth": 2, "activation": "tanh", "batch_size": 20}
LEARNING_RATE = 2e-3
K_AFTER = 0.75  # share of the updates with one code an example, before there are k
WARM_STEPS, TIMED_STEPS, ROUNDS = 20, 100, 3  # of first short fits, to know how many steps the time allows


class Job(NamedTuple):
    """One training: codes per example, seed, updates, samples of the estimate."""

    k: int
    seed: int
    steps: int
    k_eval: int


class Score(NamedTuple):
    """What came of it: test NLL and seconds of training."""

    nll: float
    seconds: float


def model_of(data: Dataset, **settings: object) -> VAE:
    """Return an untrained net of the paper with these settings."""
    return VAE(
        VAEConfig.parse({**NET, "learning_rate": LEARNING_RATE, "k_after": K_AFTER, **settings}, "benchmark"), data.source.shape
    ).to(data.device)


def seconds_per_step(data: Dataset, k: int) -> float:
    """Return the processor time of one update with k codes an example."""
    fresh = model_of(data, k=k, k_after=0.0, steps=WARM_STEPS + TIMED_STEPS)
    steps = fresh.fit(data, device.generator(data.device, 0, "calibration"))
    for _ in range(WARM_STEPS):
        next(steps)
    begun = time.process_time()
    for _ in range(TIMED_STEPS - 1):
        next(steps)
    return (time.process_time() - begun) / (TIMED_STEPS - 1)


def steps_in(seconds: float) -> dict[int, int]:
    """Return how many updates each may make: equal time is that of a quiet machine, whatever else runs while they train."""
    device.limit_threads()
    data = datasets.load("mnist", device.choose_device())
    rounds = [{k: seconds_per_step(data, k) for k in KS} for _ in range(ROUNDS)]
    cost = {k: min(costs[k] for costs in rounds) for k in KS}
    return {k: max(1, int(seconds / (K_AFTER * cost[1] + (1 - K_AFTER) * cost[k]))) for k in KS}


def held_out(data: Dataset, n: int) -> Tensor:
    """Return the first n test pictures, tossed once and for all, (n, D) of 0 and 1."""
    return torch.bernoulli(data.test[:n].flatten(1), generator=device.generator(data.device, 0, "binarised test pictures"))


def score(job: Job) -> Score:
    """Train, and estimate the NLL."""
    device.limit_threads()
    data = datasets.load("mnist", device.choose_device())
    model = model_of(data, k=job.k, steps=job.steps)
    begun = time.process_time()
    for _ in model.fit(data, device.generator(data.device, job.seed, "fit")):
        pass
    seconds = time.process_time() - begun
    model.requires_grad_(False)
    bound = model.log_prob_bound(held_out(data, N_TEST), job.k_eval, device.generator(data.device, job.seed, "estimate"))
    return Score(-bound.double().mean().item(), seconds)


def estimate_and_exact(k: int, n: int = 100, cells: int = 200, reach: float = 5.0) -> tuple[float, float]:
    """Return the mean log p(x) of n pictures under a small model with two latent numbers: by k samples, and summed over a grid.

    It is trained on many codes: on one, the encoder sends a few pictures to a place from where no number of samples finds others
    that could have made them, and those alone put the mean off by 1.6 nats; on 16 by .08.
    """
    device.limit_threads()
    data = datasets.load("mnist", device.choose_device())
    model = model_of(data, latent_dim=2, hidden_dim=64, learning_rate=3e-3, batch_size=100, k=64, k_after=0.0, steps=1500)
    for _ in model.fit(data, device.generator(data.device, 0, "fit")):
        pass
    model.requires_grad_(False)
    x = held_out(data, n)
    axis = ((torch.arange(cells, device=data.device) + 0.5) / cells * 2 - 1) * reach
    parts = []
    for z in torch.cartesian_prod(axis, axis).split(2000):
        logits = model.decoder(z).double()
        log_likelihood = x.double() @ F.logsigmoid(logits).T + (1 - x.double()) @ F.logsigmoid(-logits).T  # (n, cells of this part)
        parts.append(log_likelihood - z.double().square().sum(1) / 2 - math.log(2 * math.pi))
    exact = torch.logsumexp(torch.cat(parts, 1), 1) + 2 * math.log(2 * reach / cells)
    estimate = model.log_prob_bound(x, k, device.generator(data.device, 0, "estimate"))
    return estimate.double().mean().item(), exact.mean().item()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=150, help="processor time of each training on a quiet machine")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--k-eval", type=int, default=5000, help="samples of the estimate")
    parser.add_argument("--processes", type=int)
    options = parser.parse_args()
    estimate, exact = estimate_and_exact(K_CHECK)
    print(f"two latent numbers: L_{K_CHECK} {estimate:.4f}, exact {exact:.4f}, off by {estimate - exact:+.4f} nats")
    steps = steps_in(options.seconds)
    jobs = [Job(k, seed, steps[k], options.k_eval) for seed in range(options.seeds) for k in KS]
    found: dict[int, list[Score]] = {k: [] for k in KS}
    for job, s in zip(jobs, side_by_side(score, jobs, options.processes), strict=True):
        found[job.k].append(s)
        print(f"  seed {job.seed} {NAMES[job.k]:<8} NLL {s.nll:.2f} after {job.steps} steps, {s.seconds:.0f} s", flush=True)
    n = len(datasets.load("mnist", device.choose_device()).train)
    print(f"\n{'NLL in nats':<12}{'ours':>8}{'+-':>6}{'steps':>8}{'seconds':>9}{'paper':>8}{'copy':>8}")
    for k, scores in found.items():
        nll = [s.nll for s in scores]
        spread = stdev(nll) if len(nll) > 1 else float("nan")
        print(
            f"{NAMES[k]:<12}{mean(nll):>8.2f}{spread:>6.2f}{steps[k]:>8}"
            f"{mean(s.seconds for s in scores):>9.0f}" + "".join(f"{figure:>8}" for figure in PUBLISHED[k])
        )
    ordered = sum(a.nll > b.nll > c.nll for a, b, c in zip(*found.values(), strict=True))
    print(f"VAE > IWAE-5 > IWAE-50 on {ordered} of {options.seeds} seeds; {n} training pictures here, 60,000 there")
    print(machine())


if __name__ == "__main__":
    main()
