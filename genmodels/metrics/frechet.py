"""Fréchet distance of two sets of features taken as Gaussians (Dowson and Landau 1982; Heusel 2017 with Inception features).

d(a, b) = |mu_a - mu_b|^2 + tr(Sigma_a + Sigma_b - 2 (Sigma_a Sigma_b)^1/2), in squared units of the features. It falls with N even
for real data, so that only distances at equal N are comparable; the score is the ratio to that of real data.
"""

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.base import Metric, check_features

Statistics = tuple[Tensor, Tensor]  # mean (F,) and covariance (F, F), float64


def statistics(features: Tensor) -> Statistics:
    """Return the mean and the unbiased covariance of features (N, F), in float64."""
    (x,) = check_features("the Fréchet distance", 2, features=features)
    mean = x.mean(0)
    centred = x - mean
    return mean, centred.T @ centred / (len(x) - 1)


def distance_of_statistics(a: Statistics, b: Statistics) -> float:
    """Return the squared Fréchet distance of two Gaussians."""
    (mean_a, cov_a), (mean_b, cov_b) = a, b
    values, vectors = torch.linalg.eigh(cov_a)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    # Sigma_a Sigma_b has the eigenvalues of the symmetric root Sigma_b root; rounding makes zeros slightly negative
    cross = torch.linalg.eigvalsh(root @ cov_b @ root).clamp(min=0).sqrt().sum()
    return max(0.0, float((mean_a - mean_b).square().sum() + cov_a.trace() + cov_b.trace() - 2 * cross))


def frechet_distance(fake: Tensor, real: Tensor) -> float:
    """Return the Fréchet distance of features (N, F) and (M, F)."""
    check_features("the Fréchet distance", 2, fake=fake, real=real)
    return distance_of_statistics(statistics(fake), statistics(real))


def frechet_ratio(fake: Tensor, test: Tensor, train: Tensor) -> float:
    """Return the distance of N generated from N test features over the mean distance of N training ones: 1 is as real.

    All consecutive runs of N in `train` count: a single one gives a noisy floor, by half in 2 dimensions.
    """
    n = len(test)
    check_features("the Fréchet ratio", 2, fake=fake, test=test, train=train)
    if len(fake) != n or len(train) < n:
        raise UserError(
            "the Fréchet ratio needs as many generated as test examples and no fewer training ones, since the distance falls with "
            f"their number, got {len(fake)}, {n} and {len(train)}: draw equally many of each"
        )
    parts = [part for part in train.split(n) if len(part) == n]
    floor = sum(frechet_distance(part, test) for part in parts) / len(parts)
    if not floor > 0:
        raise UserError("the Fréchet ratio needs training and test features that differ, these are the same: there is no floor")
    return frechet_distance(fake, test) / floor


frechet = Metric(
    name="frechet-ratio",
    title="Fréchet ratio",
    better="lower",
    ideal=1.0,
    about="Distance of generated from held-out examples, as Gaussians in feature space, over that of other real ones.",
    compute=lambda fake, test, train, rng: frechet_ratio(fake, test, train),
)
