"""Slow and plain second opinions, in NumPy and float64: what is true by definition, for the fast code to be held against."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Categorical, MultivariateNormal, Normal


def integral_on_a_grid(log_density, low, high, n):
    """The integral of exp(log_density) over the square from low to high, by the midpoint rule on n x n cells."""
    step = (high - low) / n
    axis = low + step * (torch.arange(n, dtype=torch.float64) + 0.5)
    points = torch.cartesian_prod(axis, axis)
    return log_density(points).double().exp().sum().item() * step**2


def dense_mixture_log_prob(x: Tensor, weights: Tensor, means: Tensor, covariances: Tensor) -> Tensor:
    """log sum_k pi_k N(x; mu_k, Sigma_k) with one dense Sigma (K, D, D) a component, by torch's own distributions."""
    parts = MultivariateNormal(means[:, None], covariance_matrix=covariances[:, None]).log_prob(x)  # (K, N)
    return torch.logsumexp(Categorical(weights).probs.log()[:, None] + parts, 0)


def dense_covariances(kind: str, covariances: Tensor, k: int, d: int) -> Tensor:
    """The covariances of a mixture, in scikit-learn's four forms, as (K, D, D)."""
    eye = torch.eye(d, dtype=covariances.dtype)
    return {
        "full": lambda c: c,
        "tied": lambda c: c.expand(k, d, d),
        "diag": torch.diag_embed,
        "spherical": lambda c: c[:, None, None] * eye,
    }[kind](covariances)


def mixture_moments(weights, means, covariances):
    """The mean and the covariance of a mixture: sum pi mu, and sum pi (Sigma + mu mu^T) - mean mean^T."""
    mean = sum(p * m for p, m in zip(weights, means, strict=True))
    second = sum(p * (c + np.outer(m, m)) for p, m, c in zip(weights, means, covariances, strict=True))
    return mean, second - np.outer(mean, mean)


def probabilistic_pca_log_prob(x: Tensor, mean: Tensor, loadings: Tensor, sigma: float) -> Tensor:
    """log N(x; mean, W W^T + sigma^2 I), the exact marginal of x = W z + mean + sigma eps (Tipping and Bishop 1999)."""
    covariance = loadings @ loadings.T + sigma**2 * torch.eye(len(mean), dtype=mean.dtype)
    return MultivariateNormal(mean, covariance_matrix=covariance).log_prob(x)


def marginal_by_quadrature(x: Tensor, given, n: int = 20_001, reach: float = 9.0) -> Tensor:
    """log of the integral over one z of N(z; 0, 1) p(x | z), `given(z)` the distribution, by the trapezium rule to +- reach."""
    z = torch.linspace(-reach, reach, n, dtype=torch.float64)
    log_prior = Normal(0.0, 1.0).log_prob(z)
    of_each = given(z.float()[:, None])  # n distributions of D numbers
    rows = [torch.logsumexp(log_prior + of_each.log_prob(one).sum(1), 0) for one in x.double()]
    return torch.stack(rows) + math.log(2 * reach / (n - 1))


def kl_by_monte_carlo(mu: Tensor, log_var: Tensor, n: int, rng: torch.Generator) -> tuple[float, float]:
    """D[N(mu, diag exp log_var) || N(0, I)] for one example, as the mean of log q - log p over n draws, and its standard error."""
    q = Normal(mu.double(), (log_var.double() / 2).exp())
    z = q.mean + q.stddev * torch.randn(n, len(mu), generator=rng, dtype=torch.float64)
    terms = (q.log_prob(z) - Normal(0.0, 1.0).log_prob(z)).sum(1)
    return terms.mean().item(), terms.std().item() / n**0.5


def mode_scores(x: Tensor, modes: Tensor, std: float) -> tuple[int, float]:
    """How many modes have a sample within three deviations, and the share of samples that are so near to any."""
    good = []
    for point in x.tolist():
        distance, k = min((math.dist(point, mode), k) for k, mode in enumerate(modes.tolist()))
        good += [k] if distance < 3 * std else []
    return len(set(good)), len(good) / len(x)


def voted_accuracy(z: Tensor, labels: Tensor, z_train: Tensor, train_labels: Tensor, k: int) -> float:
    """How often the k nearest vote for the right class, one example at a time; those as far as the last share what is left."""
    right = 0
    for code, label in zip(z.double(), labels, strict=True):
        distance = (z_train.double() - code).norm(dim=1).round(decimals=5)
        votes, left = torch.zeros(int(train_labels.max()) + 1).double(), k
        for value in distance.unique():  # from the nearest on
            here = train_labels[distance == value]
            votes += torch.bincount(here, minlength=len(votes)) * min(1, left / len(here))
            left -= len(here)
            if left <= 0:
                break
        right += int(votes.round(decimals=9).argmax() == label)
    return right / len(labels)
