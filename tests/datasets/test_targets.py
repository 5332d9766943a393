"""Targets: each density integrates to one, and is that of the points that are drawn."""

import pytest
import torch

from genmodels.datasets.parts.targets import TARGETS
from genmodels.metrics.best_discriminator import SIDE, Cells, cell_of, cells_of_density
from tests.oracles import integral_on_a_grid


@pytest.mark.parametrize("name", TARGETS)
def test_a_density_integrates_to_one(name):
    assert integral_on_a_grid(TARGETS[name].log_density, -3.0, 3.0, 300) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("name", TARGETS)
def test_points_fall_where_the_density_says(name, rng):
    n, target = 200_000, TARGETS[name]
    cells = cells_of_density(target.log_density)
    draws = torch.bincount(cell_of(target.draw(n, rng)), minlength=SIDE**2).double() / n
    by_chance = int((cells > 1e-6).sum()) / (8 * n)  # what equal densities read on average: cells / 8n
    assert Cells(cells, draws).divergence() < 4 * by_chance + 5e-4


def test_one_gaussian_has_the_moments_of_its_density(rng):
    x = TARGETS["one Gaussian"].draw(100_000, rng)
    oracle = torch.distributions.MultivariateNormal(x.mean(0), x.T.cov())
    assert torch.allclose(TARGETS["one Gaussian"].log_density(x[:50]), oracle.log_prob(x[:50]), atol=0.1)
