"""How many different examples a generator knows, by the birthday paradox (Arora and Zhang 2018).

Of m equally likely examples, s with s^2 near 1.39 m have a repeated one among them as likely as not (the paper quotes s^2 itself).
Generated examples hardly ever repeat to the bit: two are taken for one where they lie nearer than all but a few real examples do to
their nearest other. So the number has a meaning only beside that of real examples, at equal N.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.base import draw
from genmodels.metrics.parts.distances import Space

WHERE = "the birthday estimate"
SHARE = 0.01  # of real examples whose nearest other is taken for the same
PARTIES, ORDERS = 20, 1000  # random parts of the examples, and random orders of all parts together in which they arrive
ENOUGH = 20  # a part is this much larger than one over the root of the share of pairs that are the same: it surely repeats
NEVER = 2**31


@dataclass(frozen=True)
class Birthday:
    """When examples begin to repeat."""

    size: int  # examples among which a repeated one is as likely as not; N + 1 if N are too few
    support: float  # how many equally likely examples would repeat as soon; if N are too few, there are more


def birthday(fake: Tensor, real: Tensor, rng: torch.Generator, share: float = SHARE) -> Birthday:
    """Return the estimate for features (N, F); of real ones (M, F) a `share` has a nearest other that is taken for the same."""
    if not 0 <= share <= 1:
        raise UserError(f"{WHERE} takes a share of real examples for the same, from 0 to 1, got {share}")
    space = Space(WHERE, 2, fake, real)
    near, n = float(space.radii(space.real, 1).quantile(share, interpolation="lower")), len(fake)
    same = sum(int((distance <= near).sum()) for distance in space.distances(space.fake, space.fake)) - n  # pairs, each twice
    guests = min(n, ENOUGH * math.ceil(math.sqrt(n * (n - 1) / same))) if same > 0 else n
    parties = PARTIES if guests < n else 1
    first = [_first_repetitions(space, draw(space.fake, guests, rng), near, ORDERS // parties, rng) for _ in range(parties)]
    size = min(int(torch.cat(first).median()), n + 1)
    return Birthday(size, size * (size - 1) / (2 * math.log(2)))  # exp(-size (size - 1) / 2 support) = 1/2


def _first_repetitions(space: Space, guests: Tensor, near: float, orders: int, rng: torch.Generator) -> Tensor:
    """Return how many of the guests (G, F) have come when one is first the same as another, for each order; NEVER if none is."""
    same = torch.cat([distance <= near for distance in space.distances(guests, guests)]).fill_diagonal_(False)
    one, other = same.nonzero(as_tuple=True)
    if not len(one):
        return torch.full((orders,), NEVER)
    arrival = torch.stack([torch.randperm(len(guests), generator=rng, device=rng.device) for _ in range(orders)]).to(one.device)
    return torch.maximum(arrival[:, one], arrival[:, other]).amin(1).cpu() + 1
