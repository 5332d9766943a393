"""The distance of two clouds' radii is scipy's Wasserstein distance."""

import pytest
import torch
from scipy import stats

from genmodels.metrics.radius import radius_distance


def test_the_distance_of_radii_is_scipys_wasserstein_distance(rng):
    a, b = torch.randn(500, 2, generator=rng), 1.5 * torch.randn(300, 2, generator=rng)
    assert radius_distance(a, b) == pytest.approx(stats.wasserstein_distance(a.norm(dim=1), b.norm(dim=1)), rel=1e-6)
    assert radius_distance(a, a) == 0
    circle = a / a.norm(dim=1, keepdim=True)
    assert radius_distance(circle, 3 * circle) == pytest.approx(2, rel=1e-6)
