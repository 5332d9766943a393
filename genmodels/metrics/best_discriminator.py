"""The best possible discriminator where both densities are known, D* = p / (p + q), on cells of a square (Goodfellow 2014, sec. 4).

P and Q are the probabilities of each cell, so this is the best D that sees only in which cell a point lies. A finer eye could tell
a little more: of two known densities the divergence here is a lower bound, and zero if they are equal. Of a generator Q is counted,
which adds about `COUNTED`: no bound then.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE, HALF = 48, 1.8  # cells to a side of the square from -1.8 to 1.8
FINE = 4  # quadrature points to a side of each cell
LATTICE = 32_768  # points of noise whose images are counted
GOLDEN = (math.sqrt(5) - 1) / 2
LOG4 = math.log(4)
COUNTED = 0.001  # nats that an exact generator reads, since its cells are counted: .0007 of the ring, .0015 of one Gaussian


@dataclass(frozen=True)
class Cells:
    """Probabilities of real P and of fake Q in each cell, (SIDE * SIDE,), rows from below."""

    real: Tensor
    fake: Tensor

    def best(self) -> Tensor:
        """Return D* of each cell, 1/2 where neither ever falls."""
        both = self.real + self.fake
        return torch.where(both > 0, self.real / both.clamp_min(1e-30), torch.full_like(both, 0.5))

    def best_accuracy(self) -> float:
        """Return how often D* is right, as often asked of real as of fake: half of one plus the total variation distance."""
        return float(torch.maximum(self.real, self.fake).sum() / 2)

    def divergence(self) -> float:
        """Return the Jensen-Shannon divergence, nats, from 0 to log 2."""
        return max(0.0, (LOG4 - self.best_loss()) / 2)

    def best_loss(self) -> float:
        """Return the least sum of both cross-entropies, nats: log 4 if P = Q, 0 if they never meet."""
        both = self.real + self.fake
        terms = torch.xlogy(self.real, self.real) + torch.xlogy(self.fake, self.fake) - torch.xlogy(both, both)
        return float(-terms.sum())

    def loss(self, logits: Tensor) -> float:
        """Return the sum of both cross-entropies of a D with these logits at the cells' centres, nats."""
        return float((self.real * F.softplus(-logits.double()) + self.fake * F.softplus(logits.double())).sum())

    def accuracy(self, logits: Tensor) -> float:
        """Return how often a D that calls positive logits real is right; zero is a coin toss."""
        called = (logits.double().sign() + 1) / 2
        return float((self.real * called + self.fake * (1 - called)).sum() / 2)


def centres() -> Tensor:
    """Return the cells' centres, (SIDE * SIDE, 2), x running fastest."""
    return _lattice_of(SIDE)


def cells_of_density(log_density: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the probability of each cell by quadrature, scaled to a sum of one: what lies outside the square is left out."""
    density = log_density(_lattice_of(SIDE * FINE)).double().exp().view(SIDE, FINE, SIDE, FINE)
    cells = density.sum((1, 3)).flatten()
    return cells / cells.sum()


def cells_of_generator(generate: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the probability of each cell under G(z), z ~ N(0, I), by counting a lattice that covers z evenly; (cells,).

    What falls outside the square is counted in the cell at its edge.
    """
    at = cell_of(generate(even_noise(LATTICE)))
    return torch.bincount(at, minlength=SIDE * SIDE).double() / LATTICE


def cell_of(x: Tensor) -> Tensor:
    """Return in which cell each x (N, 2) lies, (N,)."""
    column, row = ((x + HALF) * (SIDE / (2 * HALF))).floor().clamp(0, SIDE - 1).long().unbind(1)
    return row * SIDE + column


def even_noise(n: int) -> Tensor:
    """Return n points (n, 2) that stand for N(0, I) more evenly than chance: a golden lattice through the normal quantiles."""
    i = torch.arange(n, dtype=torch.float64)
    u = torch.stack([(i + 0.5) / n, (i * GOLDEN + 0.5) % 1], 1)
    return torch.special.ndtri(u.clamp(1e-9, 1 - 1e-9)).float()


def _lattice_of(side: int) -> Tensor:
    middle = (torch.arange(side) + 0.5) * (2 * HALF / side) - HALF
    y, x = torch.meshgrid(middle, middle, indexing="ij")
    return torch.stack([x, y], -1).reshape(-1, 2)
