"""Divergences of a model's density q from a known density p, nats: exact where q is known too, else by nearest neighbours.

The Jensen-Shannon divergence, (D[p || m] + D[q || m]) / 2 with m = (p + q) / 2, is 0 for a perfect generator and log 2 for disjoint
supports; unlike D[q || p] it is finite where p is zero. It only needs log q/p, at examples of p and at examples of q.

For a model that can only sample, log q at a point is psi(k) - log n - log of the volume that contains the k nearest of n samples:
unbiased, with variance psi'(k) for any q (Kozachenko and Leonenko 1987; Wang, Kulkarni and Verdú 2009). The curvature of the
logarithm turns that variance into a bias, which is corrected to second order, so that the floor is 0.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import UserError
from genmodels.metrics.base import check_features

K = 5  # neighbours: fewer see finer detail, more scatter less
BLOCK = 2**22  # distances at once: 32 MB
LogDensity = Callable[[Tensor], Tensor]  # (N, D) -> (N,), nats


@dataclass(frozen=True)
class Estimate:
    """A mean over examples, nats, and its standard error."""

    nats: float
    standard_error: float


def kl_divergence(p: LogDensity, q: LogDensity, of_p: Tensor) -> Estimate:
    """Return D[p || q] from examples of p (N, D): infinite if q is zero at one of them."""
    return _mean("the KL divergence", -_log_ratio(p, q, of_p))


def js_divergence(p: LogDensity, q: LogDensity, of_p: Tensor, of_q: Tensor) -> Estimate:
    """Return the Jensen-Shannon divergence of two known densities from examples of each, (N, D) and (M, D)."""
    return _js(_log_ratio(p, q, of_p), _log_ratio(p, q, of_q), 0.0)


def js_divergence_of_samples(p: LogDensity, of_p: Tensor, of_q: Tensor, k: int = K) -> Estimate:
    """Return the Jensen-Shannon divergence of a known density from one given by samples; it can be slightly negative.

    Its resolution is the distance to k of the M samples: with 2,000 of them, eight Gaussians read 0 +- .01, and edges are
    blurred: a checkerboard moved by .2 both ways reads .21 for .23 (.22 with k = 2), moved by .2 one way .12 for .14.
    """
    of_p, of_q = check_features(f"the divergence with k = {k}", k + 1, real=of_p, fake=of_q)
    log_q = _log_density_by_neighbours(of_p, of_q, k), _log_density_by_neighbours(of_q, of_q, k, is_own=True)
    variance = float(torch.polygamma(1, torch.tensor(k, dtype=torch.float64)))
    return _js(log_q[0] - p(of_p).double(), log_q[1] - p(of_q).double(), variance)


def _log_ratio(p: LogDensity, q: LogDensity, x: Tensor) -> Tensor:
    """Return log q/p at x, (N,), float64."""
    return q(x).double() - p(x).double()


def _js(at_p: Tensor, at_q: Tensor, variance: float) -> Estimate:
    """Return the divergence from log q/p at examples of p (N,) and of q (M,), each with noise of this variance."""
    of_p, of_q = (
        _mean("the Jensen-Shannon divergence", _log_ratio_to_mean(x) + variance / 2 * _curvature(x)) for x in (at_p, -at_q)
    )
    return Estimate((of_p.nats + of_q.nats) / 2, math.hypot(of_p.standard_error, of_q.standard_error) / 2)


def _log_ratio_to_mean(log_ratio: Tensor) -> Tensor:
    """Return log p/m = log 2 - log(1 + q/p)."""
    return math.log(2) - F.softplus(log_ratio)


def _curvature(log_ratio: Tensor) -> Tensor:
    """Return minus the second derivative of `_log_ratio_to_mean`: half the noise's variance times it is the bias."""
    return torch.sigmoid(log_ratio) * torch.sigmoid(-log_ratio)


def _mean(where: str, terms: Tensor) -> Estimate:
    if len(terms) < 2 or bool(terms.isnan().any()):
        raise UserError(f"{where} needs 2 or more examples with densities that are numbers, got {len(terms)}: leave that model out")
    error = float(terms.std()) / math.sqrt(len(terms)) if bool(terms.isfinite().all()) else math.inf
    return Estimate(float(terms.mean()), error)


def _log_density_by_neighbours(x: Tensor, samples: Tensor, k: int, is_own: bool = False) -> Tensor:
    """Return the log density of the samples (M, D) at x (N, D), nats, (N,); `is_own`: x are the samples."""
    radii = torch.cat(
        [
            torch.cdist(part, samples, compute_mode="donot_use_mm_for_euclid_dist").topk(k + is_own, largest=False).values[:, -1]
            for part in x.split(max(1, BLOCK // len(samples)))
        ]
    )
    d = x.shape[1]
    log_ball = d / 2 * math.log(math.pi) - math.lgamma(d / 2 + 1)  # the volume of a ball of radius 1
    psi = float(torch.digamma(torch.tensor(k, dtype=torch.float64)))
    return psi - math.log(len(samples) - is_own) - log_ball - d * radii.log()
