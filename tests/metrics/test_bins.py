"""Bins against SciPy and simulation, and calibrated on digits: more of the same, other writers, a digit left out."""

import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import chi2_contingency, norm

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.metrics import bins as bins_module
from genmodels.metrics.bins import AT_LEVEL_05, bin_scores, compare_counts, training_bins

CPU = torch.device("cpu")
THREE = 3.0  # standard errors, as in the published figures on MNIST


def rng(seed=0):
    return device.generator(CPU, seed, "bins")


def shuffled(x, *others, seed=0):
    order = torch.randperm(len(x), generator=rng(seed))
    return tuple(t[order] for t in (x, *others))


@pytest.mark.parametrize("sizes", [(4000, 900), (300, 5000)])
def test_the_test_of_each_bin_is_the_chi_square_test_of_its_two_by_two_table(sizes):
    """Uncorrected, chi square is z squared: SciPy's own, one table after the other."""
    draw = np.random.default_rng(0)
    train, samples = (draw.multinomial(n, draw.dirichlet(np.full(12, 3.0))) for n in sizes)
    scores = compare_counts(torch.tensor(train), torch.tensor(samples))
    for k in range(12):
        table = [[samples[k], sizes[1] - samples[k]], [train[k], sizes[0] - train[k]]]
        result = chi2_contingency(table, correction=False)
        assert scores.z[k].item() ** 2 == pytest.approx(result.statistic, rel=1e-9)
        assert (scores.z[k].item() > 0) == (samples[k] / sizes[1] > train[k] / sizes[0])
        assert (scores.rare() | scores.frequent())[k].item() == (result.pvalue < 0.05)
    assert 0 < scores.ndb() < 12
    assert scores.ndb() == scores.rare().sum() + scores.frequent().sum()
    assert norm.ppf(0.975) == pytest.approx(AT_LEVEL_05, abs=1e-6)


def test_the_divergence_is_scipys_distance_squared_in_nats():
    draw = np.random.default_rng(1)
    for _ in range(20):
        p, q = (draw.multinomial(500, draw.dirichlet(np.full(30, 0.3))) for _ in range(2))  # many bins are empty
        assert compare_counts(torch.tensor(p), torch.tensor(q)).js == pytest.approx(jensenshannon(p, q) ** 2, abs=1e-12)


def test_histograms_that_are_equal_or_apart_have_the_known_extremes():
    equal = compare_counts(torch.tensor([10, 0, 30]), torch.tensor([100, 0, 300]))
    assert (equal.js, equal.ndb(), equal.z.tolist()) == (pytest.approx(0, abs=1e-15), 0, [0, 0, 0])
    apart = compare_counts(torch.tensor([50, 50, 0]), torch.tensor([0, 0, 80]))
    assert apart.js == pytest.approx(math.log(2))
    assert (apart.rare().tolist(), apart.frequent().tolist()) == ([True, True, False], [False, False, True])


def test_the_floors_are_what_chance_gives():
    """A thousand pairs of histograms drawn from one distribution."""
    draw, result = np.random.default_rng(2), []
    for _ in range(1000):
        share = np.linspace(1, 3, 100) / 200
        result.append(compare_counts(*(torch.tensor(draw.multinomial(n, share)) for n in (20_000, 5000))))
    assert np.mean([s.js for s in result]) == pytest.approx(result[0].js_floor, rel=0.02)
    assert np.mean([s.ndb() for s in result]) == pytest.approx(result[0].ndb_floor(), rel=0.05)
    assert result[0].ndb_floor() == pytest.approx(5, abs=1e-4)
    assert np.mean([s.ndb(THREE) for s in result]) == pytest.approx(result[0].ndb_floor(THREE), abs=0.1)


@pytest.mark.parametrize("whiten", [False, True])
def test_an_example_is_in_the_bin_whose_centre_is_nearest(whiten):
    x = torch.randn(400, 1, 2, 3, generator=rng()) * torch.tensor([1.0, 10, 100])
    bins = training_bins(x, rng(), n_bins=9, whiten=whiten)
    spread = x.flatten(1).double().std(0).numpy() if whiten else 1.0
    other, centres = x[:50] * 1.1, bins.centres.flatten(1).numpy()
    expected = [np.argmin([np.square((row - c) / spread).sum() for c in centres]) for row in other.flatten(1).double().numpy()]
    assert bins.assign(other).tolist() == expected
    assert bins.counts.tolist() == sorted(bins.assign(x).bincount(minlength=9).tolist(), reverse=True)


@pytest.mark.parametrize("whiten", [False, True])
def test_a_centre_is_the_mean_of_its_bin_in_data_units(whiten):
    x = torch.cat([torch.randn(90, 1, 2, 2, generator=rng()) * 0.1 + 5 * k for k in range(3)]) * torch.tensor([1.0, 7])
    bins = training_bins(x, rng(), n_bins=3, whiten=whiten)
    where = bins.assign(x)
    means = torch.stack([x[where == k].double().mean(0) for k in range(3)])
    torch.testing.assert_close(bins.centres, means, atol=1e-4, rtol=0)
    assert bins.counts.tolist() == [90, 90, 90]


def test_whitening_counts_a_faint_value_as_much_as_a_strong_one():
    """Two groups that differ in a small value only: without whitening the noise of the large one decides."""
    group = torch.arange(300) % 2
    noise = torch.randn(300, 2, generator=rng())
    x = torch.stack([group * 0.01 + noise[:, 0] * 0.001, noise[:, 1] * 3], 1)
    plain, white = (training_bins(x, rng(), n_bins=2, whiten=w).assign(x) for w in (False, True))
    assert abs((plain == group).float().mean().item() - 0.5) < 0.2
    assert abs((white == group).float().mean().item() - 0.5) > 0.49


