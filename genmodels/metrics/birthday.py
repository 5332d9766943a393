"""The support size of a generator, by the birthday paradox (Arora and Zhang 2018).

Of m equally likely examples, s of them with s^2 about 1.39 m contain a duplicate with probability 1/2 (the paper quotes s^2).
Generated examples are hardly ever equal: two count as duplicates if they are nearer than all but a few real examples are to their
nearest other. So the number is meaningful only beside that of real examples, at equal N.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.base import draw
from genmodels.metrics.parts.distances import Space

WHERE = "the birthday estimate"
SHARE = 0.01  # fraction of real examples whose nearest other counts as a duplicate
PARTIES, ORDERS = 20, 1000  # random subsets of the examples, and random orders of arrival, over all subsets
ENOUGH = 20  # a subset's size times the root of the fraction of duplicate pairs: it surely has duplicates
NEVER = 2**31


@dataclass(frozen=True)
class Birthday:
    """The number of examples at which duplicates appear."""

    size: int  # examples that contain a duplicate with probability 1/2; N + 1 if N are too few
    support: float  # number of equally likely examples with the same size; a lower bound if N are too few


def birthday(fake: Tensor, real: Tensor, rng: torch.Generator, share: float = SHARE) -> Birthday:
    """Return the estimate for features (N, F); `share` of the real ones (M, F) count as duplicates of their nearest other."""
    if not 0 <= share <= 1:
        raise UserError(f"{WHERE} takes a share of real examples for the same, from 0 to 1, got {share}")
    space = Space(WHERE, 2, fake, real)
    threshold, n = float(space.radii(space.real, 1).quantile(share, interpolation="lower")), len(fake)
    same = sum(int((distance <= threshold).sum()) for distance in space.distances(space.fake, space.fake)) - n  # pairs, each twice
    guests = min(n, ENOUGH * math.ceil(math.sqrt(n * (n - 1) / same))) if same > 0 else n
    parties = PARTIES if guests < n else 1
    first = [_first_repetitions(space, draw(space.fake, guests, rng), threshold, ORDERS // parties, rng) for _ in range(parties)]
    size = min(int(torch.cat(first).median()), n + 1)
    return Birthday(size, size * (size - 1) / (2 * math.log(2)))  # exp(-size (size - 1) / 2 support) = 1/2


def _first_repetitions(space: Space, guests: Tensor, threshold: float, orders: int, rng: torch.Generator) -> Tensor:
    """Return the number of arrivals among guests (G, F) at the first duplicate, for each order; NEVER if there is none."""
    same = torch.cat([distance <= threshold for distance in space.distances(guests, guests)]).fill_diagonal_(False)
    one, other = same.nonzero(as_tuple=True)
    if not len(one):
        return torch.full((orders,), NEVER)
    arrival = torch.stack([torch.randperm(len(guests), generator=rng, device=rng.device) for _ in range(orders)]).to(one.device)
    return torch.maximum(arrival[:, one], arrival[:, other]).amin(1).cpu() + 1
