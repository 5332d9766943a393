"""Memorisation against a loop over pairs, SciPy's rank test, and generators that copy a known share."""

import math

import pytest
import torch
from scipy.stats import mannwhitneyu
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.memorisation import memorisation, nearest_training
from genmodels.metrics.parts import distances


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def nearest_by_loop(x: Tensor, train: Tensor) -> list[tuple[float, int]]:
    return [min((math.dist(a, b), i) for i, b in enumerate(train.tolist())) for a in x.tolist()]


def test_the_nearest_training_example_is_that_of_a_loop():
    x, train = 1.5 * normal(30, 3, 0), normal(50, 3, 1)
    distance, index = nearest_training(x, train)
    expected = nearest_by_loop(x, train)
    assert distance.tolist() == pytest.approx([d for d, _ in expected], rel=1e-9)
    assert index.tolist() == [i for _, i in expected]


@pytest.mark.parametrize(("n", "m"), [(40, 60), (60, 35), (2, 2)])
def test_it_is_the_share_of_pairs_and_scipys_rank_statistic(n, m):
    train = normal(80, 3, 2)
    fake, test = 0.8 * normal(n, 3, 3), normal(m, 3, 4)
    fake[0] = test[0] = train[5]  # one copy in each: a tie
    of_fake, of_test = ([d for d, _ in nearest_by_loop(x, train)] for x in (fake, test))
    pairs = [1.0 if a < b else 0.5 if a == b else 0.0 for a in of_fake for b in of_test]
    assert memorisation(fake, test, train) == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)
    assert memorisation(fake, test, train) == pytest.approx(mannwhitneyu(of_test, of_fake).statistic / (n * m), abs=1e-12)


def test_other_real_examples_read_a_half_within_three_standard_errors():
    """Of U / NM with N = M = 1000 the standard error is sqrt((N + M + 1) / 12NM) = .013, when nothing ties."""
    for seed in range(5):
        fake, test, train = normal(1000, 6, seed), normal(1000, 6, 100 + seed), normal(3000, 6, 200 + seed)
        assert memorisation(fake, test, train) == pytest.approx(0.5, abs=3 * 0.013)


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_a_share_of_copies_is_read_as_such(share):
    """A copy is nearer than any held-out example, the rest half of the time: share + (1 - share) / 2."""
    train, test, other = normal(2000, 6, 0), normal(1000, 6, 1), normal(1000, 6, 2)
    copies = int(1000 * share)
    fake = torch.cat([train[:copies], other[copies:]])
    assert memorisation(fake, test, train) == pytest.approx(share + (1 - share) / 2, abs=0.04)


def test_copies_far_from_zero_and_in_float32_are_still_copies():
    train = (1000 + normal(700, 20, 3)).float()
    assert memorisation(train[:100], (1000 + normal(100, 20, 4)).float(), train) == 1


def test_noise_reads_zero_and_a_timid_generator_more_than_a_half():
    train, test = normal(2000, 6, 5), normal(500, 6, 6)
    assert memorisation(20 + normal(500, 6, 7), test, train) == 0
    assert memorisation(0.5 * normal(500, 6, 7), test, train) > 0.8  # scale alone


def test_where_all_are_copies_of_one_example_nobody_is_nearer():
    one = torch.ones(50, 4)
    assert memorisation(one, one, one) == 0.5


def test_blocks_and_order_change_nothing(monkeypatch):
    fake, test, train = normal(120, 4, 8), normal(90, 4, 9), normal(300, 4, 10)
    whole = memorisation(fake, test, train)
    monkeypatch.setattr(distances, "BLOCK", 1000)
    assert memorisation(fake.flip(0), test.flip(0), train.flip(0)) == whole


def test_no_training_examples_is_one_line():
    with pytest.raises(UserError, match="memorisation needs at least 1 examples of each kind, real has 0"):
        nearest_training(normal(3, 2, 0), normal(0, 2, 1))
