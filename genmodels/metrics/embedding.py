"""How far a flat map can be trusted: which neighbours it keeps, and what a t-SNE minimises, without its approximations."""

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.neighbours import ROUNDING
from genmodels.metrics.parts.distances import Space

K = 10  # neighbours asked for


def neighbours_kept(z: Tensor, y: Tensor, k: int = K) -> float:
    """Return which share of the k nearest on the map y (N, 2) are among the k nearest of the codes z (N, Z) too.

    Codes as near as the k-th count as well: of many equal ones, such as a mixture's certainties, no k are nearer than the others.
    """
    if len(z) != len(y):
        raise UserError(f"a map of {len(y)} dots cannot be held against {len(z)} codes: give one dot a code")
    codes, dots = (Space(f"neighbours kept with k = {k}", k + 1, x, x) for x in (z, y))
    kept, begun = 0, 0
    for far, apart in zip(codes.distances(codes.real, codes.real), dots.distances(dots.real, dots.real)):
        own = torch.arange(len(far), device=far.device)
        far[own, own + begun] = apart[own, own + begun] = torch.inf
        reach = far.kthvalue(k, dim=1, keepdim=True).values * ROUNDING  # (B, 1)
        nearest = apart.sort(dim=1, stable=True).indices[:, :k]  # (B, k)
        kept += int((far.gather(1, nearest) <= reach).sum())
        begun += len(far)
    return kept / (k * len(z))


def map_divergence(p: Tensor, y: Tensor) -> float:
    """Return sum p log(p / q), nats, of affinities p (N, N) and q ~ 1 / (1 + |y_i - y_j|^2), both of sum 1 over pairs i != j."""
    if p.shape != (len(y), len(y)):
        raise UserError(f"affinities {tuple(p.shape)} are not those of a map of {len(y)} dots")
    q = 1 / (1 + torch.cdist(y.double(), y.double()).square())
    q.fill_diagonal_(0)
    there = p > 0
    p = p.double()[there] / p.double().sum()
    return float((p * (p.log() - (q / q.sum())[there].log())).sum())
