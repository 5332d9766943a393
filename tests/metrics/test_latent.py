"""Active units counted by hand, and the accuracy of codes against scikit-learn's classifier and what is known."""

import math

import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from genmodels import datasets
from genmodels.config import UserError
from genmodels.metrics.latent import active_units, knn_accuracy
from genmodels.metrics.parts import distances
from tests.oracles import voted_accuracy


def normal(n: int, f: int, seed: int) -> Tensor:
    return torch.randn(n, f, generator=torch.Generator().manual_seed(seed))


def test_a_unit_is_active_when_its_posterior_mean_varies_by_more_than_a_hundredth() -> None:
    """Two examples at +-a have a sample variance of 2 a^2, whatever their common mean."""
    deviations = torch.tensor([0.0, 0.07, 0.0708, 1.0])  # 2 a^2 = 0, .0098, .01003, 2
    mu = torch.stack([5 + deviations, 5 - deviations])
    assert active_units(mu) == 2


def test_no_unit_of_a_collapsed_posterior_is_active_however_far_from_zero_it_lies() -> None:
    assert active_units(torch.full((100, 7), 3.0)) == 0


@pytest.mark.parametrize(
    ("mu", "why"), [(torch.zeros(1, 3), "codes has 1"), (torch.full((5, 3), math.nan), "NaN"), (torch.zeros(5), "one F for all")]
)
def test_codes_that_do_not_vary_for_want_of_examples_are_one_line(mu, why) -> None:
    with pytest.raises(UserError, match=why):
        active_units(mu)


def groups(n: int, seed: int, spread: float = 1.5) -> tuple[Tensor, Tensor]:
    """Codes of four dimensions about one of three centres, and which: they overlap."""
    labels = torch.randint(3, (n,), generator=torch.Generator().manual_seed(seed))
    return spread * normal(n, 4, seed + 1) + 2 * torch.eye(3, 4)[labels], labels


def accuracy_of_scikit_learn(z: Tensor, labels: Tensor, z_train: Tensor, train_labels: Tensor, k: int) -> float:
    judge = KNeighborsClassifier(k).fit(z_train.double().numpy(), train_labels.numpy())
    return float(judge.score(z.double().numpy(), labels.numpy()))


@pytest.mark.parametrize("k", [1, 2, 5, 40])  # with 2 nearly every vote of two classes is a tie
def test_the_accuracy_is_scikit_learns(k) -> None:
    train, test = groups(400, 0), groups(300, 10)
    result = knn_accuracy(*test, *train, k)
    assert result == pytest.approx(accuracy_of_scikit_learn(*test, *train, k), abs=1e-12)
    assert 0.4 < result < 0.8


def test_the_accuracy_of_raw_digits_is_scikit_learns() -> None:
    data = datasets.load("digits", torch.device("cpu"))
    assert data.train_labels is not None
    assert data.test_labels is not None
    x, x_test = data.train.flatten(1), data.test.flatten(1)
    expected = accuracy_of_scikit_learn(x_test, data.test_labels, x, data.train_labels, 5)
    assert knn_accuracy(x_test, data.test_labels, x, data.train_labels) == pytest.approx(expected, abs=0.003)  # pixels tie


def test_training_codes_that_are_equally_near_share_the_vote_whatever_their_order() -> None:
    """Six equal codes of class 1 and four of class 0, the zeros first: chance, or the order, would let class 0 win."""
    z_train, train_labels = torch.eye(2)[torch.tensor([0] * 10 + [1] * 10)], torch.tensor([0] * 4 + [1] * 6 + [2] * 10)
    z, labels = torch.eye(2)[torch.tensor([0, 1])], torch.tensor([1, 2])
    for order in (torch.arange(20), torch.arange(20).flip(0)):
        assert knn_accuracy(z, labels, z_train[order], train_labels[order]) == 1


def test_the_accuracy_of_a_mixtures_responsibilities_is_that_of_votes_shared_one_by_one(fitted) -> None:
    data, model = datasets.load("digits", torch.device("cpu")), fitted("digits", "gmm", n_components=6).cpu()
    z, z_train = (model.encode(x).double().round(decimals=4) for x in (data.test, data.train))  # equal codes are so to the bit
    assert len(z_train.unique(dim=0)) < len(z_train) / 2  # most are equal to another
    given = z, data.test_labels, z_train, data.train_labels
    result = [
        knn_accuracy(z, data.test_labels, z_train[i], data.train_labels[i]) for i in (slice(None), torch.arange(1436, -1, -1))
    ]
    assert result == [pytest.approx(voted_accuracy(*given, 5), abs=0.006)] * 2  # two examples, by rounding
    assert result[0] == result[1]


def test_codes_that_tell_the_class_read_one_and_noise_reads_chance() -> None:
    labels, train_labels = torch.arange(1000) % 4, torch.arange(2000) % 4
    telling, train = (torch.eye(4)[x] + 0.01 * normal(len(x), 4, 0) for x in (labels, train_labels))
    assert knn_accuracy(telling, labels, train, train_labels) == 1
    assert knn_accuracy(normal(1000, 4, 1), labels, normal(2000, 4, 2), train_labels) == pytest.approx(0.25, abs=0.05)


def test_a_common_scale_changes_nothing_and_the_scale_of_noise_beside_the_code_does() -> None:
    (z, labels), (z_train, train_labels) = groups(500, 0, 0.5), groups(500, 10, 0.5)
    here = knn_accuracy(z, labels, z_train, train_labels)
    assert knn_accuracy(7 * z, labels, 7 * z_train, train_labels) == here
    stretched = torch.tensor([1.0, 1, 1, 1e4])  # the last says nothing of the class
    assert knn_accuracy(stretched * z, labels, stretched * z_train, train_labels) < here - 0.3


def test_order_and_blocks_change_nothing(monkeypatch) -> None:
    (z, labels), (z_train, train_labels) = groups(120, 0), groups(200, 10)
    whole = knn_accuracy(z, labels, z_train, train_labels)
    monkeypatch.setattr(distances, "BLOCK", 1000)
    assert knn_accuracy(z.flip(0), labels.flip(0), z_train.flip(0), train_labels.flip(0)) == whole


def test_codes_that_are_all_alike_read_a_number_and_one_code_is_enough() -> None:
    one = torch.zeros(20, 3)
    assert 0 <= knn_accuracy(one, torch.arange(20) % 2, one, torch.arange(20) % 2) <= 1
    assert knn_accuracy(one[:1], torch.tensor([0]), one, torch.zeros(20, dtype=torch.int64)) == 1


@pytest.mark.parametrize(
    ("z", "labels", "why"),
    [
        (normal(9, 2, 0), torch.zeros(8), "got 8 for 9"),
        (normal(9, 2, 0) * math.nan, torch.zeros(9), "NaN"),
        (normal(9, 3, 0), torch.zeros(9), "one F for all"),
    ],
)
def test_what_cannot_be_judged_is_one_line(z, labels, why) -> None:
    with pytest.raises(UserError, match=why):
        knn_accuracy(z, labels, normal(20, 2, 1), torch.zeros(20, dtype=torch.int64))
    with pytest.raises(UserError, match="real has 4"):
        knn_accuracy(normal(9, 2, 0), torch.zeros(9), normal(4, 2, 1), torch.zeros(4, dtype=torch.int64))
