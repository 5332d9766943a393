"""A latent variable model whose integral is known: z ~ N(0, I), x | z ~ N(W z + m, sigma^2 I), fitted in closed form.

It is probabilistic PCA (Tipping and Bishop 1999): log p(x), p(z | x), the ELBO and its gradient have closed forms, with which every
estimate of them can be compared. Everything is float64, nats and data units.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import MultivariateNormal, Normal, kl_divergence

LEAST_SIGMA = 1 / 32  # half a level of pictures with 17 levels; without it 64 axes would explain 64 pixels exactly


@dataclass(frozen=True)
class LinearGaussian:
    """The model's three parameters."""

    loadings: Tensor  # W (D, Z)
    mean: Tensor  # m (D,)
    sigma: float

    @classmethod
    def fit(cls, x: Tensor, dim: int, least_sigma: float = LEAST_SIGMA) -> "LinearGaussian":
        """Return the maximum-likelihood model of x (N, D) with `dim` latent dimensions and sigma of at least `least_sigma`."""
        x = x.double()
        values, vectors = torch.linalg.eigh(torch.cov(x.T, correction=0))  # ascending
        residual = values[:-dim] if dim < len(values) else torch.zeros(1, dtype=x.dtype)
        variance = max(float(residual.mean()), least_sigma**2)
        largest = values[-dim:].flip(0)
        return cls(vectors[:, -dim:].flip(1) * (largest - variance).clamp(min=0).sqrt(), x.mean(0), math.sqrt(variance))

    @property
    def dim(self) -> int:
        """The number of latent dimensions."""
        return self.loadings.shape[1]

    def log_given(self, x: Tensor, z: Tensor) -> Tensor:
        """Return log p(x | z) of one x (D,) for codes z (N, Z), (N,)."""
        residual = x - self.mean - z @ self.loadings.T
        return -residual.square().sum(1) / (2 * self.sigma**2) - len(x) * (math.log(2 * math.pi) / 2 + math.log(self.sigma))

    def log_prob(self, x: Tensor) -> float:
        """Return log p(x) of one x (D,): exact, of N(m, W W^T + sigma^2 I)."""
        covariance = self.loadings @ self.loadings.T + self.sigma**2 * torch.eye(len(x)).to(x)
        return float(MultivariateNormal(self.mean, covariance).log_prob(x))

    def posterior(self, x: Tensor) -> Normal:
        """Return p(z | x) of one x (D,); its dimensions are independent, since the columns of W are orthogonal."""
        precision = 1 + self.loadings.square().sum(0) / self.sigma**2  # (Z,)
        return Normal((x - self.mean) @ self.loadings / self.sigma**2 / precision, precision.rsqrt())

    def reconstruction(self, x: Tensor, q: Normal) -> float:
        """Return E_q[log p(x | z)] for q of independent dimensions: exact."""
        spread = (self.loadings.square() * q.variance).sum() / (2 * self.sigma**2)
        return float(self.log_given(x, q.mean[None])[0] - spread)

    def elbo(self, x: Tensor, q: Normal) -> float:
        """Return E_q[log p(x | z)] - D[q || p(z)]: exact."""
        return self.reconstruction(x, q) - float(divergence(q, standard_normal(self.dim)))

    def slope(self, x: Tensor, z: Tensor) -> Tensor:
        """Return the gradient of log p(x | z) with respect to codes z (N, Z), (N, Z)."""
        return (x - self.mean - z @ self.loadings.T) @ self.loadings / self.sigma**2


def standard_normal(dim: int) -> Normal:
    """Return N(0, I), in float64."""
    return Normal(torch.zeros(dim, dtype=torch.float64), torch.ones(dim, dtype=torch.float64))


def divergence(q: Normal, p: Normal) -> Tensor:
    """Return D[q || p] of two Gaussians of independent dimensions, nats."""
    return kl_divergence(q, p).sum()
