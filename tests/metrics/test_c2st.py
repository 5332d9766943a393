"""The two-sample test: guessing where there is nothing to tell, the best possible accuracy where that is known."""

import math

import pytest
import torch
from torch import Tensor

from genmodels import datasets
from genmodels.config import UserError
from genmodels.metrics.c2st import two_sample_accuracy


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=seeded(seed))


def test_real_against_real_is_guessing():
    assert two_sample_accuracy(normal(2000, 64, 0), normal(2000, 64, 1), seeded()) == pytest.approx(0.5, abs=0.03)


def test_real_against_real_is_guessing_on_points_of_a_dataset():
    ring = datasets.load("gaussians-8", torch.device("cpu"))
    assert two_sample_accuracy(ring.train[:2000], ring.test[:2000], seeded()) == pytest.approx(0.5, abs=0.03)


def test_two_gaussians_are_told_apart_as_well_as_can_be():
    """Means d apart: the best accuracy is Phi(d / 2)."""
    x, y = normal(3000, 2, 2), normal(3000, 2, 3) + torch.tensor([2.0, 0.0])
    assert two_sample_accuracy(x, y, seeded()) == pytest.approx(0.5 + math.erf(1 / math.sqrt(2)) / 2, abs=0.015)


def test_equal_means_and_another_scale_are_told_apart_as_well_as_can_be():
    """Deviations 1 and 3 in one dimension: the densities cross at c, and the best accuracy follows from the normal's integral."""
    c = math.sqrt(math.log(3) * 2 / (1 - 1 / 9))
    inside, outside = math.erf(c / math.sqrt(2)), 1 - math.erf(c / 3 / math.sqrt(2))
    assert two_sample_accuracy(normal(3000, 1, 4), 3 * normal(3000, 1, 5), seeded()) == pytest.approx(
        (inside + outside) / 2, abs=0.02
    )


def test_a_missing_mode_of_a_ring_is_seen():
    ring = datasets.load("gaussians-8", torch.device("cpu"))
    nearest = torch.cdist(ring.train, ring.source.modes.float()).argmin(1)
    missing = ring.train[nearest != 0][:2000]  # a real point of the missing mode is known for real: half of an eighth
    assert two_sample_accuracy(missing, ring.test[:2000], seeded()) == pytest.approx(0.5 + 1 / 16, abs=0.025)


def test_examples_that_nothing_tells_apart_are_a_coin_toss():
    same = torch.full((50, 2), 3.0)
    assert two_sample_accuracy(same, same, seeded()) == 0.5


def test_noise_is_always_found_out():
    assert two_sample_accuracy(20 + normal(500, 8, 6), normal(500, 8, 7), seeded()) > 0.99


def test_unequal_numbers_leave_chance_at_a_half():
    assert two_sample_accuracy(normal(3000, 4, 8), normal(300, 4, 9), seeded()) == pytest.approx(0.5, abs=0.05)


def test_a_unit_of_measurement_changes_nothing_much():
    x, y = normal(500, 3, 10), normal(500, 3, 11) + 0.5
    units = torch.tensor([1e-3, 1.0, 1e4])
    assert two_sample_accuracy(x * units, y * units, seeded()) == pytest.approx(two_sample_accuracy(x, y, seeded()), abs=0.02)


def test_copies_of_one_example_are_found_out_without_learning_them_by_heart():
    assert two_sample_accuracy(torch.ones(1000, 2), normal(1000, 2, 12), seeded()) > 0.9


def test_too_few_examples_are_refused():
    with pytest.raises(UserError, match="at least 20 examples of each kind, real has 19"):
        two_sample_accuracy(normal(100, 2, 0), normal(19, 2, 1), seeded())
