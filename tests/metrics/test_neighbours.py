"""Precision, recall, density, coverage and realism against loops, prdc, torch-fidelity, known cases and published values."""

import math
import warnings

import pytest
import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.neighbours import all_four, density_coverage, precision_recall, realism
from genmodels.metrics.parts import distances


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def radii_by_loop(points: list, k: int) -> list[float]:
    return [sorted(math.dist(a, b) for j, b in enumerate(points) if j != i)[k - 1] for i, a in enumerate(points)]


def scores_by_loop(fake: Tensor, real: Tensor, k: int) -> tuple[float, float, float, float]:
    """Precision, recall, density and coverage, pair by pair."""
    fakes, reals = fake.tolist(), real.tolist()
    around_fake, around_real = radii_by_loop(fakes, k), radii_by_loop(reals, k)
    in_real = [[math.dist(f, r) <= reach for r, reach in zip(reals, around_real)] for f in fakes]
    in_fake = [[math.dist(f, r) <= reach for f, reach in zip(fakes, around_fake)] for r in reals]
    return (
        sum(any(row) for row in in_real) / len(fakes),
        sum(any(row) for row in in_fake) / len(reals),
        sum(sum(row) for row in in_real) / (k * len(fakes)),
        sum(any(row[i] for row in in_real) for i in range(len(reals))) / len(reals),
    )


