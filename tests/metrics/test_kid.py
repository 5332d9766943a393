"""The kernel distance against a loop over pairs, torchmetrics, and what is known of it."""

import warnings

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genmodels.config import UserError
from genmodels.metrics import kid
from genmodels.metrics.kid import kernel_distance, kernel_distance_by_subsets


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def by_loop(x: Tensor, y: Tensor) -> float:
    def kernel(a, b):
        return (float(a @ b) / len(a) + 1) ** 3

    xx = [kernel(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j]
    yy = [kernel(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j]
    xy = [kernel(a, b) for a in x for b in y]
    return float(np.mean(xx) + np.mean(yy) - 2 * np.mean(xy))


@pytest.mark.parametrize(("n", "m", "f"), [(20, 30, 4), (2, 2, 1), (15, 9, 16)])
def test_it_equals_a_loop_over_pairs(n, m, f):
    x, y = 1.4 * normal(n, f, 0) + 0.2, normal(m, f, 1)
    assert kernel_distance(x, y) == pytest.approx(by_loop(x, y), rel=1e-10)


@pytest.mark.parametrize("kind", ["random", "a constant feature", "copies of one"])
def test_it_equals_torchmetrics_with_one_subset_of_all(kind):
    import genmodels.datasets.parts.vision  # noqa: F401 - torchmetrics imports torchvision, which must be made importable first

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip("torchmetrics.image.kid")

        class Features(nn.Identity):
            num_features = 32

        theirs = module.KernelInceptionDistance(feature=Features(), subsets=1, subset_size=500)
        x, y = 1.2 * normal(500, 32, 2), normal(500, 32, 3)
        if kind == "a constant feature":
            x[:, 0] = y[:, 0] = 3
        elif kind == "copies of one":
            x = x[:1].expand(500, -1)
        theirs.set_dtype(torch.float64)
        theirs.update(x, real=False)
        theirs.update(y, real=True)
        expected = float(theirs.compute()[0])
    assert kernel_distance(x, y) == pytest.approx(expected, rel=1e-6)


def test_points_at_one_place_have_the_known_distance():
    """Copies of a and of b: k(a, a) + k(b, b) - 2 k(a, b) = 8 + 27 - 2 * 8 with a = (1, 1) and b = (2, 0)."""
    a, b = torch.tensor([[1.0, 1.0]]).expand(5, 2), torch.tensor([[2.0, 0.0]]).expand(7, 2)
    assert kernel_distance(a, b) == pytest.approx((1 + 1) ** 3 + (2 + 1) ** 3 - 2 * (1 + 1) ** 3)


def test_it_is_zero_on_average_for_the_same_distribution_at_any_number():
    for n in (20, 200):
        values = torch.tensor([kernel_distance(normal(n, 3, 2 * s), normal(n, 3, 2 * s + 1)) for s in range(100)])
        assert abs(float(values.mean())) < 3 * float(values.std()) / 10
        assert bool((values < 0).any())


def test_a_shift_of_the_mean_raises_it_by_the_known_amount():
    """With one feature: E k(x, y) of N(a, 1) and N(b, 1) by the moments of (xy + 1)^3."""

    def expected(a, b):  # E (xy + 1)^3 with independent x, y: E x^3 y^3 + 3 E x^2 y^2 + 3 E x y + 1
        moments = [lambda m: m, lambda m: m**2 + 1, lambda m: m**3 + 3 * m]
        first, second, third = (f(a) * f(b) for f in moments)
        return third + 3 * second + 3 * first + 1

    truth = expected(1, 1) + expected(0, 0) - 2 * expected(1, 0)
    assert kernel_distance(normal(4000, 1, 4) + 1, normal(4000, 1, 5)) == pytest.approx(truth, rel=0.1)


def test_blocks_of_any_size_give_the_same(monkeypatch):
    x, y = normal(120, 4, 6), normal(90, 4, 7)
    whole = kernel_distance(x, y)
    monkeypatch.setattr(kid, "BLOCK", 500)
    assert kernel_distance(x, y) == pytest.approx(whole, rel=1e-9)


def test_subsets_scatter_about_the_whole():
    x, y = 1.5 * normal(600, 4, 8), normal(600, 4, 9)
    result = kernel_distance_by_subsets(x, y, torch.Generator().manual_seed(0), subsets=60, subset_size=150)
    assert result.std > 0
    assert result.mean == pytest.approx(kernel_distance(x, y), abs=4 * result.std / 60**0.5)
    whole = kernel_distance_by_subsets(x, y, torch.Generator().manual_seed(0), subsets=2, subset_size=600)
    assert whole.mean == pytest.approx(kernel_distance(x, y), rel=1e-9)
    assert whole.std == pytest.approx(0, abs=1e-9)


def test_subsets_larger_than_the_set_are_refused():
    with pytest.raises(UserError, match="subsets of 1000 needs at least 1000 examples of each kind, fake has 100"):
        kernel_distance_by_subsets(normal(100, 2, 0), normal(2000, 2, 1), torch.Generator())
