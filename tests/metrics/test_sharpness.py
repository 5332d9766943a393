"""Sharpness against what is known: real is 1, blur is less, noise is more, and by how much."""

import pytest
import torch
from torch.nn import functional as F

from genmodels import datasets
from genmodels.config import UserError
from genmodels.metrics.sharpness import gradient_energy, sharpness


def digits() -> torch.Tensor:
    return datasets.load("digits", torch.device("cpu")).train


def test_gradient_energy_equals_a_slow_loop() -> None:
    images = torch.rand(3, 2, 4, 5, generator=torch.Generator().manual_seed(0))
    squares = []
    for image in images:
        for channel in image:
            for i in range(4):
                for j in range(5):
                    if i + 1 < 4:
                        squares.append((channel[i + 1, j] - channel[i, j]) ** 2)
                    if j + 1 < 5:
                        squares.append((channel[i, j + 1] - channel[i, j]) ** 2)
    assert float(gradient_energy(images)) == pytest.approx(float(sum(squares) / len(squares)), rel=1e-6)


def test_other_real_pictures_are_as_sharp_as_real_ones() -> None:
    assert sharpness(digits()[:700], digits()[700:]) == pytest.approx(1, abs=0.03)


def test_blurred_pictures_are_less_sharp_and_noisy_ones_more() -> None:
    blurred = F.avg_pool2d(digits(), 3, stride=1, padding=1)
    noisy = digits() + 0.3 * torch.randn(digits().shape, generator=torch.Generator().manual_seed(0))
    assert sharpness(blurred, digits()) < 0.5
    assert sharpness(noisy, digits()) > 1.5


def test_half_the_contrast_is_a_quarter_of_the_energy() -> None:
    assert sharpness(digits() / 2, digits()) == pytest.approx(0.25, rel=1e-5)


def test_order_does_not_matter_and_one_picture_is_enough() -> None:
    assert sharpness(digits().flip(0), digits()) == pytest.approx(1, abs=1e-6)
    assert 0 < sharpness(digits()[:1], digits()) < 3
    assert sharpness(torch.full((5, 1, 8, 8), 0.5), digits()) == 0


@pytest.mark.parametrize("samples", [torch.full((3, 1, 8, 8), torch.nan), torch.zeros(0, 1, 8, 8), torch.zeros(3, 1, 1, 1)])
def test_pictures_that_are_no_numbers_none_or_a_pixel_are_one_line(samples) -> None:
    with pytest.raises(UserError, match="leave that model out"):
        sharpness(samples, digits())


def test_flat_real_pictures_are_one_line() -> None:
    with pytest.raises(UserError, match="not flat"):
        sharpness(digits(), torch.zeros(3, 1, 8, 8))
