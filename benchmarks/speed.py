"""Is it faster than what a user would pick instead? Each against a well-known peer, in turns on one core: medians and their ratio.

    python -m benchmarks.speed [--repeats 5] [mixture]

Of processor time. Where numpy is the peer, unset OPENBLAS_CORETYPE and OPENBLAS_L2_SIZE: some machines slow it down by them.
"""

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

import numpy as np
import torch
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from benchmarks.common import machine
from genmodels import datasets, device
from genmodels.datasets.base import Dataset
from genmodels.models.gmm import GMM
from genmodels.models.parts import gaussians

CPU = torch.device("cpu")
STEPS = 20  # of EM, after which both likelihoods are compared


def in_turns(repeats: int, *computations: Callable[[], float]) -> list[float]:
    """Return the median of what each computation returns, over repeats in turns."""
    return [median(column) for column in zip(*([compute() for compute in computations] for _ in range(repeats)), strict=True)]


def mixture(repeats: int) -> None:
    """Print the time of an EM step of 50 full covariances in 64 dimensions, scikit-learn's on NumPy beside it."""
    print("EM, full covariance, K = 50, d = 64, one thread: ms a step, the likelihood that is recorded included")
    print("    N  scikit-learn   ours  ratio  float64 alone  ratio  products alone   difference      least rise")
    for n in (1437, 6000):
        _mixture_row(digits(n), repeats)


def digits(n: int) -> Dataset:
    """Return n digits: of more than there are, copies with a little noise."""
    data = datasets.load("digits", CPU)
    rng = device.generator(CPU, 0, "speed")
    copies = data.train.repeat(-(-n // len(data.train)), 1, 1, 1)[:n]
    return data if n == len(data.train) else replace(data, train=copies + 0.02 * torch.randn(copies.shape, generator=rng))


def _mixture_row(data: Dataset, repeats: int) -> None:
    settings = GMM.Settings(n_components=50, steps=STEPS, init="random points")
    x = data.train.flatten(1).double().numpy()
    _, start, _ = _em(data, settings)
    theirs = _scikit_learn(x, settings, start)
    ours: list[Sequence[float]] = []

    def mine(screened: int) -> Callable[[], float]:
        def timed() -> float:
            gaussians.SCREENED, before = screened, gaussians.SCREENED
            seconds, _, likelihoods = _em(data, settings)
            gaussians.SCREENED = before
            ours.append(likelihoods)
            return seconds

        return timed

    peer, mixed, double = in_turns(repeats, lambda: _timed_fit(theirs, x), mine(gaussians.SCREENED), mine(10_000))
    gap = max(abs(likelihoods[-1] - theirs.score(x)) for likelihoods in ours)
    rise = min(min(np.diff(likelihoods)) for likelihoods in ours)
    bound = _products(x.shape[0], x.shape[1], 50)
    numbers = (f"{1e3 * s:.1f}" for s in (peer, mixed, double, bound))
    p, m, f, b = numbers
    print(f"{len(x):5}{p:>14}{m:>7}{peer / mixed:6.2f}x{f:>15}{peer / double:6.2f}x{b:>16}{gap:10.0e} nats{rise:11.0e} nats")


def _em(data: Dataset, settings: "GMM.Settings") -> tuple[float, dict[str, torch.Tensor], list[float]]:
    """Return the seconds of a step, the model's tensors at the start, and the likelihoods after each step."""
    model = GMM(settings, data.source.shape)
    steps = model.fit(data, device.generator(CPU, 0, "fit"))
    likelihoods = [float(next(steps).losses["log_likelihood"])]
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    begun = time.thread_time()
    likelihoods += [float(step.losses["log_likelihood"]) for step in steps]
    return (time.thread_time() - begun) / settings.steps, start, likelihoods


def _scikit_learn(x: np.ndarray, settings: "GMM.Settings", start: dict[str, torch.Tensor]) -> GaussianMixture:
    return GaussianMixture(
        settings.n_components,
        reg_covar=settings.reg_covar * x.var(0).mean(),
        weights_init=start["weights"].numpy(),
        means_init=start["means"].numpy(),
        precisions_init=np.linalg.inv(start["covariances"].numpy()),
        init_params="random_from_data",
        max_iter=settings.steps,
        tol=0.0,
    )


def _timed_fit(em: GaussianMixture, x: np.ndarray) -> float:
    """Return the seconds of a step; its fit has one more E-step than EM steps, which is not counted."""
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        begun = time.thread_time()
        em.fit(x)
        return (time.thread_time() - begun) / (em.max_iter + 0.5)


def _products(n: int, d: int, k: int) -> float:
    """Return the seconds of the matrix products of a step alone, all in float64: the bound of what computes all of them so."""
    a, b = torch.rand(n, d, dtype=torch.float64), torch.rand(d, d, dtype=torch.float64)
    begun = time.thread_time()
    for _ in range(k):
        torch.mm(torch.mm(a, b).T, a)
    return time.thread_time() - begun


PARTS = {"mixture": mixture}


def main() -> None:
    """Print each table, then machine and day."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    device.limit_threads()
    for part in options.parts or PARTS:
        PARTS[part](options.repeats)
    print(machine())


if __name__ == "__main__":
    main()
