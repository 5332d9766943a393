"""Distance of two distributions of radii, for models without a likelihood on the ring."""

import torch
from torch import Tensor


def radius_distance(fake: Tensor, real: Tensor) -> float:
    """Return the Wasserstein-1 distance of the norms of points (N, 2) and (M, 2): mean transport, in data units."""
    a, b = (x.double().norm(dim=1).sort().values for x in (fake, real))
    both = torch.cat([a, b]).sort().values
    below_a, below_b = (torch.searchsorted(r, both[:-1], right=True) / len(r) for r in (a, b))
    return float(((below_a.double() - below_b.double()).abs() * both.diff()).sum())
