"""Path lengths against circles, leaps and loops whose length is known."""

import math

import pytest
import torch
from torch import Tensor, nn

from genmodels import datasets
from genmodels.config import UserError
from genmodels.metrics.path_length import arc, line, path_length, path_length_ratio


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def same(x: Tensor) -> Tensor:
    return x


def test_the_path_length_is_that_of_a_loop():
    path = torch.stack([normal(4, 3, seed) for seed in range(6)])  # six points, four paths
    expected = [sum(5 * math.dist(path[t, i].tolist(), path[t + 1, i].tolist()) ** 2 for t in range(5)) for i in range(4)]
    assert path_length(path).tolist() == pytest.approx(expected)


def test_a_straight_way_is_the_squared_distance_of_its_ends_in_any_number_of_steps():
    a, b = normal(5, 3, 0), normal(5, 3, 1)
    for points in (2, 3, 50):
        torch.testing.assert_close(path_length(line(a, b, points)), (a - b).square().sum(1))
        assert torch.equal(line(a, b, points)[0], a)
        torch.testing.assert_close(line(a, b, points)[-1], b)


def test_a_linear_decoder_reads_one():
    decode = nn.Linear(3, 7).double().requires_grad_(False)
    codes = line(normal(20, 3, 0), normal(20, 3, 1))
    assert path_length_ratio(decode, same, codes) == pytest.approx(1)
    assert path_length_ratio(decode, lambda x: 1000 * x, codes) == pytest.approx(1)  # the unit of features does not matter


def test_a_half_circle_is_longer_than_its_diameter_by_half_pi_squared():
    def on_the_circle(angle: Tensor) -> Tensor:
        return torch.cat([angle.cos(), angle.sin()], 1)

    codes = line(torch.zeros(3, 1), torch.full((3, 1), math.pi), 400)
    assert path_length_ratio(on_the_circle, same, codes) == pytest.approx((math.pi / 2) ** 2, rel=1e-4)


def test_where_features_only_see_what_the_circle_keeps_the_fade_is_the_longer_way():
    """The radius of a point: constant on the circle, but a fade passes through the middle."""
    codes = line(torch.zeros(3, 1), torch.full((3, 1), math.pi))
    result = path_length_ratio(lambda a: torch.cat([a.cos(), a.sin()], 1), lambda x: x.norm(dim=1, keepdim=True), codes)
    assert result == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("points", [5, 17])
def test_a_leap_reads_the_number_of_steps(points):
    codes = line(torch.zeros(4, 1), torch.ones(4, 1), points)
    assert path_length_ratio(lambda z: (z > 0.6).double(), same, codes) == pytest.approx(points - 1)


def test_a_decoder_that_wavers_more_reads_more():
    codes = line(normal(50, 2, 0), normal(50, 2, 1))
    result = [path_length_ratio(lambda z, f=f: z + 0.1 * torch.sin(f * z), same, codes) for f in (0, 5, 20)]
    assert result[0] == pytest.approx(1)
    assert result[0] < result[1] < result[2]


def test_an_arc_turns_evenly_and_keeps_the_length():
    a, b = torch.tensor([[2.0, 0.0]], dtype=torch.float64), torch.tensor([[0.0, 2.0]], dtype=torch.float64)
    way = arc(a, b, 4)[:, 0]
    angles = torch.atan2(way[:, 1], way[:, 0])
    torch.testing.assert_close(angles, torch.linspace(0, math.pi / 2, 4, dtype=torch.float64))
    torch.testing.assert_close(way.norm(dim=1), torch.full((4,), 2.0, dtype=torch.float64))
    codes = normal(200, 64, 2), normal(200, 64, 3)
    assert float(arc(*codes)[8].norm(dim=1).mean()) == pytest.approx(8, rel=0.03)  # a straight way passes at 8 / sqrt 2
    assert float(line(*codes)[8].norm(dim=1).mean()) == pytest.approx(8 / math.sqrt(2), rel=0.03)
    assert bool(arc(a, a).isfinite().all())


def test_on_digits_a_fade_through_pixels_reads_one_and_its_order_does_not_matter():
    x = datasets.load("digits", torch.device("cpu")).train[:60].flatten(1)
    codes = line(x[:30], x[30:])
    assert path_length_ratio(lambda z: z.reshape(-1, 1, 8, 8), lambda x: x.flatten(1).cos(), codes) == pytest.approx(1)
    assert path_length_ratio(same, torch.sin, codes.flip(1)) == pytest.approx(path_length_ratio(same, torch.sin, codes))


def test_a_generator_that_knows_one_example_has_no_path():
    with pytest.raises(UserError, match="nothing to cross"):
        path_length_ratio(torch.zeros_like, same, line(normal(5, 2, 0), normal(5, 2, 1)))


def test_features_that_are_no_numbers_are_one_line():
    with pytest.raises(UserError, match="NaN") as error:
        path_length_ratio(lambda z: z * math.nan, same, line(normal(5, 2, 0), normal(5, 2, 1)))
    assert "\n" not in str(error.value)
