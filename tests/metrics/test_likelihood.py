"""Bits per dimension against entropies that are known exactly."""

import math

import pytest
import torch
from scipy.stats import entropy

from genmodels import datasets
from genmodels.config import UserError
from genmodels.metrics.likelihood import bits_per_dim, dequantise, nats_per_example


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("levels", "bits"), [(256, 8), (17, math.log2(17)), (2, 1), (1, 0)])
def test_a_model_that_knows_nothing_needs_all_bits(levels, bits):
    """The uniform density on [0, 1]^D is 1, its log 0."""
    assert bits_per_dim(0.0, 784, levels) == bits


def test_a_model_that_knows_every_picture_needs_none():
    """All density in the one cell of width 1/256 in each of D dimensions: D log 256 nats."""
    assert bits_per_dim(784 * math.log(256), 784) == pytest.approx(0, abs=1e-12)


def test_the_best_density_of_dequantised_levels_reads_their_entropy():
    """Three levels of probabilities p: on the cell of level i the best density is 3 p_i, for every dequantised value."""
    p = torch.tensor([0.5, 0.2, 0.3], dtype=torch.float64)
    levels = torch.multinomial(p, 4 * 5000, replacement=True, generator=seeded()).reshape(-1, 4)
    y = dequantise(levels / 2, seeded(1), 3)
    log_density = (3 * p[(y * 3).long()]).log().sum(1)  # (N,), four independent numbers an example
    shares = torch.bincount(levels.flatten()) / levels.numel()
    expected = entropy(shares.numpy(), base=2) + entropy(shares.numpy(), p.numpy(), base=2)
    assert bits_per_dim(float(log_density.mean()), 4, 3) == pytest.approx(expected, rel=1e-6)


def test_a_gaussian_reads_its_differential_entropy_in_bits_and_eight_more():
    sigma, d = 0.02, 3
    nats = -d * (math.log(sigma) + math.log(2 * math.pi * math.e) / 2)
    assert bits_per_dim(nats, d) == pytest.approx(8 + math.log2(sigma * math.sqrt(2 * math.pi * math.e)))


def test_a_tenth_of_the_scale_is_a_log_of_ten_fewer_bits():
    assert bits_per_dim(12.0, 5) - bits_per_dim(12.0 + 5 * math.log(10), 5) == pytest.approx(math.log2(10))


def test_nats_and_bits_lead_back_to_each_other():
    for nats in (-3000.0, 0.0, 123.4):
        assert nats_per_example(bits_per_dim(nats, 784), 784) == pytest.approx(nats, abs=1e-9)
    assert nats_per_example(3.0, 3072) == pytest.approx((8 - 3) * 3072 * math.log(2))


def test_dequantised_values_fill_their_cells_evenly_and_keep_their_levels():
    x = datasets.load("digits", torch.device("cpu")).train
    y = dequantise(x, seeded(), levels=17)
    assert torch.equal((y * 17).floor() / 16, x)
    within = (y * 17) % 1
    assert float(within.mean()) == pytest.approx(0.5, abs=0.005)
    assert float(within.std()) == pytest.approx(12**-0.5, abs=0.005)
    assert 0 <= float(y.min()) < float(y.max()) <= 1
    assert torch.equal(dequantise(x, seeded(), 17), y)


@pytest.mark.parametrize("x", [torch.tensor([-0.5]), torch.tensor([255.0]), torch.tensor([math.nan])])
def test_values_that_are_no_levels_are_one_line(x):
    with pytest.raises(UserError, match="from 0 to 1"):
        dequantise(x, seeded())


@pytest.mark.parametrize(("nats", "dim", "levels"), [(math.nan, 3, 256), (1.0, 0, 256), (1.0, 3, 0)])
def test_what_has_no_bits_is_one_line(nats, dim, levels):
    with pytest.raises(UserError, match="1 or more dimensions"):
        bits_per_dim(nats, dim, levels)
