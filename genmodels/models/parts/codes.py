"""Latent codes to sample from when the prior does not match the training codes: a mixture fitted to them, or the codes themselves.

A second model of the codes takes away most of a variational autoencoder's gap in sample quality (Dai and Wipf 2019; Ghosh 2020).
"""

import torch
from torch import Tensor, nn

from genmodels.models.parts import nets

MIXTURE_SIZE, BANK_SIZE, CODED = 10, 2000, 4000  # components; posteriors kept; codes that the mixture is fitted to
DRAWS, LLOYD_STEPS, EM_STEPS = 5, 10, 30
ADDED_VARIANCE = 1e-3  # codes have at most the unit variance of the prior


class CodeMixture(nn.Module):
    """A Gaussian mixture with full covariances over codes; N(0, I) until `learn`."""

    weights: Tensor  # (K,)
    means: Tensor  # (K, Z)
    lower: Tensor  # (K, Z, Z): Cholesky factors of the covariances

    def __init__(self, n_components: int, dim: int):
        super().__init__()
        self.register_buffer("weights", torch.full((n_components,), 1 / n_components))
        self.register_buffer("means", torch.zeros(n_components, dim))
        self.register_buffer("lower", nets.identity(n_components, dim, dim))

    def learn(self, z: Tensor, rng: torch.Generator) -> None:
        """Fit the mixture to codes z (N, Z) by expectation maximisation, started by a short k-means."""
        z = z.double()
        means = _distant_codes(z, len(self.weights), rng)
        for _ in range(LLOYD_STEPS):
            responsibilities = torch.cdist(z, means).argmin(1)[:, None] == torch.arange(len(means), device=z.device)  # (N, K)
            means = _weighted_means(z, responsibilities.to(z), means)
        responsibilities = responsibilities.to(z)
        for _ in range(EM_STEPS):
            weights, means = responsibilities.mean(0), _weighted_means(z, responsibilities, means)
            rest = z - means[:, None]  # (K, N, Z)
            lower = torch.linalg.cholesky(_covariances(rest, responsibilities))  # (K, Z, Z)
            white = torch.linalg.solve_triangular(lower, rest.mT, upper=False)  # (K, Z, N)
            log_joint = weights.log() - lower.diagonal(dim1=1, dim2=2).log().sum(1) - white.square().sum(1).T / 2  # (N, K), but pi
            responsibilities = torch.softmax(log_joint, 1)
        self.weights.copy_(weights)
        self.means.copy_(means)
        self.lower.copy_(lower)

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return n codes, (n, Z)."""
        u = torch.rand(n, generator=rng, device=rng.device)
        eps = torch.randn(n, self.means.shape[1], generator=rng, device=rng.device)
        k = torch.searchsorted(self.weights.cumsum(0), u).clamp(max=len(self.weights) - 1)
        return self.means[k] + torch.einsum("nij,nj->ni", self.lower[k], eps)


class CodeBank(nn.Module):
    """Posteriors of some training examples, from which codes are drawn; the prior until `learn`."""

    mu: Tensor  # (N, Z)
    log_var: Tensor  # (N, Z)

    def __init__(self, size: int, dim: int):
        super().__init__()
        self.register_buffer("mu", torch.zeros(size, dim))
        self.register_buffer("log_var", torch.zeros(size, dim))

    def learn(self, mu: Tensor, log_var: Tensor) -> None:
        """Store these posteriors."""
        self.mu.copy_(mu)
        self.log_var.copy_(log_var)

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return z ~ q(z | x) for n of the stored examples at random, (n, Z)."""
        index = torch.randint(len(self.mu), (n,), generator=rng, device=rng.device)
        eps = torch.randn(n, self.mu.shape[1], generator=rng, device=rng.device)
        return self.mu[index] + (self.log_var[index] / 2).exp() * eps


def _distant_codes(z: Tensor, k: int, rng: torch.Generator) -> Tensor:
    """Return k of the codes z (N, Z), far from each other: k-means++, the best of a few candidates each time (Arthur 2007)."""
    centres = z[torch.randint(len(z), (1,), generator=rng, device=z.device)]
    squares = torch.cdist(centres, z).square()[0]  # (N,) to the nearest centre
    for _ in range(k - 1):
        candidates = z[torch.multinomial(squares + 1e-12, DRAWS, replacement=True, generator=rng)]
        distances = torch.minimum(squares, torch.cdist(candidates, z).square())  # (DRAWS, N)
        best = distances.sum(1).argmin()
        centres, squares = torch.cat([centres, candidates[best, None]]), distances[best]
    return centres


def _weighted_means(z: Tensor, responsibilities: Tensor, otherwise: Tensor) -> Tensor:
    """Return the mean of z (N, Z) weighted by each column of responsibilities (N, K), (K, Z); `otherwise` where a column is 0."""
    counts = responsibilities.sum(0)[:, None]
    return torch.where(counts > 0, responsibilities.T @ z / counts.clamp(min=1e-12), otherwise)


def _covariances(rest: Tensor, responsibilities: Tensor) -> Tensor:
    """Return the covariance of residuals (K, N, Z) weighted by each column of responsibilities (N, K), regularised, (K, Z, Z)."""
    scaled = responsibilities.T[..., None] * rest / responsibilities.sum(0).clamp(min=1e-12)[:, None, None]
    return scaled.mT @ rest + ADDED_VARIANCE * torch.eye(rest.shape[-1]).to(rest)
