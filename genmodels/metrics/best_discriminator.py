"""The optimal discriminator of two known densities, D* = p / (p + q), on cells of a square (Goodfellow 2014, sec. 4).

P and Q are the probabilities of each cell, so that this is the optimal D among those constant on cells: the divergence of two known
densities is a lower bound, and zero if they are equal. A generator's Q is estimated by counting, which adds about `COUNTED`, so
that it is no bound.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE, HALF = 48, 1.8  # cells per side of the square from -1.8 to 1.8
FINE = 4  # quadrature points per side of each cell
LATTICE = 32_768  # noise points, whose images are counted
GOLDEN = (math.sqrt(5) - 1) / 2
LOG4 = math.log(4)
COUNTED = 0.001  # nats for an exact generator, due to counting: .0007 for the ring, .0015 for one Gaussian


@dataclass(frozen=True)
class Cells:
    """Probabilities of real P and of fake Q in each cell, (SIDE * SIDE,), rows from below."""

    real: Tensor
    fake: Tensor

    def best(self) -> Tensor:
        """Return D* of each cell, 1/2 where both probabilities are zero."""
        both = self.real + self.fake
        return torch.where(both > 0, self.real / both.clamp_min(1e-30), torch.full_like(both, 0.5))

    def best_accuracy(self) -> float:
        """Return the accuracy of D* on as many real as fake points: half of one plus the total variation distance."""
        return float(torch.maximum(self.real, self.fake).sum() / 2)

    def divergence(self) -> float:
        """Return the Jensen-Shannon divergence, nats, from 0 to log 2."""
        return max(0.0, (LOG4 - self.best_loss()) / 2)

    def best_loss(self) -> float:
        """Return the least sum of both cross-entropies, nats: log 4 if P = Q, 0 if they are disjoint."""
        both = self.real + self.fake
        terms = torch.xlogy(self.real, self.real) + torch.xlogy(self.fake, self.fake) - torch.xlogy(both, both)
        return float(-terms.sum())

    def loss(self, logits: Tensor) -> float:
        """Return the sum of both cross-entropies of a discriminator with these logits at the cells' centres, nats."""
        return float((self.real * F.softplus(-logits.double()) + self.fake * F.softplus(logits.double())).sum())

    def accuracy(self, logits: Tensor) -> float:
        """Return the accuracy of a discriminator with these logits; a logit of zero counts half."""
        prediction = (logits.double().sign() + 1) / 2
        return float((self.real * prediction + self.fake * (1 - prediction)).sum() / 2)


def centres() -> Tensor:
    """Return the cells' centres, (SIDE * SIDE, 2), x running fastest."""
    return _lattice_of(SIDE)


def cells_of_density(log_density: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the probability of each cell by quadrature, normalised: mass outside the square is ignored."""
    density = log_density(_lattice_of(SIDE * FINE)).double().exp().view(SIDE, FINE, SIDE, FINE)
    cells = density.sum((1, 3)).flatten()
    return cells / cells.sum()


def cells_of_generator(generate: Callable[[Tensor], Tensor]) -> Tensor:
    """Return the probability of each cell under G(z), z ~ N(0, I), by counting the images of a lattice; (cells,).

    Points outside the square are counted in the nearest cell.
    """
    at = cell_of(generate(even_noise(LATTICE)))
    return torch.bincount(at, minlength=SIDE * SIDE).double() / LATTICE


def cell_of(x: Tensor) -> Tensor:
    """Return the cell of each x (N, 2), (N,)."""
    column, row = ((x + HALF) * (SIDE / (2 * HALF))).floor().clamp(0, SIDE - 1).long().unbind(1)
    return row * SIDE + column


def even_noise(n: int) -> Tensor:
    """Return n quasi-random points (n, 2) of N(0, I): a golden lattice mapped by the normal quantiles."""
    i = torch.arange(n, dtype=torch.float64)
    u = torch.stack([(i + 0.5) / n, (i * GOLDEN + 0.5) % 1], 1)
    return torch.special.ndtri(u.clamp(1e-9, 1 - 1e-9)).float()


def _lattice_of(side: int) -> Tensor:
    middle = (torch.arange(side) + 0.5) * (2 * HALF / side) - HALF
    y, x = torch.meshgrid(middle, middle, indexing="ij")
    return torch.stack([x, y], -1).reshape(-1, 2)
