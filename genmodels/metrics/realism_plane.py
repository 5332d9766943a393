"""The plane of reconstruction error against realism: both axes, and their rank correlation.

Errors are distances of a picture from its original: root mean square over pixels, or over features. Rank correlation is Spearman's,
with a bootstrap interval, the 2.5th to the 97.5th percentile, over resampled originals: all pictures made of one original stay
together. Where judges estimate the realism, they are resampled too.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.neighbours import K_PRECISION
from genmodels.metrics.parts.distances import Space

RESAMPLED = 200
AT_ONCE = 2**21  # numbers ranked at once


def root_mean_square(x_hat: Tensor, x: Tensor) -> Tensor:
    """Return the error of each of x_hat (..., N, *shape) from its original x (N, *shape), (..., N)."""
    lead = x_hat.ndim - x.ndim + 1
    return (x_hat - x).square().flatten(lead).mean(lead).sqrt()


def realism_apart(features: Tensor, real: Tensor, k: int = K_PRECISION) -> Tensor:
    """Return the realism score of features (N, F) as `neighbours.realism` does, but a copy of a real example leaves that one out.

    So a training picture is not trivially real: it is compared with the others.
    """
    space = Space(f"realism with k = {k}", k + 1, features, real, least_fake=1)
    radii = space.radii(space.real, k)
    dense = radii <= radii.median()
    reach, centres = radii[dense], space.real[dense]
    rows = [torch.where(distance > space.same, reach / distance, 0).amax(1) for distance in space.distances(space.fake, centres)]
    return torch.cat(rows)


@dataclass(frozen=True)
class Correlation:
    """A rank correlation and its 95 % interval; all None where one of the two is constant."""

    rho: float | None
    low: float | None
    high: float | None


def rank_correlation(
    error: Tensor, realism: Tensor, rng: torch.Generator, versions: Tensor | None = None, resampled: int = RESAMPLED
) -> Correlation:
    """Return Spearman's rho of both (S, N), S pictures made of each of N originals, with its interval.

    `versions` (V, S, N) are equally likely realisms by resampled judges. With `resampled` = 0 there is no interval.
    """
    if error.shape != realism.shape or error.ndim != 2 or error.shape[1] < 3:
        raise UserError(
            f"a rank correlation needs two tables (S, N), N at least 3, got {tuple(error.shape)}, {tuple(realism.shape)}"
        )
    if not len(error):
        return Correlation(None, None, None)
    whole = spearman(error.flatten()[None], realism.flatten()[None])[0]
    if not bool(whole.isfinite()):
        return Correlation(None, None, None)
    if not resampled:
        return Correlation(float(whole), None, None)
    n = error.shape[1]
    originals = torch.randint(n, (resampled, n), generator=rng, device=rng.device).to(error.device)
    versions = realism[None] if versions is None else versions
    judges = torch.randint(len(versions), (resampled,), generator=rng, device=rng.device).to(error.device)
    part = max(1, AT_ONCE // error.numel())
    values = torch.cat(
        [
            spearman(
                error[:, w].transpose(0, 1).flatten(1), versions[v].gather(2, w[:, None].expand(-1, len(error), -1)).flatten(1)
            )
            for w, v in zip(originals.split(part), judges.split(part), strict=True)
        ]
    )
    # Judges drawn with replacement are fewer different ones, thus noisier, and noise weakens a correlation: a bias to correct.
    weakening = spearman(error.flatten().expand(len(versions), -1), versions.flatten(1)).nanmean() - whole
    ends = values[values.isfinite()].quantile(torch.tensor([0.025, 0.975], dtype=values.dtype, device=values.device))
    ends = (ends - weakening.nan_to_num()).clamp(-1, 1)
    return Correlation(float(whole), float(ends[0]), float(ends[1]))


def spearman(a: Tensor, b: Tensor) -> Tensor:
    """Return Spearman's rank correlation of each row of a and b (B, M), (B,): NaN where one is constant."""
    a, b = (rank - rank.mean(1, keepdim=True) for rank in (_ranks(a), _ranks(b)))
    scale = (a.square().sum(1) * b.square().sum(1)).sqrt()
    return torch.where(scale > 0, (a * b).sum(1) / scale, torch.nan)


def _ranks(x: Tensor) -> Tensor:
    """Return the ranks of each row, ties sharing their mean rank."""
    ordered = x.contiguous().sort(1).values
    below = torch.searchsorted(ordered, x.contiguous())
    return (below + torch.searchsorted(ordered, x.contiguous(), right=True) + 1).double() / 2
