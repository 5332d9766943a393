"""The birthday estimate against the birthday problem itself: so many equally likely, unequally likely, or all different."""

import math

import pytest
import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.birthday import birthday
from genmodels.metrics.parts import distances


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=seeded(seed), dtype=torch.float64)


REAL = normal(1000, 4, 0)


def drawn_from(items: Tensor, n: int, seed: int) -> Tensor:
    """n of the items, each equally likely, with a jitter that makes no two equal to the bit."""
    return items[torch.randint(len(items), (n,), generator=seeded(seed))] + 1e-9 * normal(n, items.shape[1], seed + 1)


def median_birthday(m: int) -> int:
    """The least s with prod_{i < s} (1 - i/m) <= 1/2, step by step."""
    apart, size = 1.0, 0
    while apart > 0.5:
        apart *= 1 - size / m
        size += 1
    return size


def test_the_birthday_of_people_is_23():
    assert median_birthday(365) == 23


@pytest.mark.parametrize("m", [1, 3, 30, 365, 5000])
def test_equally_likely_items_repeat_when_the_product_says_and_are_counted(m):
    items = 10 * normal(m, 4, 1) + 100 * torch.arange(m)[:, None]
    result = [birthday(drawn_from(items, 2000, seed), REAL, seeded(seed)) for seed in range(6)]
    assert sum(f.size for f in result) / 6 == pytest.approx(median_birthday(m), rel=0.08)
    if m > 3:  # of fewer the formula for many is off
        assert sum(f.support for f in result) / 6 == pytest.approx(m, rel=0.2)


def test_one_common_item_among_many_rare_ones_decides():
    """Drawn every tenth time, it is there twice among s as likely as not when .9^s + s .1 .9^(s-1) = 1/2."""
    size = next(s for s in range(2, 100) if 0.9**s + s * 0.1 * 0.9 ** (s - 1) <= 0.5)
    fake = 1000 * normal(2000, 4, 2)
    fake[torch.rand(2000, generator=seeded(3)) < 0.1] = 0
    assert birthday(fake, REAL, seeded()).size == pytest.approx(size, abs=2)


def test_where_none_repeats_there_are_more_than_the_examples_can_tell():
    result = birthday(1000 * normal(500, 4, 4), REAL, seeded())
    assert result.size == 501
    assert result.support == pytest.approx(501 * 500 / (2 * math.log(2)))


def test_copies_of_one_example_are_one():
    assert birthday(torch.ones(1500, 4), REAL, seeded()).size == 2


def test_other_real_examples_repeat_as_soon_as_real_ones_and_crowded_ones_sooner():
    real = normal(2000, 4, 6)
    here, other = (birthday(x, real, seeded()) for x in (real, normal(2000, 4, 7)))
    assert other.size == pytest.approx(here.size, rel=0.35)
    assert birthday(0.5 * normal(2000, 4, 7), real, seeded()).size < 0.6 * other.size  # scale alone
    assert birthday(normal(20, 4, 8)[torch.arange(2000) % 20], real, seeded()).size < 10
    assert birthday(real, real, seeded(), share=0.1).size < here.size


def test_a_generator_that_has_run_away_is_scored_even_where_real_examples_are_copies():
    copies = REAL[torch.arange(1000) // 2]  # the least distance is that of rounding, which far away is larger
    assert birthday(1e6 * normal(300, 4, 11), copies, seeded()).size == 301


def test_order_and_blocks_change_no_more_than_chance_does(monkeypatch):
    items = 100 * normal(100, 4, 9)
    fake = drawn_from(items, 400, 10)
    whole = birthday(fake, REAL, seeded())
    assert birthday(fake, REAL, seeded()) == whole
    monkeypatch.setattr(distances, "BLOCK", 5000)
    assert birthday(fake, REAL, seeded()) == whole
    assert birthday(fake.flip(0), REAL.flip(0), seeded()).size == pytest.approx(whole.size, abs=2)


@pytest.mark.parametrize(
    ("fake", "share", "why"),
    [
        (torch.zeros(1, 4), 0.01, "at least 2 examples of each kind, fake has 1"),
        (torch.full((9, 4), math.nan), 0.01, "NaN"),
        (torch.zeros(9, 3), 0.01, "one F for all"),
        (torch.zeros(9, 4), 1.5, "from 0 to 1, got 1.5"),
    ],
)
def test_what_has_no_birthday_is_one_line(fake, share, why):
    with pytest.raises(UserError, match=why) as error:
        birthday(fake, REAL, seeded(), share)
    assert "\n" not in str(error.value)
