"""Errors, realism and rank correlation equal their oracles; the interval holds the truth as often as it should."""

import math

import pytest
import torch
from scipy.stats import spearmanr

from genmodels import device
from genmodels.config import UserError
from genmodels.metrics.neighbours import realism
from genmodels.metrics.realism_plane import rank_correlation, realism_apart, root_mean_square, spearman

CPU = torch.device("cpu")


def seeded(seed=0):
    return device.generator(CPU, seed, "tests")


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=seeded(seed), dtype=torch.float64)


def test_the_error_is_the_root_mean_square_of_each_picture():
    x = torch.zeros(2, 1, 2, 2)
    x_hat = torch.stack([torch.stack([x[0] + 3, x[1]]), torch.stack([x[0] + torch.eye(2) * 2, x[1] - 1])])
    torch.testing.assert_close(root_mean_square(x_hat, x), torch.tensor([[3.0, 0.0], [math.sqrt(2), 1.0]]))


def test_spearman_equals_scipys_with_and_without_ties():
    a, b = normal(5, 80), normal(5, 80, seed=1)
    a[1], b[2] = a[1].round(), (b[2] * 2).round()
    a[3, :40] = 0  # as the errors of pictures that are the originals themselves
    expected = [spearmanr(x, y).statistic for x, y in zip(a.numpy(), b.numpy(), strict=True)]
    torch.testing.assert_close(spearman(a, b), torch.tensor(expected))
    assert bool(spearman(torch.zeros(1, 5), torch.arange(5.0)[None]).isnan().all())


def test_a_monotone_relation_is_one_and_a_constant_has_none():
    error = normal(2, 50).abs()
    result = rank_correlation(error, -(error**3), seeded())
    assert (result.rho, result.low, result.high) == pytest.approx((-1, -1, -1))
    still = rank_correlation(torch.zeros(1, 50), normal(1, 50), seeded())
    assert (still.rho, still.low, still.high) == (None, None, None)


def test_the_interval_holds_the_true_correlation_as_often_as_it_says():
    """Of a normal pair with correlation r, Spearman's rho is 6 / pi asin(r / 2)."""
    r, held = 0.5, 0
    for seed in range(50):
        a, eps = normal(1, 150, seed=2 * seed), normal(1, 150, seed=2 * seed + 1)
        result = rank_correlation(a, r * a + math.sqrt(1 - r**2) * eps, seeded(seed))
        held += result.low <= 6 / math.pi * math.asin(r / 2) <= result.high
    assert 43 <= held <= 50


def test_what_is_made_of_one_picture_stays_together():
    """Ten equal rows tell no more than one: an interval by dots would be a third as wide."""
    a, b = normal(1, 60), normal(1, 60, seed=1)
    one, ten = rank_correlation(a, b, seeded()), rank_correlation(a.repeat(10, 1), b.repeat(10, 1), seeded())
    assert ten.high - ten.low == pytest.approx(one.high - one.low, rel=0.05)


def test_judges_that_differ_widen_the_interval_by_as_much_as_they_differ():
    error = normal(3, 100).abs()
    versions = torch.stack([-error + weight * normal(3, 100, seed=1) for weight in (0.2, 1.0, 3.0)])
    rhos = [rank_correlation(error, realism, seeded()).rho for realism in versions]
    one = rank_correlation(error, versions[1], seeded())
    three = rank_correlation(error, versions[1], seeded(), versions)
    assert one.rho == three.rho
    assert one.high - one.low < max(rhos) - min(rhos) < three.high - three.low
    alike = rank_correlation(error, versions[1], seeded(), versions[1:2].repeat(5, 1, 1))
    assert alike.high - alike.low == pytest.approx(one.high - one.low, rel=0.15)


def test_that_single_judges_are_noisier_than_their_mean_does_not_move_the_interval():
    error = normal(3, 200).abs()
    versions = torch.stack([-error + normal(3, 200, seed=seed) for seed in range(1, 9)])
    mean = rank_correlation(error, versions.mean(0), seeded(), versions)
    assert all(rank_correlation(error, realism, seeded()).rho > mean.rho + 0.2 for realism in versions)  # weaker, each alone
    assert (mean.low + mean.high) / 2 == pytest.approx(mean.rho, abs=0.05)


def test_without_pictures_of_models_there_is_none():
    assert rank_correlation(normal(0, 9), normal(0, 9), seeded()).rho is None


def test_realism_is_the_score_by_neighbours_and_a_copy_is_held_against_the_others():
    real, x = normal(60, 3), normal(20, 3, seed=1)
    torch.testing.assert_close(realism_apart(x, real), realism(x, real))
    copied = realism_apart(real[:5], real)
    assert bool((realism(real[:60], real) > 1e4).any())  # which as it stands is as real as can be
    for i, score in enumerate(copied):
        away = (real - real[i]).norm(dim=1)
        radii = torch.stack([(real - r).norm(dim=1).sort().values[3] for r in real])
        dense = (radii <= radii.median()) & (away > 0)
        assert float(score) == pytest.approx(float((radii[dense] / away[dense]).max()))


def test_tables_that_do_not_match_are_one_line():
    with pytest.raises(UserError, match="two tables"):
        rank_correlation(normal(2, 9), normal(2, 8), seeded())
