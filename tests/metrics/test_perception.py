"""The closed form of error against unrealism holds for examples, and the bound is met by what is carried, by nothing below it."""

import pytest
import torch

from genmodels import device
from genmodels.metrics.frechet import frechet_distance
from genmodels.metrics.perception import GaussianTradeoff, wasserstein

CPU = torch.device("cpu")
COV = torch.tensor([[2.0, 0.6], [0.6, 0.5]], dtype=torch.float64)
TRUTH = GaussianTradeoff(COV, torch.eye(2, dtype=torch.float64))
N = 100_000


def normal(seed):
    return torch.randn(N, 2, generator=device.generator(CPU, seed, "tests"), dtype=torch.float64)


def test_the_distance_of_gaussians_that_commute_is_that_of_their_deviations():
    a, b = torch.diag(torch.tensor([4.0, 1.0])).double(), torch.diag(torch.tensor([1.0, 9.0])).double()
    assert wasserstein(a, b) == pytest.approx((1**2 + 2**2) ** 0.5)
    assert wasserstein(COV, COV) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("t", [0.0, 0.5, 1.0])
def test_from_mean_to_draw_examples_follow_the_closed_form_within_five_per_cent(t):
    x = normal(0) @ torch.linalg.cholesky(COV).T
    mean = (x + normal(1)) @ TRUTH.gain.T
    x_hat = mean + t * normal(2) @ torch.linalg.cholesky(TRUTH.posterior_cov).T
    unrealism, error = TRUTH.towards_a_draw(t)
    assert float((x_hat - x).square().sum(1).mean()) == pytest.approx(error, rel=0.05)
    other = normal(3) @ torch.linalg.cholesky(COV).T
    assert frechet_distance(x_hat, other) ** 0.5 == pytest.approx(unrealism, rel=0.05, abs=0.02)
    assert error >= TRUTH.bound(unrealism)


def test_a_draw_costs_twice_and_the_bound_ends_at_the_mean_and_at_no_more_than_a_draw():
    most, least = TRUTH.towards_a_draw(0)
    assert TRUTH.towards_a_draw(1) == pytest.approx((0, 2 * least), abs=1e-6)
    assert TRUTH.bound(most) == pytest.approx(least)
    assert TRUTH.bound(0) == pytest.approx(least + most**2)
    assert TRUTH.bound(0) < 2 * least
