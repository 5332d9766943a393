"""Attributes are read as they are, directions are those that change them, and what moves is counted as it moves."""

import math

import pytest
import torch

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.datasets.base import Arrays, Dataset, Source
from genmodels.metrics.probes import attributes
from genmodels.metrics.probes.attributes import Attributes, Teller
from genmodels.progress import finish

CPU = torch.device("cpu")


def linear_judge(n: int, spread: float = 1.0) -> Teller:
    """Reads the code itself: attribute i is number i, and it is there from 0 up."""
    about = Attributes(tuple("abcdefgh"[:n]), torch.zeros(n, dtype=torch.bool), torch.zeros(n), torch.full((n,), spread))
    return Teller(about, torch.nn.Identity(), torch.ones(n))


def stroke(slant: float, width: int, height: int = 20) -> torch.Tensor:
    """A picture of a bar whose rows lie `slant` pixels further right than those below."""
    picture = torch.zeros(1, 1, height + 4, 60)
    for row in range(height):
        left = 20 + round(slant * (height - row))
        picture[0, 0, 2 + row, left : left + width] = 1
    return picture


@pytest.mark.parametrize("slant", [-1.0, 0.0, 1.0])
def test_slant_is_the_shift_of_a_row_against_the_one_below(slant):
    assert attributes.shapes(stroke(slant, 3))[0, 0] == pytest.approx(slant, abs=1e-6)


@pytest.mark.parametrize("width", [1, 2, 5])
def test_thickness_of_a_bar_is_twice_its_area_over_its_edge(width):
    assert attributes.shapes(stroke(0, width))[0, 1] == pytest.approx(width * 20 / (width + 20), rel=1e-5)


def test_an_empty_picture_has_shapes_that_are_finite():
    assert torch.isfinite(attributes.shapes(torch.zeros(2, 1, 8, 8))).all()


def test_the_direction_of_a_linear_attribute_is_its_own_slope(rng):
    z = torch.randn(4000, 6, generator=rng)
    slopes = torch.randn(3, 6, generator=rng)
    result = attributes.directions(z, z @ slopes.T + 5 + 0.01 * torch.randn(4000, 3, generator=rng))
    assert torch.allclose(result, torch.nn.functional.normalize(slopes, dim=1), atol=2e-3)


def test_for_normal_codes_the_direction_is_that_between_the_means_with_and_without_it(rng):
    z = torch.randn(40_000, 4, generator=rng)
    has = (z[:, :1] + 0.3 * z[:, 1:2] > 0.5).float()
    between = z[has[:, 0] > 0].mean(0) - z[has[:, 0] == 0].mean(0)
    assert attributes.directions(z, has)[0] @ torch.nn.functional.normalize(between, dim=0) == pytest.approx(1, abs=1e-3)


def test_moved_along_its_own_axis_a_code_flips_if_it_lies_within_reach_and_nothing_else_changes(rng):
    z, steps = torch.randn(20_000, 3, generator=rng), torch.arange(0.25, 3.01, 0.25)
    turned = attributes.turn(lambda z: z, linear_judge(3, spread=2.0), z, torch.eye(3), steps, reference_step=2.0)
    within = (math.erf(3 / math.sqrt(2))) * torch.ones(3, dtype=torch.float64)  # share of negative numbers above -3
    assert torch.allclose(turned.flipped.double(), within, atol=2e-3)
    assert torch.allclose(turned.change, torch.eye(3) * 2.0 / 2.0, atol=1e-5)
    assert torch.allclose(turned.needed, torch.full((3,), math.sqrt(2 / math.pi) + 0.125), atol=0.02)  # mean |z|, and half a stride


def test_an_attribute_that_the_direction_does_not_touch_never_flips_and_needs_no_number(rng):
    z = torch.randn(500, 2, generator=rng)
    turned = attributes.turn(lambda z: z, linear_judge(2), z, torch.eye(2).flip(0), torch.tensor([1.0, 2.0]), reference_step=1.0)
    assert turned.flipped.tolist() == [0.0, 0.0]
    assert turned.needed.isnan().all()
    assert torch.allclose(turned.change, torch.eye(2).flip(0), atol=1e-5)


@pytest.mark.slow
def test_a_teller_reads_the_named_factors_of_faces_that_it_has_not_seen():
    data = datasets.load("sketch-faces", CPU)
    result = finish(attributes.teller(data, "judge", device.generator(CPU, 0, "test")))
    output = result(data.test)
    for name in ("glasses", "beard", "hat"):
        i = result.about.names.index(name)
        right = result.has(output)[:, i] == (data.test_attributes[:, i] > 0.5)
        assert right.double().mean() > 0.97, name
    i = result.about.names.index("pose x")
    assert torch.corrcoef(torch.stack([output[:, i], data.test_attributes[:, i]]))[0, 1] > 0.98
    assert result.about.on_off.tolist() == [False] * 10 + [True] * 3


@pytest.fixture
def brightness(rng):
    """Grey pictures whose one attribute is their brightness, but its negative in every second training picture."""
    pictures = torch.rand(600, 1, 1, 1, generator=rng).expand(-1, -1, 5, 5).contiguous()
    bright = pictures[:, 0, 0, :1]
    train, test = bright[:400].clone(), bright[400:]
    train[1::2] *= -1
    source = Source("grey", "Grey", (1, 5, 5), lambda: Arrays(pictures, pictures), "By hand.", "none", attributes=("bright",))
    return Dataset(source, pictures[:400], pictures[400:], None, None, train, test)


def test_each_teller_learns_from_its_own_half_and_tells_its_quality_on_test_pictures(brightness, monkeypatch):
    """The one that learns from true brightness explains that of test pictures; the other, of the negative, far from it."""
    monkeypatch.setattr(attributes, "STEPS", 60)
    tellers = {half: finish(attributes.teller(brightness, half, torch.Generator().manual_seed(0))) for half in ("finder", "judge")}
    slopes = {half: attributes.directions(brightness.test_attributes, net(brightness.test)).item() for half, net in tellers.items()}
    assert slopes == {"finder": 1, "judge": -1}
    assert tellers["finder"].quality.item() > 0.5
    assert tellers["judge"].quality.item() < -1


def test_of_attributes_that_exclude_one_another_a_picture_has_the_strongest():
    about = Attributes(("0", "1", "slant"), torch.tensor([True, True, False]), torch.tensor([0.5, 0.5, 0.1]), torch.ones(3), 2)
    has = Teller(about, torch.nn.Identity(), torch.ones(3)).has(torch.tensor([[0.2, 0.4, 0.0], [0.9, 0.8, 0.3]]))
    assert has.tolist() == [[False, True, False], [True, False, True]]


def test_data_without_attributes_is_one_line(rng):
    with pytest.raises(UserError, match="neither named attributes nor labelled"):
        finish(attributes.teller(datasets.load("moons", CPU), "finder", rng))