def realism_by_loop(x: Tensor, real: Tensor, k: int) -> list[float]:
    reals = real.tolist()
    radii = radii_by_loop(reals, k)
    kept = sorted(range(len(reals)), key=radii.__getitem__)[: (len(reals) + 1) // 2]
    scores = []
    for point in x.tolist():
        best = 0.0
        for i in kept:
            best = max(best, radii[i] / math.dist(point, reals[i]))
        scores.append(best)
    return scores


def mine(fake: Tensor, real: Tensor, k: int) -> tuple[float, float, float, float]:
    a, b = all_four(fake, real, k)
    return a.precision, a.recall, b.density, b.coverage


@pytest.mark.parametrize(("n", "m", "f", "k"), [(40, 60, 2, 3), (60, 35, 5, 5), (50, 50, 1, 1), (8, 9, 3, 7)])
def test_all_four_equal_a_loop_over_pairs(n, m, f, k):
    fake, real = 1.3 * normal(n, f, 0) + 0.3, normal(m, f, 1)
    assert mine(fake, real, k) == pytest.approx(scores_by_loop(fake, real, k), abs=1e-12)


@pytest.mark.parametrize("k", [1, 3])
def test_copies_of_real_examples_and_repeated_ones_equal_the_loop(k):
    real = normal(40, 3, 2)
    copies = real[:20].repeat(2, 1)
    assert mine(copies, real, k) == pytest.approx(scores_by_loop(copies, real, k), abs=1e-12)
    collapsed = real[:1].repeat(30, 1)
    assert mine(collapsed, real, k) == pytest.approx(scores_by_loop(collapsed, real, k), abs=1e-12)
    assert mine(real, collapsed, k) == pytest.approx(scores_by_loop(real, collapsed, k), abs=1e-12)
    assert mine(real, real, k) == pytest.approx((1, 1, (k + 1) / k, 1))


def test_large_sets_of_copies_read_as_small_ones_do():
    real = 1000 + normal(700, 20, 2)  # far from the origin: distances by matrix products would be off by rounding
    assert mine(real, real, 3) == pytest.approx((1, 1, 4 / 3, 1))
    one = torch.full((100, 20), 1234.567)
    assert mine(one, one, 3)[:2] == (1, 1)
    assert mine(one + 1e-3, one, 3)[:2] == (0, 0)


@pytest.mark.parametrize(("n", "f", "k"), [(300, 8, 5), (2000, 64, 5), (1000, 2, 3)])
def test_all_four_equal_prdc(n, f, k):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        prdc = pytest.importorskip("prdc")
        fake, real = 1.1 * normal(n, f, 3), normal(n + 50, f, 4)
        theirs = prdc.compute_prdc(real.numpy(), fake.numpy(), k)
    assert mine(fake, real, k) == pytest.approx([theirs[x] for x in ("precision", "recall", "density", "coverage")], abs=1e-6)


def with_constant(x: Tensor) -> Tensor:
    return torch.cat([x, torch.full((len(x), 1), 7.0)], 1)


FEW = normal(1000, 16, 6)
PAIRS = {
    "random": (0.7 * normal(900, 16, 5), FEW),
    "a constant feature": (with_constant(0.7 * normal(900, 16, 5)), with_constant(FEW)),
    "copies of some": (FEW[:500].repeat(2, 1), FEW),
    "copies of one": (FEW[:1].repeat(200, 1), FEW),
    "as few as can be": (normal(4, 16, 5), normal(5, 16, 6)),
}


@pytest.mark.parametrize(("fake", "real"), PAIRS.values(), ids=PAIRS)
def test_precision_and_recall_equal_torch_fidelitys(fake, real):
    import genmodels.datasets.parts.vision  # noqa: F401 - torch-fidelity imports torchvision, which must be made importable first

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        prc = pytest.importorskip("torch_fidelity.metric_prc")
        theirs = prc.calculate_precision_recall_full(fake, real, 3)
    result = precision_recall(fake, real)
    assert (result.precision, result.recall) == pytest.approx(theirs, abs=1e-6)


def test_samples_of_one_of_two_modes_are_precise_but_recall_and_cover_half():
    modes = torch.tensor([[-50.0, 0], [50.0, 0]], dtype=torch.float64)
    real = torch.cat([normal(500, 2, 7) + modes[0], normal(500, 2, 8) + modes[1]])
    fake = normal(1000, 2, 9) + modes[0]
    result, cover = precision_recall(fake, real), density_coverage(fake, real)
    assert result.precision == pytest.approx(1, abs=0.03)
    assert result.recall == pytest.approx(0.5, abs=0.02)
    assert cover.density == pytest.approx(1, abs=0.1)
    assert cover.coverage == pytest.approx(0.5, abs=0.01)
    swapped = precision_recall(real, fake)
    assert (swapped.precision, swapped.recall) == (result.recall, result.precision)


def test_blocks_of_any_size_give_the_same(monkeypatch):
    fake, real = normal(120, 4, 10), normal(150, 4, 11)
    whole, whole_realism = mine(fake, real, 3), realism(fake, real)
    monkeypatch.setattr(distances, "BLOCK", 1000)
    assert mine(fake, real, 3) == whole
    torch.testing.assert_close(realism(fake, real), whole_realism)


def test_coverage_of_the_same_distribution_is_as_expected():
    """E[coverage] = 1 - prod (M-1...M-k)/(M+N-1...M+N-k), whatever the distribution (Naeem 2020, lemma 2)."""
    n = m = 400
    for k in (3, 5):
        expected = 1 - math.prod((m - i) / (m + n - i) for i in range(1, k + 1))
        values = [density_coverage(normal(n, 3, 2 * s), normal(m, 3, 2 * s + 1), k) for s in range(20, 30)]
        assert sum(v.coverage for v in values) / 10 == pytest.approx(expected, abs=0.01)
        assert sum(v.density for v in values) / 10 == pytest.approx(1, abs=0.05)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_published_values_of_a_thousand_dimensional_gaussian():
    """Naeem 2020: N(0, I) against itself, 10,000 examples of 1,000 dimensions, k = 5: one draw, as is ours.

    Over six more draws precision scattered by .01, density by .05 about its expectation 1, and coverage by .006.
    """
    precision, recall, density, coverage = mine(normal(10_000, 1000, 0), normal(10_000, 1000, 1), 5)
    assert (precision, recall) == pytest.approx((0.4772, 0.4705), abs=0.03)
    assert density == pytest.approx(1.0555, abs=0.15)
    assert coverage == pytest.approx(0.9735, abs=0.018)


@pytest.mark.parametrize(("n", "m"), [(30, 40), (30, 41)])
def test_realism_equals_a_triple_loop(n, m):
    x, real = 1.5 * normal(n, 3, 12), normal(m, 3, 13)
    torch.testing.assert_close(realism(x, real), torch.tensor(realism_by_loop(x, real, 3), dtype=torch.float64))


def test_realism_of_points_on_a_line_is_known_and_outliers_hold_nothing():
    real = torch.tensor([[0.0], [1.0], [2.0], [3.0], [100.0], [200.0], [300.0]])
    x = torch.tensor([[1.25], [7.0], [150.0]])
    # radii with k = 1 are 1 1 1 1 97 100 100; the four ones stay
    torch.testing.assert_close(realism(x, real, k=1), torch.tensor([4.0, 1 / 4, 1 / 147], dtype=torch.float64))


def test_a_copy_of_a_real_example_is_finitely_real_and_one_example_is_enough():
    real = normal(200, 5, 14)
    radii = torch.tensor(radii_by_loop(real.tolist(), 3))
    scores = realism(real, real)
    assert bool(scores.isfinite().all())
    assert bool((scores[radii <= radii.median()] > 10_000).all())
    assert bool((scores[radii > radii.median()] < 10).all())  # whose own balls are dropped
    assert realism(real[:1] + 100, real).shape == (1,)


@pytest.mark.parametrize("score", [precision_recall, density_coverage])
def test_as_many_examples_as_neighbours_are_too_few(score):
    with pytest.raises(UserError, match="at least 6 examples of each kind, fake has 5"):
        score(normal(5, 2, 0), normal(50, 2, 1), k=5)
    with pytest.raises(UserError, match="real has 5"):
        score(normal(50, 2, 0), normal(5, 2, 1), k=5)


def test_realism_needs_enough_real_examples():
    with pytest.raises(UserError, match="at least 4 examples of each kind, real has 3"):
        realism(normal(1, 2, 0), normal(3, 2, 1))
