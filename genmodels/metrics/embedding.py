"""Quality of two-dimensional maps: preserved neighbours, and the exact t-SNE objective."""

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.neighbours import ROUNDING
from genmodels.metrics.parts.distances import Space

K = 10  # neighbours


def neighbours_kept(z: Tensor, y: Tensor, k: int = K) -> float:
    """Return the fraction of the k nearest neighbours on the map y (N, 2) that are among the k nearest of the codes z (N, Z).

    Codes as near as the k-th count too: among many equal ones, such as a mixture's responsibilities, the k nearest are not unique.
    """
    if len(z) != len(y):
        raise UserError(f"a map of {len(y)} dots cannot be held against {len(z)} codes: give one dot a code")
    codes, dots = (Space(f"neighbours kept with k = {k}", k + 1, x, x) for x in (z, y))
    count, offset = 0, 0
    for distance, map_distance in zip(codes.distances(codes.real, codes.real), dots.distances(dots.real, dots.real)):
        rows = torch.arange(len(distance), device=distance.device)
        distance[rows, rows + offset] = map_distance[rows, rows + offset] = torch.inf
        reach = distance.kthvalue(k, dim=1, keepdim=True).values * ROUNDING  # (B, 1)
        nearest = map_distance.sort(dim=1, stable=True).indices[:, :k]  # (B, k)
        count += int((distance.gather(1, nearest) <= reach).sum())
        offset += len(distance)
    return count / (k * len(z))


def map_divergence(p: Tensor, y: Tensor) -> float:
    """Return sum p log(p / q), nats, of affinities p (N, N) and q ~ 1 / (1 + |y_i - y_j|^2), both of sum 1 over pairs i != j."""
    if p.shape != (len(y), len(y)):
        raise UserError(f"affinities {tuple(p.shape)} are not those of a map of {len(y)} dots")
    q = 1 / (1 + torch.cdist(y.double(), y.double()).square())
    q.fill_diagonal_(0)
    there = p > 0
    p = p.double()[there] / p.double().sum()
    return float((p * (p.log() - (q / q.sum())[there].log())).sum())
