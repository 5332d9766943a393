"""The Fréchet distance against closed forms, scipy's matrix root and torchmetrics."""

import warnings

import numpy as np
import pytest
import scipy.linalg
import torch
from torch import Tensor, nn

from genmodels.config import UserError
from genmodels.metrics.frechet import distance_of_statistics, frechet_distance, frechet_ratio, statistics


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def correlated(n: int, f: int, seed: int) -> Tensor:
    return normal(n, f, seed) @ normal(f, f, seed + 1000) + normal(1, f, seed + 2000)


DEGENERATE = [(200, 5, "a constant feature"), (200, 5, "copies of one"), (2, 3, "random")]


def by_matrix_root(a: Tensor, b: Tensor) -> float:
    """The distance by its definition, the root of the unsymmetric product, in NumPy."""
    x, y = a.numpy(), b.numpy()
    cov_x, cov_y = np.cov(x.T), np.cov(y.T)
    root = scipy.linalg.sqrtm(cov_x @ cov_y)
    return float(((x.mean(0) - y.mean(0)) ** 2).sum() + np.trace(cov_x + cov_y) - 2 * np.trace(root).real)


def test_statistics_are_the_mean_and_numpys_covariance():
    x = correlated(50, 4, 0)
    mean, covariance = statistics(x.float())
    assert mean.dtype == covariance.dtype == torch.float64
    np.testing.assert_allclose(mean, x.numpy().mean(0), rtol=1e-5)
    np.testing.assert_allclose(covariance, np.cov(x.numpy().T), rtol=1e-4)


@pytest.mark.parametrize(("n", "f"), [(500, 3), (40, 12), (2000, 64)])
def test_it_equals_the_definition_with_a_matrix_root(n, f):
    a, b = correlated(n, f, 1), correlated(n + 7, f, 2)
    assert frechet_distance(a, b) == pytest.approx(by_matrix_root(a, b), rel=1e-8)


@pytest.mark.parametrize(("n", "f", "kind"), [(400, 5, "random"), (30, 5, "random"), (1000, 64, "random"), *DEGENERATE])
def test_it_equals_torchmetrics(n, f, kind):
    import genmodels.datasets.parts.vision  # noqa: F401 - torchmetrics imports torchvision, which must be made importable first

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fid = pytest.importorskip("torchmetrics.image.fid")

        class Features(nn.Identity):
            num_features = f

        theirs = fid.FrechetInceptionDistance(feature=Features())
        theirs.set_dtype(torch.float64)
        a, b = correlated(n, f, 1), correlated(n, f, 2)
        if kind == "a constant feature":
            a[:, 0] = b[:, 0] = 3
        elif kind == "copies of one":
            a = a[:1].expand(n, -1)
        theirs.update(a, real=False)
        theirs.update(b, real=True)
        expected = float(theirs.compute())
    assert frechet_distance(a, b) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_shifted_copys_distance_is_the_squared_shift():
    x = correlated(300, 6, 3)
    shift = torch.tensor([3.0, 0, 0, -4.0, 0, 0])
    assert frechet_distance(x + shift, x) == pytest.approx(25, rel=1e-9)


def test_a_scaled_copys_distance_is_that_of_the_standard_deviations():
    x = correlated(300, 6, 3)
    x -= x.mean(0)
    assert frechet_distance(1.5 * x, x) == pytest.approx(0.25 * float(x.var(0).sum()), rel=1e-9)


def test_gaussians_along_the_axes_have_the_known_distance():
    a = (torch.zeros(3, dtype=torch.float64), torch.tensor([1.0, 4.0, 9.0], dtype=torch.float64).diag())
    b = (torch.tensor([1.0, 0, 0], dtype=torch.float64), torch.tensor([4.0, 4.0, 1.0], dtype=torch.float64).diag())
    assert distance_of_statistics(a, b) == pytest.approx(1 + 1 + 0 + 4, rel=1e-12)


def test_it_is_symmetric_and_zero_for_the_same_examples_even_where_they_fill_few_dimensions():
    a, b = correlated(300, 6, 4), correlated(300, 6, 5)
    assert frechet_distance(a, b) == pytest.approx(frechet_distance(b, a), rel=1e-9)
    flat = correlated(10, 40, 6)
    assert frechet_distance(flat, flat) == pytest.approx(0, abs=1e-4)
    assert frechet_distance(flat, flat) >= 0


def test_identical_samples_are_a_gaussian_of_no_width():
    real = correlated(400, 5, 7)
    point = torch.ones(400, 5, dtype=torch.float64)
    expected = float((real.mean(0) - 1).square().sum() + real.var(0).sum())
    assert frechet_distance(point, real) == pytest.approx(expected, rel=1e-9)


def test_a_constant_feature_changes_nothing():
    a, b, constant = normal(300, 4, 8), 2 * normal(300, 4, 9), torch.full((300, 1), 7.0)
    with_constant = frechet_distance(torch.cat([a, constant], 1), torch.cat([b, constant], 1))
    assert with_constant == pytest.approx(frechet_distance(a, b), rel=1e-6)


def test_the_ratio_of_training_data_is_one_and_swapping_a_covariance_would_show():
    test, train = normal(500, 5, 10), normal(500, 5, 11)
    assert frechet_ratio(train, test, train) == pytest.approx(1)
    assert frechet_ratio(1.3 * train, test, train) == pytest.approx(
        by_matrix_root(1.3 * train, test) / by_matrix_root(train, test), rel=1e-6
    )
    assert frechet_ratio(1.3 * train, test, train) > 3


def test_the_distance_of_real_data_falls_with_their_number_so_the_ratio_wants_equal_numbers():
    few, many = (np.mean([frechet_distance(normal(n, 8, s), normal(n, 8, 50 + s)) for s in range(5)]) for n in (100, 1000))
    assert few > 5 * many
    with pytest.raises(UserError, match="got 500, 500 and 400"):
        frechet_ratio(normal(500, 8, 0), normal(500, 8, 1), normal(400, 8, 2))


def test_the_floor_is_the_mean_over_all_training_examples():
    test, train = normal(200, 4, 12), normal(450, 4, 13)
    floors = [frechet_distance(train[:200], test), frechet_distance(train[200:400], test)]
    assert frechet_ratio(normal(200, 4, 14), test, train) == pytest.approx(
        frechet_distance(normal(200, 4, 14), test) / np.mean(floors), rel=1e-12
    )


def test_a_ratio_without_a_floor_is_refused():
    x = torch.ones(10, 3)
    with pytest.raises(UserError, match="no floor"):
        frechet_ratio(normal(10, 3, 0), x, x)
