"""The perception-distortion tradeoff in closed form, for Gaussian x and y = x + Gaussian noise (Blau and Michaeli 2018).

Error is the mean squared distance from x; unrealism is the Wasserstein-2 distance of the estimates' distribution from that of x.
From the posterior mean to a posterior sample, x_t = E[x | y] + t (sample - E[x | y]), the error is (1 + t^2) D*, D* that of the
mean: a sample costs twice. The least error at unrealism P is D* + (P* - P)^2, P* that of the mean (Freirich 2021).
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class GaussianTradeoff:
    """x ~ N(0, cov), y = x + N(0, noise), both (D, D)."""

    cov: Tensor
    noise: Tensor

    @property
    def gain(self) -> Tensor:
        """The matrix K of E[x | y] = K y, (D, D)."""
        return torch.linalg.solve(self.cov + self.noise, self.cov).T

    @property
    def posterior_cov(self) -> Tensor:
        """Cov[x | y], (D, D), the same whatever y."""
        return self.cov - self.gain @ self.cov

    @property
    def least_error(self) -> float:
        """D*, the error of the posterior mean."""
        return float(self.posterior_cov.trace())

    def towards_a_draw(self, t: float) -> tuple[float, float]:
        """Return unrealism and error of x_t."""
        return wasserstein(self.cov - self.posterior_cov + t**2 * self.posterior_cov, self.cov), (1 + t**2) * self.least_error

    def bound(self, unrealism: float) -> float:
        """Return the least error that any estimate with this unrealism has."""
        most = wasserstein(self.cov - self.posterior_cov, self.cov)
        return self.least_error + max(0.0, most - unrealism) ** 2


def wasserstein(a: Tensor, b: Tensor) -> float:
    """Return the Wasserstein-2 distance of N(0, a) and N(0, b): the root of tr(a + b - 2 (a^1/2 b a^1/2)^1/2)."""
    values, axes = torch.linalg.eigh(a)
    root = (axes * values.clamp(min=0).sqrt()) @ axes.T
    between = torch.linalg.eigvalsh(root @ b @ root).clamp(min=0).sqrt().sum()
    return float((a.trace() + b.trace() - 2 * between).clamp(min=0).sqrt())
