"""Kernel distance: the squared maximum mean discrepancy under (x.y / F + 1)^3, unbiased (Binkowski 2018, on Inception's features).

It can be slightly negative, and for real data it is zero on average at every N.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.metrics.base import Metric, check_features, draw

WHERE = "the kernel distance"
BLOCK = 2**22  # kernel values at once: 32 MB


@dataclass(frozen=True)
class KernelDistance:
    """Mean and standard deviation over the subsets."""

    mean: float
    std: float


def kernel_distance(fake: Tensor, real: Tensor) -> float:
    """Return the unbiased estimate from all of features (N, F) and (M, F)."""
    x, y = check_features(WHERE, 2, fake=fake, real=real)
    n, m = len(x), len(y)
    within_x = (_kernel_sum(x, x) - float(_kernel_of_pairs(x, x).sum())) / (n * (n - 1))
    within_y = (_kernel_sum(y, y) - float(_kernel_of_pairs(y, y).sum())) / (m * (m - 1))
    return within_x + within_y - 2 * _kernel_sum(x, y) / (n * m)


def kernel_distance_by_subsets(
    fake: Tensor, real: Tensor, rng: torch.Generator, subsets: int = 100, subset_size: int = 1000
) -> KernelDistance:
    """Return the estimate as published, averaged over random subsets of equal size."""
    check_features(WHERE, 2, fake=fake, real=real)
    check_features(f"{WHERE} by subsets of {subset_size}", subset_size, fake=fake, real=real)
    values = [kernel_distance(draw(fake, subset_size, rng), draw(real, subset_size, rng)) for _ in range(subsets)]
    of_all = torch.tensor(values, dtype=torch.float64)
    return KernelDistance(float(of_all.mean()), float(of_all.std(correction=0)))


def _kernel_sum(x: Tensor, y: Tensor) -> float:
    """Return the sum of the kernel over all pairs."""
    return sum(float((block @ y.T / y.shape[1] + 1).pow(3).sum()) for block in x.split(max(1, BLOCK // len(y))))


def _kernel_of_pairs(x: Tensor, y: Tensor) -> Tensor:
    """Return the kernel of each row of x with the same row of y, (N,)."""
    return ((x * y).sum(1) / x.shape[1] + 1).pow(3)


kid = Metric(
    name="kernel-distance",
    title="Kernel distance",
    better="lower",
    ideal=0.0,
    about="How differently a cubic kernel sees generated and held-out examples; 0 for real ones, however few.",
    compute=lambda fake, test, train, rng: kernel_distance(fake, test),
)