def test_equal_seeds_give_equal_bins_and_others_others():
    x = torch.rand(500, 6, generator=rng())
    assert torch.equal(training_bins(x, rng(1), 10).centres, training_bins(x, rng(1), 10).centres)
    assert not torch.equal(training_bins(x, rng(1), 10).centres, training_bins(x, rng(2), 10).centres)


def test_samples_that_leave_out_half_the_data_name_the_bins_they_leave_out():
    centres = torch.tensor([[0.0, 0], [9, 0], [0, 9], [9, 9]])
    x = centres.repeat(200, 1) + 0.1 * torch.randn(800, 2, generator=rng())
    bins = training_bins(x, rng(), n_bins=4)
    scores = bin_scores(bins, x[x[:, 0] < 5])
    assert scores.rare().tolist() == (bins.centres[:, 0] > 5).tolist()
    assert scores.frequent().tolist() == (bins.centres[:, 0] < 5).tolist()
    assert scores.js == pytest.approx(jensenshannon([1, 1, 1, 1], [2, 0, 2, 0]) ** 2, abs=0.01)


def normal(n, seed):
    return torch.randn(n, 3, generator=rng(seed))


def test_noise_reads_the_ceiling_and_a_change_of_scale_alone_is_seen():
    bins = training_bins(normal(4000, 0), rng(), n_bins=20)
    here, noise = bin_scores(bins, normal(2000, 1)), bin_scores(bins, torch.full((2000, 3), 50.0))
    assert here.js < 3 * here.js_floor
    assert noise.js > 0.8 * math.log(2)  # all in one of twenty bins
    assert noise.ndb() == 20
    for scale in (0.5, 2.0):
        moved = bin_scores(bins, scale * normal(2000, 1))
        assert moved.js > 10 * here.js
        assert moved.ndb() > 10


def test_order_and_batches_change_nothing(monkeypatch):
    bins, samples = training_bins(normal(500, 0), rng(), n_bins=9), normal(300, 1)
    whole = bin_scores(bins, samples)
    monkeypatch.setattr(bins_module, "AT_ONCE", 7)
    assert torch.equal(bin_scores(bins, samples.flip(0)).z, whole.z)


def test_alike_examples_and_a_constant_value_read_a_number_and_one_sample_is_enough():
    x = torch.cat([normal(200, 0), torch.full((200, 1), 5.0)], 1)
    bins = training_bins(x, rng(), n_bins=5, whiten=True)
    for samples in (x[:1], x[:1].expand(100, -1)):
        scores = bin_scores(bins, samples)
        assert scores.observed.max() == 1
        assert math.isfinite(scores.js + scores.z.sum())


@pytest.mark.parametrize("samples", [torch.zeros(0, 3), torch.full((4, 3), math.nan), torch.full((4, 3), math.inf)])
def test_samples_that_fill_no_bin_are_one_line(samples):
    with pytest.raises(UserError, match="1 or more examples"):
        bin_scores(training_bins(normal(50, 0), rng(), n_bins=3), samples)
    with pytest.raises(UserError, match="1 or more examples"):
        training_bins(samples, rng(), n_bins=3)


def calibration(data, n_bins, n_held, seed):
    """The bins, and scores of real digits that were held out, of the test set, and of held-out digits of which one is left out."""
    x, labels = shuffled(data.train, data.train_labels, seed=seed)
    bins = training_bins(x[n_held:], rng(seed), n_bins)
    held, kinds = x[:n_held], labels[:n_held]
    return bins, [bin_scores(bins, part[:10_000]) for part in (held, data.test, held[kinds != 9])]


def test_on_digits_held_out_ones_read_the_floor_and_a_missing_digit_does_not():
    data = datasets.load("digits", CPU)
    result = [calibration(data, 20, 500, seed)[1] for seed in range(5)]
    same, other, missing = (np.mean([s[i].js / s[i].js_floor for s in result]) for i in range(3))
    assert 0.6 < same < 1.6
    assert 0.6 < other < 1.6
    assert missing > 2 * max(same, other)
    assert np.mean([s[0].ndb() for s in result]) < 3  # 1 by chance
    assert np.mean([s[0].ndb(THREE) for s in result]) < 0.5
    assert all(s[2].rare().sum() >= 1 for s in result)


@pytest.mark.data
@pytest.mark.slow
def test_on_mnist_the_published_pattern_is_found():
    """JS .0014, .0041 and .016, with 0, 4 and 11 bins beyond three standard errors, of all; of fewer the same above the floor."""
    try:
        data = datasets.load("mnist", CPU)
    except UserError as error:
        pytest.skip(str(error))
    bins, (same, test, missing) = calibration(data, 100, len(data.train) // 4, 0)
    for name, s in (("held out", same), ("test", test), ("no 9s", missing)):
        print(f"{name}: JS {s.js:.4f} (floor {s.js_floor:.4f}), {s.ndb()} bins at .05, {s.ndb(THREE)} beyond 3 standard errors")
    assert same.js == pytest.approx(same.js_floor, rel=0.3)
    assert same.ndb(THREE) <= 2
    assert missing.js - same.js == pytest.approx(0.016 - 0.0014, rel=0.4)
    nines = bin_scores(bins, data.train[data.train_labels == 9])
    assert (nines.frequent() & missing.rare()).sum() >= 3  # what is too rare is where nines are
    if len(data.train) == 60_000:  # of a part, the test pictures may be of other writers altogether
        assert [same.js, test.js, missing.js] == [pytest.approx(js, rel=0.3) for js in (0.0014, 0.0041, 0.016)]
        assert [test.ndb(THREE), missing.ndb(THREE)] == [pytest.approx(n, abs=4) for n in (4, 11)]
