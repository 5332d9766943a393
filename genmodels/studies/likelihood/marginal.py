"""log p(x) of one x by Monte Carlo and by a grid: p(x) = E_{z ~ p}[p(x | z)] = E_{z ~ Q}[p(x | z) p(z) / Q(z)].

The logarithm of an average of n draws is biased low (Jensen): by about half the relative variance of a weight over n where that
is small, else by as much as the best code of the sample falls short of the good ones. The effective sample size is
(sum w)^2 / sum w^2.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.distributions import Normal

LogDensity = Callable[[Tensor], Tensor]  # codes (N, Z) -> (N,), nats
BATCH = 20_000  # codes decoded at a time
REACH, FIRST_POINTS, MAX_POINTS = 7.0, 201, 1501  # half width of the first grid; points across the first and the last
CUTOFF, TOLERANCE = 40.0, 1e-6  # nats below the peak beyond which the integrand is ignored; between two grids that agree
DEVIATIONS, POINTS = 8.0, 161  # half width of a Gaussian's grid in deviations, and points across it
HERMITE = 96  # nodes in each dimension: 48 have an error of .0007 nats for an untrained, wide Q


def running(log_weights: Tensor, sizes: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Return, for the first n of the log weights (N,), n of `sizes`, the log of their mean and the effective sample size."""
    log_weights = log_weights.double()
    at = torch.tensor(sizes, device=log_weights.device) - 1
    log_sum = torch.logcumsumexp(log_weights, 0)[at]
    log_squares = torch.logcumsumexp(2 * log_weights, 0)[at]
    return log_sum - (at + 1).double().log(), (2 * log_sum - log_squares).exp()


def log_weights(log_given: LogDensity, prior: Normal, q: Normal, n: int, rng: torch.Generator) -> Tensor:
    """Return log p(x | z) + log p(z) - log q(z) of n codes z ~ q, (n,); with q the prior itself, log p(x | z) alone."""
    parts = []
    for size in [BATCH] * (n // BATCH) + [n % BATCH]:
        z = q.mean + q.stddev * torch.randn(size, len(q.mean), generator=rng, device=rng.device, dtype=q.mean.dtype)
        ratio = 0.0 if q is prior else (prior.log_prob(z) - q.log_prob(z)).sum(1)
        parts.append(log_given(z).double() + ratio)
    return torch.cat(parts)


def log_marginal_on_grid(log_given: LogDensity) -> float:
    """Return the log of the integral of p(x | z) N(z; 0, I) over the plane, by ever finer grids where the integrand matters."""
    centre, reach = torch.zeros(2, dtype=torch.float64), torch.full((2,), REACH, dtype=torch.float64)
    before, across = math.inf, FIRST_POINTS
    while True:
        z, cell = _grid(centre, reach, across)
        log_joint = _in_batches(log_given, z) - z.square().sum(1) / 2 - math.log(2 * math.pi)
        now = float(torch.logsumexp(log_joint, 0)) + math.log(cell)
        if abs(now - before) < TOLERANCE or across >= MAX_POINTS:
            return now
        support, margin = z[log_joint > log_joint.max() - CUTOFF], 2 * reach * 2 / (across - 1)  # of two cells
        low, high = support.amin(0) - margin, support.amax(0) + margin
        centre, reach = (low + high) / 2, (high - low) / 2
        before, across = now, across * 3 // 2


def divergence_on_grid(q: Normal, log_p: LogDensity) -> float:
    """Return D[q || p] of a Gaussian q in the plane from any normalised log p, by a grid in the deviations of q."""
    z, cell = _grid(q.mean, DEVIATIONS * q.stddev, POINTS)
    log_q = q.log_prob(z).sum(1)
    return float((log_q.exp() * (log_q - _in_batches(log_p, z))).sum()) * cell


def expectation(q: Normal, value: LogDensity) -> float:
    """Return E_q[value(z)] for a Gaussian q in the plane, by the product of two Gauss-Hermite rules."""
    nodes, weights = (torch.tensor(a, dtype=torch.float64) for a in _hermite())
    z = q.mean + q.stddev * torch.cartesian_prod(nodes, nodes)
    return float((weights[:, None] * weights).flatten() @ _in_batches(value, z))


def _hermite() -> tuple[list[float], list[float]]:
    """Return nodes and weights of E[f(N(0, 1))], the eigensystem of the Jacobi matrix (Golub and Welsch 1969)."""
    off = torch.arange(1, HERMITE, dtype=torch.float64).sqrt()
    nodes, vectors = torch.linalg.eigh(torch.diag(off, 1) + torch.diag(off, -1))
    return nodes.tolist(), vectors[0].square().tolist()


def _grid(centre: Tensor, reach: Tensor, across: int) -> tuple[Tensor, float]:
    """Return the points of a grid (across^2, 2) of half width `reach` around the centre, and the area of a cell."""
    steps = torch.linspace(-1, 1, across, dtype=torch.float64)
    return centre + torch.cartesian_prod(steps, steps) * reach, float(reach.prod()) * (2 / (across - 1)) ** 2


def _in_batches(f: LogDensity, z: Tensor) -> Tensor:
    return torch.cat([f(part).double() for part in z.split(BATCH)])
