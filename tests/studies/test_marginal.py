"""log p(x) by Monte Carlo and by grids, where the answer is known."""

import math

import pytest
import torch
from torch.distributions import Normal

from genmodels import datasets
from genmodels.studies.likelihood import marginal
from genmodels.studies.likelihood.linear_gaussian import LinearGaussian, divergence, standard_normal


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", torch.device("cpu"))


def known(digits, dim):
    """A model of `dim` latent dimensions, one x, its log p(x | z) and its true posterior."""
    model, x = LinearGaussian.fit(digits.train.flatten(1), dim), digits.test[3].flatten().double()
    return model, x, lambda z: model.log_given(x, z), model.posterior(x)


def test_running_estimates_are_those_of_the_plain_definition(rng):
    weights = 5 * torch.randn(50, generator=rng, dtype=torch.float64)
    estimate, size = marginal.running(weights, [1, 7, 50])
    for n, log_mean, effective in zip([1, 7, 50], estimate.tolist(), size.tolist(), strict=True):
        w = [math.exp(value) for value in weights[:n].tolist()]
        assert log_mean == pytest.approx(math.log(sum(w) / n))
        assert effective == pytest.approx(sum(w) ** 2 / sum(v * v for v in w))


def test_weights_far_from_zero_do_not_overflow():
    estimate, size = marginal.running(torch.tensor([-5000.0, -5000.0]), [2])
    assert (estimate.item(), size.item()) == (-5000.0, pytest.approx(2.0))


@pytest.mark.parametrize("dim", [2, 16, 64])
def test_with_the_true_posterior_one_code_is_enough(digits, dim, rng):
    model, x, log_given, p = known(digits, dim)
    weights = marginal.log_weights(log_given, standard_normal(dim), p, 100, rng)
    estimate, size = marginal.running(weights, [1, 100])
    assert estimate.tolist() == pytest.approx([model.log_prob(x)] * 2, abs=1e-6)
    assert size.tolist() == pytest.approx([1, 100], rel=1e-6)


@pytest.mark.parametrize(("dim", "within"), [(2, 0.01), (8, 0.02), (16, 0.1)])
def test_the_effective_sample_of_a_wider_q_is_its_closed_form(digits, dim, within, rng):
    _, _, log_given, p = known(digits, dim)
    width = 1.3  # of each dimension E[w^2] / E[w]^2 = s^2 / sqrt(2 s^2 - 1)
    q = Normal(p.mean, width * p.stddev)
    _, size = marginal.running(marginal.log_weights(log_given, standard_normal(dim), q, 40_000, rng), [40_000])
    assert size.item() / 40_000 == pytest.approx((width**2 / math.sqrt(2 * width**2 - 1)) ** -dim, rel=within)


def test_brute_force_comes_to_the_exact_value_and_before_that_is_too_low(digits, rng):
    model, _, log_given, _ = known(digits, 2)
    x = digits.test[3].flatten().double()
    prior = standard_normal(2)
    estimates = [marginal.running(marginal.log_weights(log_given, prior, prior, 20_000, rng), [10, 20_000])[0] for _ in range(40)]
    errors = torch.stack(estimates) - model.log_prob(x)
    few, many = errors.mean(0).tolist()
    assert few < -0.5
    assert abs(many) < 4 * errors[:, 1].std().item() / math.sqrt(40) + 0.002  # its own bias is var / 2n = .0007


def test_grids_find_the_integral_the_divergence_and_the_expectation(digits):
    model, x, log_given, p = known(digits, 2)
    assert marginal.log_marginal_on_grid(log_given) == pytest.approx(model.log_prob(x), abs=1e-6)
    q = Normal(p.mean - 0.7 * p.stddev, 0.6 * p.stddev)
    value = marginal.divergence_on_grid(q, lambda z: p.log_prob(z).sum(1))
    assert value == pytest.approx(float(divergence(q, p)), abs=1e-9)
    assert marginal.expectation(q, log_given) == pytest.approx(model.reconstruction(x, q), abs=1e-8)


def test_a_narrow_posterior_far_out_is_not_missed():
    model = LinearGaussian(torch.eye(2, dtype=torch.float64) * 0.8, torch.zeros(2, dtype=torch.float64), 0.004)
    x = torch.tensor([2.4, -2.0], dtype=torch.float64)  # codes around (3, -2.5), .005 wide: finer than the first grid
    assert marginal.log_marginal_on_grid(lambda z: model.log_given(x, z)) == pytest.approx(model.log_prob(x), abs=1e-5)


def test_hermite_nodes_give_the_moments_of_a_normal():
    q = Normal(torch.tensor([1.0, 0.0]).double(), torch.tensor([2.0, 1.0]).double())
    assert marginal.expectation(q, lambda z: z[:, 0] ** 4) == pytest.approx(1 + 6 * 4 + 3 * 16)
    assert marginal.expectation(q, lambda z: z[:, 0] * z[:, 1] ** 2) == pytest.approx(1.0)
