import math

import numpy as np
import pytest
import torch
from scipy.stats import chi, kstest

from genmodels import datasets, device
from genmodels.datasets.toys2d import N_TEST, N_TRAIN, gaussians_log_density, ring_log_density
from tests.oracles import integral_on_a_grid

RING, EIGHT, GRID = (datasets.source(name) for name in ("ring", "gaussians-8", "grid-25"))


def everything(source):
    arrays = source.load()
    return torch.cat([arrays.train, arrays.test])


def test_the_ring_is_exactly_the_lectures_map_of_a_standard_normal():
    rng = device.generator(torch.device("cpu"), 0, "dataset ring")
    x = torch.randn(N_TRAIN + N_TEST, 2, generator=rng)
    y = torch.stack([row / 10 + row / math.hypot(*row) for row in x[:500]])
    torch.testing.assert_close(everything(RING)[:500], y)


def test_ten_times_the_rings_radius_beyond_one_is_that_of_a_normal_in_the_plane():
    y = everything(RING).double().numpy()
    assert kstest(10 * (np.linalg.norm(y, axis=1) - 1), chi(2).cdf).pvalue > 0.01
    assert kstest(np.arctan2(*y.T) / (2 * np.pi) + 0.5, "uniform").pvalue > 0.01


def test_the_rings_density_integrates_to_one_in_polar_coordinates():
    s = 1 + (torch.arange(200_000, dtype=torch.float64) + 0.5) * 1e-5  # radii from 1 to 3
    for angle in (0.0, 0.7, 4.0):  # by any ray, for it is round
        density = ring_log_density(torch.stack([s * math.cos(angle), s * math.sin(angle)], 1)).exp()
        assert (2 * math.pi * s * density * 1e-5).sum().item() == pytest.approx(1, abs=1e-6)


def test_the_ring_is_empty_inside():
    log_p = ring_log_density(torch.tensor([[0.0, 0.0], [0.5, 0.0], [0.6, 0.79], [0.0, -1.0]]))
    assert (log_p == -math.inf).all()


def test_the_rings_density_is_that_of_its_examples():
    """In 20 rings of equal probability there are equally many examples."""
    log_p = ring_log_density(everything(RING).double())
    edges = 1 + torch.tensor(chi(2).ppf(np.linspace(0, 1, 21)[1:-1])) / 10
    counts = torch.bucketize(everything(RING).double().norm(dim=1), edges).bincount(minlength=20).numpy()
    n = counts.sum()
    assert ((counts - n / 20) ** 2 / (n / 20)).sum() < 40  # chi-squared of 19 degrees of freedom, p = .003
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        s = torch.linspace(low, high, 2001, dtype=torch.float64)
        ray = ring_log_density(torch.stack([s, torch.zeros_like(s)], 1)).exp()
        assert torch.trapezoid(2 * math.pi * s * ray, s).item() == pytest.approx(1 / 20, rel=1e-4)
    assert torch.isfinite(log_p).all()


def test_the_eight_gaussians_have_eight_distinct_centres_evenly_on_the_unit_circle():
    assert len({tuple(c) for c in (EIGHT.modes * 1e4).round().int().tolist()}) == 8
    torch.testing.assert_close(EIGHT.modes.norm(dim=1), torch.ones(8))
    angles = torch.atan2(EIGHT.modes[:, 1], EIGHT.modes[:, 0]).remainder(2 * math.pi - 1e-6).sort().values
    torch.testing.assert_close(angles.diff(), torch.full((7,), math.pi / 4), atol=1e-5, rtol=0)
    assert EIGHT.mode_std == 0.01


def test_the_grid_has_the_25_centres_of_the_published_protocol():
    assert sorted(map(tuple, GRID.modes.int().tolist())) == [(a, b) for a in (-4, -2, 0, 2, 4) for b in (-4, -2, 0, 2, 4)]
    assert torch.equal(GRID.modes, GRID.modes.round())
    assert GRID.mode_std == 0.05


