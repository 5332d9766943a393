"""Error against realism in closed form, for Gaussian x seen through Gaussian noise: y = x + noise (Blau and Michaeli 2018).

Error is the mean squared distance from x; unrealism is Wasserstein-2, between the distribution of the estimates and that of x. From
the posterior mean to a posterior draw, x_t = E[x | y] + t (draw - E[x | y]), the error is (1 + t^2) D*, D* that of the mean: a draw
costs twice. The least error for an unrealism P is D* + (P* - P)^2, P* that of the mean (Freirich 2021): below it nothing can be.
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
    def left(self) -> Tensor:
        """Cov[x | y], (D, D), the same whatever y."""
        return self.cov - self.gain @ self.cov

    @property
    def least_error(self) -> float:
        """D*, the error of the posterior mean."""
        return float(self.left.trace())

    def towards_a_draw(self, t: float) -> tuple[float, float]:
        """Return unrealism and error of x_t."""
        return wasserstein(self.cov - self.left + t**2 * self.left, self.cov), (1 + t**2) * self.least_error

    def bound(self, unrealism: float) -> float:
        """Return the least error that any estimate with this unrealism has."""
        most = wasserstein(self.cov - self.left, self.cov)
        return self.least_error + max(0.0, most - unrealism) ** 2


def wasserstein(a: Tensor, b: Tensor) -> float:
    """Return the Wasserstein-2 distance of N(0, a) and N(0, b): the root of tr(a + b - 2 (a^1/2 b a^1/2)^1/2)."""
    values, axes = torch.linalg.eigh(a)
    root = (axes * values.clamp(min=0).sqrt()) @ axes.T
    between = torch.linalg.eigvalsh(root @ b @ root).clamp(min=0).sqrt().sum()
    return float((a.trace() + b.trace() - 2 * between).clamp(min=0).sqrt())
