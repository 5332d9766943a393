"""The class histogram against SciPy's entropy and simulation, and on digits by the dataset's own classifier."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import entropy
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import UserError
from genmodels.metrics.classes import class_histogram


def logits_of(counts: list[int], seed: int = 0) -> Tensor:
    """Logits (N, K) whose largest are of class k for counts[k] examples, in a random order, noisy otherwise."""
    rng = torch.Generator().manual_seed(seed)
    labels = torch.arange(len(counts)).repeat_interleave(torch.tensor(counts))
    labels = labels[torch.randperm(len(labels), generator=rng)]
    return 5 * F.one_hot(labels, len(counts)) + torch.rand(len(labels), len(counts), generator=rng)


@pytest.mark.parametrize(("fake", "real"), [([5, 0, 3, 2], [10, 20, 30, 40]), ([1, 1], [3, 0]), ([7], [9]), ([0, 1, 0], [1, 1, 1])])
def test_it_is_scipys_relative_entropy_with_half_an_example_added_to_each_real_class(fake, real):
    result = class_histogram(logits_of(fake), logits_of(real))
    assert result.kl == pytest.approx(entropy(fake, np.array(real) + 0.5), abs=1e-12)
    assert result.observed.tolist() == pytest.approx([n / sum(fake) for n in fake])
    assert result.expected.sum() == pytest.approx(1)


def test_other_real_examples_read_the_floor():
    """K - 1 over 2N: two hundred draws of N = 500 from one of unequal shares."""
    draw, share = np.random.default_rng(0), np.linspace(1, 3, 10) / 20
    real = logits_of((share * 20_000).round().astype(int).tolist())
    result = [class_histogram(logits_of(draw.multinomial(500, share).tolist()), real) for _ in range(200)]
    assert np.mean([f.kl for f in result]) == pytest.approx(9 / 1000, rel=0.1)
    assert result[0].kl_floor == 9 / 1000


def test_one_class_alone_reads_log_k_and_one_left_out_log_k_over_k_minus_one():
    real = logits_of([1000] * 10)
    assert class_histogram(logits_of([500] + [0] * 9), real).kl == pytest.approx(math.log(10))
    assert class_histogram(logits_of([100] * 9 + [0]), real).kl == pytest.approx(math.log(10 / 9))


def test_a_class_that_is_never_real_costs_more_the_more_real_examples_there_are_but_not_without_bound():
    result = [class_histogram(logits_of([9, 1]), logits_of([n, 0])).kl for n in (100, 10_000)]
    assert 0.1 < result[0] < result[1] < 1


def test_order_batches_and_the_scale_of_logits_do_not_matter():
    fake, real = logits_of([5, 10, 3]), logits_of([6, 6, 6])
    whole = class_histogram(fake, real)
    assert class_histogram(3 * torch.cat(list(fake.flip(0).split(4))), real.flip(0)).kl == whole.kl


@pytest.mark.parametrize(
    ("fake", "why"),
    [
        (torch.zeros(0, 3), "N and K at least 1"),
        (torch.zeros(3), r"the generated are \(3,\)"),
        (torch.full((2, 3), math.nan), "NaN"),
        (torch.zeros(2, 4), "got 4 and 3 classes"),
    ],
)
def test_what_has_no_histogram_is_one_line(fake, why):
    with pytest.raises(UserError, match=why) as error:
        class_histogram(fake, torch.eye(3))
    assert "\n" not in str(error.value)
