"""Principal axes with a density: x = mean + axes (scale z) + noise off the axes (Tipping and Bishop 1999).

Whitened codes z have unit variance; off the axes the noise is isotropic, so that a density of z gives one of x exactly.
"""

import math

import torch
from torch import Tensor, nn

from genmodels.config import UserError
from genmodels.models.parts import nets


class PrincipalAxes(nn.Module):
    """The d axes of largest variance of D-dimensional data, in float64."""

    mean: Tensor  # (D,)
    axes: Tensor  # (D, d), orthonormal
    scale: Tensor  # (d,) standard deviations along the axes
    noise: Tensor  # () standard deviation of each direction off them

    def __init__(self, n_features: int, n_axes: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(n_features, dtype=torch.float64))
        self.register_buffer("axes", nets.identity(n_features, n_axes).double())
        self.register_buffer("scale", torch.ones(n_axes, dtype=torch.float64))
        self.register_buffer("noise", torch.ones((), dtype=torch.float64))

    def learn(self, x: Tensor) -> None:
        """Set mean, axes, scales and noise to those of x, (N, D); constant data are refused."""
        self.mean.copy_(x.mean(0))
        covariance = torch.cov((x - self.mean).T)
        variances, vectors = torch.linalg.eigh(covariance)  # ascending
        d = self.axes.shape[1]
        least = torch.maximum(1e-10 * variances[-1], 1e-14 * x.square().mean())  # less is rounding
        if not bool(variances[-d] > least):
            raise UserError(f"the data vary in fewer than {d} directions: lower pca_dim")
        self.axes.copy_(vectors[:, -d:].flip(1))
        self.scale.copy_(variances[-d:].flip(0).sqrt())
        self.noise.copy_(variances[:-d].mean().clamp(min=1e-8 * float(variances[-1])).sqrt())

    def project(self, x: Tensor) -> Tensor:
        """Return the whitened codes of x (N, D), (N, d)."""
        return (x - self.mean) @ self.axes / self.scale

    def lift(self, z: Tensor) -> Tensor:
        """Return the points on the axes with codes z (N, d), (N, D)."""
        return self.mean + (z * self.scale) @ self.axes.T

    def off_axes(self, noise: Tensor) -> Tensor:
        """Return the model's noise off the axes, from standard normal noise (N, D)."""
        return (noise - noise @ self.axes @ self.axes.T) * self.noise

    def log_density_off_axes(self, x: Tensor) -> Tensor:
        """Return log p(x) - log p(z), (N,), nats: the density of the noise off the axes and the log-determinant of the scales."""
        n_features, d = self.axes.shape
        centred = x - self.mean
        off = centred.square().sum(1) - (centred @ self.axes).square().sum(1)
        rest = n_features - d
        return -off / (2 * self.noise**2) - rest * (math.log(2 * math.pi) / 2 + self.noise.log()) - self.scale.log().sum()
