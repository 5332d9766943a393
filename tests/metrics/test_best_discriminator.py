"""The best discriminator, against closed forms: Bayes' accuracy of two Gaussians, log 4, log 2, and its own optimality."""

import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal

from genmodels.datasets.parts.targets import TARGETS
from genmodels.metrics.best_discriminator import COUNTED, LOG4, SIDE, Cells, cells_of_density, cells_of_generator, centres
from tests.oracles import integral_on_a_grid

STD = 0.3


def gaussian_at(shift):
    def log_density(x):
        return Normal(torch.tensor([shift, 0.0]), STD).log_prob(x).sum(1)

    return log_density


def two(distance):
    return Cells(cells_of_density(gaussian_at(-distance / 2)), cells_of_density(gaussian_at(distance / 2)))


@pytest.mark.parametrize("distance", [0.1, 0.3, 0.6, 1.2])
def test_its_accuracy_between_two_gaussians_is_bayes(distance):
    bayes = Normal(0.0, 1.0).cdf(torch.tensor(distance / (2 * STD))).item()
    assert two(distance).best_accuracy() == pytest.approx(bayes, abs=5e-4)


@pytest.mark.parametrize("distance", [0.3, 0.6, 1.2])
def test_the_divergence_is_the_integral_of_its_definition_and_not_above_it(distance):
    x = np.linspace(-4, 4, 20_001)
    p, q = (np.exp(-((x - s * distance / 2) ** 2) / (2 * STD**2)) / (STD * math.sqrt(2 * math.pi)) for s in (-1, 1))
    m = (p + q) / 2
    exact = np.trapezoid((np.where(p > 0, p * np.log(p / m), 0) + np.where(q > 0, q * np.log(q / m), 0)) / 2, x)
    assert exact - 2e-3 < two(distance).divergence() < exact + 1e-6  # seen on cells: a lower bound


def test_equal_densities_ask_for_log_4_and_a_coin_and_apart_for_nothing():
    same = two(0.0)
    assert (same.best_loss(), same.divergence(), same.best_accuracy()) == (pytest.approx(math.log(4)), 0.0, pytest.approx(0.5))
    one, other = torch.zeros(2, SIDE**2, dtype=torch.float64)
    one[3], other[4] = 1, 1
    apart = Cells(one, other)
    assert (apart.best_loss(), apart.divergence(), apart.best_accuracy()) == (0.0, pytest.approx(math.log(2)), 1.0)
    assert apart.best()[[3, 4, 5]].tolist() == [1.0, 0.0, 0.5]


def test_no_discriminator_does_better_and_it_does_as_well_itself(rng):
    cells = two(0.6)
    ideal = torch.logit(cells.best().clamp(1e-12, 1 - 1e-12))
    assert cells.loss(ideal) == pytest.approx(cells.best_loss(), abs=1e-9)
    assert cells.accuracy(ideal) == pytest.approx(cells.best_accuracy(), abs=1e-12)
    for _ in range(5):
        other = ideal + torch.randn(len(ideal), generator=rng)
        assert cells.loss(other) > cells.best_loss()
        assert cells.accuracy(other) <= cells.best_accuracy()


def test_a_discriminator_that_never_knows_has_log_4_and_one_half():
    cells = two(0.6)
    assert cells.loss(torch.zeros(SIDE**2)) == pytest.approx(LOG4)
    assert cells.accuracy(torch.zeros(SIDE**2)) == pytest.approx(0.5)


def test_the_cells_of_a_known_generator_are_those_of_its_density():
    draws = cells_of_generator(lambda z: STD * z + torch.tensor([0.2, 0.0]))
    assert Cells(cells_of_density(gaussian_at(0.2)), draws).divergence() < 2e-3
    assert Cells(cells_of_density(gaussian_at(-0.2)), draws).divergence() > 0.1  # a mirrored x would be seen


def test_an_exact_generator_reads_what_is_said_of_the_counting():
    ring = Cells(
        cells_of_density(TARGETS["ring"].log_density), cells_of_generator(lambda z: z / 10 + z / z.norm(dim=1, keepdim=True))
    )
    root = torch.tensor([[0.45, 0.0], [0.25, 0.3]])
    affine = cells_of_generator(lambda z: torch.tensor([0.3, 0.2]) + z @ root.T)
    one = Cells(cells_of_density(TARGETS["one Gaussian"].log_density), affine)
    assert (ring.divergence(), one.divergence()) == (pytest.approx(0.0007, abs=5e-5), pytest.approx(0.0015, abs=5e-5))
    assert ring.divergence() < COUNTED < one.divergence()


def test_cells_count_from_below_with_x_running_fastest():
    cells = cells_of_density(lambda x: Normal(torch.tensor([1.0, -0.5]), 0.05).log_prob(x).sum(1))
    assert torch.allclose((cells[:, None] * centres()).sum(0), torch.tensor([1.0, -0.5], dtype=torch.float64), atol=0.01)
    assert torch.equal(cells_of_generator(lambda z: z * 0 + torch.tensor([1.0, -0.5])).argmax(), cells.argmax())


def test_the_grid_is_fine_enough_for_the_whole_mass():
    assert integral_on_a_grid(gaussian_at(0.2), -1.8, 1.8, SIDE * 4) == pytest.approx(1, abs=1e-4)