@pytest.mark.parametrize("source", [EIGHT, GRID], ids=lambda source: source.name)
def test_every_gaussian_has_its_share_its_centre_and_its_width(source):
    arrays = source.load()
    x, labels = torch.cat([arrays.train, arrays.test]).double(), torch.cat([arrays.train_labels, arrays.test_labels])
    k, n = len(source.modes), len(x)
    assert torch.equal(torch.cdist(x, source.modes.double()).argmin(1), labels)
    share = (labels.bincount() - n / k).abs() / (n / k * (1 - 1 / k)) ** 0.5
    assert share.max() < 4.5
    for label, centre in enumerate(source.modes.double()):
        mine = x[labels == label]
        assert (mine.mean(0) - centre).abs().max() < 4.5 * source.mode_std / len(mine) ** 0.5
        assert mine.std(0).tolist() == pytest.approx([source.mode_std] * 2, rel=4.5 / (2 * len(mine)) ** 0.5)


@pytest.mark.parametrize("source", [EIGHT, GRID], ids=lambda source: source.name)
def test_the_share_within_three_deviations_is_that_of_a_gaussian_in_the_plane(source):
    x = everything(source)
    inside = (torch.cdist(x, source.modes).min(1).values < 3 * source.mode_std).float().mean().item()
    assert inside == pytest.approx(1 - math.exp(-4.5), abs=4.5 * (0.989 * 0.011 / len(x)) ** 0.5)


@pytest.mark.parametrize(("source", "reach", "n"), [(EIGHT, 1.2, 700), (GRID, 4.5, 600)], ids=["gaussians-8", "grid-25"])
def test_a_mixtures_density_integrates_to_one(source, reach, n):
    assert integral_on_a_grid(source.log_density, -reach, reach, n) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("source", [EIGHT, GRID], ids=lambda source: source.name)
def test_the_mean_log_density_is_the_entropy_of_well_separated_gaussians(source):
    entropy = math.log(len(source.modes)) + 1 + math.log(2 * math.pi * source.mode_std**2)
    x = everything(source).double()
    assert -source.log_density(x).mean().item() == pytest.approx(entropy, abs=4.5 / len(x) ** 0.5)


def test_an_equal_mixture_of_two_is_the_half_sum_of_its_parts():
    centres = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    x = torch.tensor([[0.3, -0.2]])
    part = [math.exp(-((0.3 - a) ** 2 + 0.04) / (2 * 0.25)) / (2 * math.pi * 0.25) for a in (0, 1)]
    assert gaussians_log_density(centres, 0.5)(x).item() == pytest.approx(math.log(sum(part) / 2), rel=1e-6)


def test_the_moons_are_two_half_circles_with_noise_of_five_hundredths():
    arrays = datasets.source("moons").load()
    for label, (centre, side) in enumerate([((0.0, 0.0), 1), ((1.0, 0.5), -1)]):
        mine = arrays.train[arrays.train_labels == label].double() - torch.tensor(centre, dtype=torch.float64)
        assert mine.norm(dim=1).mean().item() == pytest.approx(1, abs=0.005)
        assert mine.norm(dim=1).std().item() == pytest.approx(0.05, rel=0.05)
        assert (side * mine[:, 1] > -0.3).all()


def test_the_spirals_radius_grows_with_the_angle_and_its_noise_is_two_hundredths():
    arrays = datasets.source("spirals").load()
    x, labels = arrays.train.double(), arrays.train_labels
    assert x.norm(dim=1).max() < 1.1
    for label in (0, 1):
        mine = x[labels == label]
        radius, angle = mine.norm(dim=1), torch.atan2(mine[:, 1], mine[:, 0]) - math.pi * label
        turn = angle + 2 * math.pi * ((3 * math.pi * radius - angle) / (2 * math.pi)).round()
        off = (radius - turn / (3 * math.pi))[radius > 0.3]
        assert off.std().item() == pytest.approx(0.02, rel=0.1)
        assert off.abs().max() < 0.1
