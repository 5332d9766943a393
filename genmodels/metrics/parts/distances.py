"""Distances between features: in float64, about a common mean (exact for copies) and in blocks (bounded memory)."""

from collections.abc import Iterator

import torch
from torch import Tensor

from genmodels.metrics.base import check_features

BLOCK = 2**22  # distances at once: 32 MB
SAME = 1e-6  # points nearer than this fraction of the real examples' spread count as equal: distances are no more exact


class Space:
    """Features about the real examples' mean; points that are equal up to rounding have the distance `same`."""

    def __init__(self, where: str, least: int, fake: Tensor, real: Tensor, least_fake: int | None = None):
        check_features(where, least if least_fake is None else least_fake, fake=fake)
        check_features(where, least, real=real)
        fake, real = check_features(where, 1, fake=fake, real=real)
        mean = real.mean(0)
        self.fake, self.real = fake - mean, real - mean
        self.same = max(SAME * float(self.real.square().sum(1).mean().sqrt()), 1e-150)

    def distances(self, a: Tensor, b: Tensor) -> Iterator[Tensor]:
        """Yield blocks (B, M) of the distances of a (N, F) from b (M, F)."""
        for block in a.split(max(1, BLOCK // len(b))):
            yield torch.cdist(block, b).clamp_(min=self.same)

    def radii(self, x: Tensor, k: int) -> Tensor:
        """Return the distance of each of x to its k-th nearest other one, (N,)."""
        return torch.cat([d.topk(k + 1, dim=1, largest=False).values[:, k] for d in self.distances(x, x)])  # the first is itself
