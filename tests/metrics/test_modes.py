"""Mode coverage by its protocol: the oracle mixture reads what the yardsticks say, or the metric is broken."""

import math
from dataclasses import astuple

import pytest
import torch

from genmodels import datasets
from genmodels.config import UserError
from genmodels.metrics.modes import mode_coverage
from tests.oracles import mode_scores


@pytest.mark.parametrize("name", ["gaussians-8", "grid-25"])
def test_the_true_density_covers_every_mode_at_the_honest_ceiling(name: str) -> None:
    data = datasets.load(name, torch.device("cpu"))
    assert data.source.modes is not None
    assert data.source.mode_std is not None
    result = mode_coverage(data.test[:2500], data.source.modes, data.source.mode_std)
    assert result.captured == result.total == len(data.source.modes)
    assert result.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.006)
    floor = (result.total - 1) / (2 * 2500)
    assert result.reverse_kl == pytest.approx(floor, rel=0.8)


def test_samples_of_one_mode_read_one_mode_and_log_k() -> None:
    modes = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    result = mode_coverage(torch.zeros(50, 2), modes, std=1.0)
    assert (result.captured, result.high_quality) == (1, 1.0)
    assert result.reverse_kl == pytest.approx(math.log(4))


def test_a_sample_counts_up_to_three_standard_deviations_and_no_further() -> None:
    modes = torch.tensor([[0.0, 0.0]])
    samples = torch.tensor([[2.99, 0.0], [3.01, 0.0]])
    assert mode_coverage(samples, modes, std=1.0).high_quality == 0.5


def test_samples_far_from_every_mode_capture_none() -> None:
    modes = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    result = mode_coverage(torch.full((10, 2), 50.0), modes, std=0.1)
    assert (result.captured, result.high_quality) == (0, 0.0)


def normal(n: int, seed: int) -> torch.Tensor:
    return torch.randn(n, 2, generator=torch.Generator().manual_seed(seed))


def test_it_equals_a_loop_over_samples_and_modes() -> None:
    modes = 2 * normal(7, 0)
    samples = torch.cat([modes[torch.arange(90) % 5] + 0.3 * normal(90, 1), 3 * normal(60, 2)])  # of two modes, only strays
    result = mode_coverage(samples, modes, 0.1)
    assert (result.captured, result.high_quality) == mode_scores(samples.double(), modes.double(), 0.1)
    assert 0 < result.high_quality < 1


def test_noise_reads_far_worse_than_the_true_density_and_so_does_twice_or_half_the_scale() -> None:
    data = datasets.load("gaussians-8", torch.device("cpu"))
    assert data.source.modes is not None
    noise = mode_coverage(2 * torch.rand(2500, 2, generator=torch.Generator().manual_seed(0)) - 1, data.source.modes, 0.01)
    assert noise.high_quality < 0.01  # eight discs of radius .03 in a square of side 2
    for scale in (0.5, 2.0):
        assert mode_coverage(scale * data.test, data.source.modes, 0.01).high_quality < 0.01


def test_order_does_not_matter_and_one_sample_is_enough() -> None:
    modes, samples = normal(5, 0), normal(200, 1)
    here, turned = mode_coverage(samples, modes, 0.2), mode_coverage(samples.flip(0), modes.flip(0), 0.2)
    assert astuple(turned) == pytest.approx(astuple(here))
    assert mode_coverage(modes[:1], modes, 0.2).captured == 1


@pytest.mark.parametrize(
    ("samples", "why"),
    [(torch.full((3, 2), math.nan), "NaN"), (torch.zeros(0, 2), "samples has 0"), (torch.zeros(3, 3), "one F for all")],
)
def test_what_covers_nothing_countable_is_one_line(samples: torch.Tensor, why: str) -> None:
    with pytest.raises(UserError, match=why):
        mode_coverage(samples, torch.zeros(4, 2), 1.0)
