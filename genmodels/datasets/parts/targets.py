"""Target densities in the plane, known everywhere and wide enough to be resolved by a coarse grid."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.datasets.toys2d import gaussians_log_density, ring_log_density

N_ARC = 64  # Gaussians along each moon: neighbours .05 apart, under half their std
MOON_STD, MODE_STD = 0.12, 0.1


@dataclass(frozen=True)
class Target:
    """A density to be learned: a sampler, its logarithm in nats, and a description of one line."""

    draw: Callable[[int, torch.Generator], Tensor]  # n -> (n, 2)
    log_density: Callable[[Tensor], Tensor]  # (N, 2) -> (N,)
    about: str


def _mixture(centres: Tensor, std: float, about: str) -> Target:
    def draw(n: int, rng: torch.Generator) -> Tensor:
        return centres[torch.randint(len(centres), (n,), generator=rng)] + std * torch.randn(n, 2, generator=rng)

    return Target(draw, gaussians_log_density(centres, std), about)


def _ring() -> Target:
    def draw(n: int, rng: torch.Generator) -> Tensor:
        x = torch.randn(n, 2, generator=rng)
        return x / 10 + x / x.norm(dim=1, keepdim=True)

    return Target(draw, ring_log_density, "the lecture's y = x/10 + x/||x||")


def _one_gaussian() -> Target:
    mean, root = torch.tensor([0.3, 0.2]), torch.tensor([[0.45, 0.0], [0.25, 0.3]])  # the covariance is root root'
    inverse, log_det = torch.linalg.inv(root), float(torch.logdet(root))

    def draw(n: int, rng: torch.Generator) -> Tensor:
        return mean + torch.randn(n, 2, generator=rng) @ root.T

    def log_density(x: Tensor) -> Tensor:
        return -((x - mean) @ inverse.T.to(x)).square().sum(1) / 2 - math.log(2 * math.pi) - log_det

    return Target(draw, log_density, "one Gaussian: an affine generator could draw it exactly")


def _circle(n: int) -> Tensor:
    angle = torch.arange(n) * (2 * math.pi / n)
    return torch.stack([angle.cos(), angle.sin()], 1)


def _arcs() -> Tensor:
    angle = (torch.arange(N_ARC) + 0.5) * (math.pi / N_ARC)
    upper = torch.stack([angle.cos() - 0.5, angle.sin() - 0.25], 1)
    return torch.cat([upper, -upper])


TARGETS = {
    "8 Gaussians": _mixture(_circle(8), MODE_STD, f"eight Gaussians of std {MODE_STD} on the unit circle"),
    "ring": _ring(),
    "moons": _mixture(_arcs(), MOON_STD, f"two half circles with noise of std {MOON_STD}"),
    "one Gaussian": _one_gaussian(),
}
