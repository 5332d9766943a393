"""Mode coverage by its protocol: the oracle mixture reads what the yardsticks say, or the metric is broken."""

import math

import pytest
import torch

from genmodels import datasets
from genmodels.metrics.modes import mode_coverage


@pytest.mark.parametrize("name", ["gaussians-8", "grid-25"])
def test_the_true_density_covers_every_mode_at_the_honest_ceiling(name: str) -> None:
    data = datasets.load(name, torch.device("cpu"))
    assert data.source.modes is not None
    assert data.source.mode_std is not None
    found = mode_coverage(data.test[:2500], data.source.modes, data.source.mode_std)
    assert found.captured == found.total == len(data.source.modes)
    assert found.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.006)
    floor = (found.total - 1) / (2 * 2500)
    assert found.reverse_kl == pytest.approx(floor, rel=0.8)


def test_samples_of_one_mode_read_one_mode_and_log_k() -> None:
    modes = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [10.0, 10.0]])
    found = mode_coverage(torch.zeros(50, 2), modes, std=1.0)
    assert (found.captured, found.high_quality) == (1, 1.0)
    assert found.reverse_kl == pytest.approx(math.log(4))


def test_a_sample_counts_up_to_three_standard_deviations_and_no_further() -> None:
    modes = torch.tensor([[0.0, 0.0]])
    samples = torch.tensor([[2.99, 0.0], [3.01, 0.0]])
    assert mode_coverage(samples, modes, std=1.0).high_quality == 0.5


def test_samples_far_from_every_mode_capture_none() -> None:
    modes = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    found = mode_coverage(torch.full((10, 2), 50.0), modes, std=0.1)
    assert (found.captured, found.high_quality) == (0, 0.0)
