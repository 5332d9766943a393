"""Features: learnt once, kept whole, the same for an example whatever the batch; and what every metric by features must do."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from genmodels import datasets, registry
from genmodels.config import UserError
from genmodels.datasets.base import Dataset, Source
from genmodels.metrics.base import Metric, check_features, draw
from genmodels.metrics.probes import features

CPU = torch.device("cpu")


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def digits() -> Dataset:
    return datasets.load("digits", CPU)


def unlabelled_digits() -> Dataset:
    return replace(digits(), train_labels=None, test_labels=None)


@pytest.fixture(scope="module")
def extract() -> features.Extractor:
    """The classifier of digits."""
    return features.learn(digits())


def test_the_classifier_of_digits_is_right_on_test_pictures_and_says_how_often(extract):
    assert extract.quality >= 0.96
    assert f"{extract.quality:.1%}" in extract.about


def test_the_head_that_is_kept_names_the_classes_of_pictures_and_of_features_as_often_as_is_said(extract):
    data = digits()
    read = features.restored(data, extract.state_dict(), extract.quality)
    logits = extract.classify(data.test)
    assert logits.shape == (360, 10)
    assert float((logits.argmax(1) == data.test_labels).double().mean()) == extract.quality
    assert torch.equal(read.classify(data.test), logits)
    assert torch.equal(read.head(read(data.test)), logits)
    cross_entropy = torch.nn.functional.cross_entropy(logits, data.test_labels)
    assert float(cross_entropy) < 0.25  # logits in nats as they were trained, not any that are largest at the same place


def test_pictures_without_labels_are_of_no_class():
    assert not hasattr(features.learn(unlabelled_digits()), "classify")


def test_neighbours_in_feature_space_share_their_class(extract):
    data = digits()
    judge = KNeighborsClassifier(5).fit(extract(data.train).numpy(), data.train_labels.numpy())
    assert judge.score(extract(data.test).numpy(), data.test_labels.numpy()) >= 0.96


def test_features_of_the_training_part_are_centred_with_variance_one_on_average(extract):
    z = extract(digits().train)
    assert z.shape == (1437, 64)
    assert z.dtype == torch.float32
    torch.testing.assert_close(z.mean(0), torch.zeros(64), atol=1e-4, rtol=0)
    assert float(z.var(0).mean()) == pytest.approx(1, rel=1e-3)


def test_the_features_of_a_picture_do_not_depend_on_the_others(extract):
    x = digits().train[:1100]
    whole = extract(x)
    torch.testing.assert_close(torch.cat([extract(part) for part in x.split(7)]), whole, atol=1e-5, rtol=1e-5)
    order = torch.randperm(len(x), generator=seeded())
    torch.testing.assert_close(extract(x[order]), whole[order], atol=1e-5, rtol=1e-5)


@pytest.mark.slow
def test_learning_anew_gives_the_same_bits(extract):
    assert torch.equal(features.learn(digits())(digits().test), extract(digits().test))


def test_pictures_without_labels_are_laid_on_their_principal_axes():
    data = unlabelled_digits()
    extract = features.learn(data)
    theirs = PCA(63).fit(data.train.flatten(1).double().numpy())
    mine, other = extract(data.test).double(), torch.from_numpy(theirs.transform(data.test.flatten(1).double().numpy()))
    ratio = (mine[:, 0] / other[:, 0]).abs().median()
    torch.testing.assert_close(mine.abs()[:, :40], other.abs()[:, :40] * ratio, atol=1e-4, rtol=1e-3)
    whole = data.test.flatten(1).double().numpy()
    rest = whole - theirs.inverse_transform(theirs.transform(whole))
    assert extract.quality == pytest.approx(1 - (rest**2).sum() / ((whole - theirs.mean_) ** 2).sum(), abs=1e-5)


def test_distances_on_all_but_one_axis_are_those_of_the_pixels_up_to_one_scale():
    data = unlabelled_digits()
    z = features.learn(data)(data.test).double()
    ratio = torch.pdist(z) / torch.pdist(data.test.flatten(1).double())
    assert float(ratio.std() / ratio.mean()) < 1e-3


def shaded_squares(n: int, seed: int) -> tuple[Tensor, Tensor]:
    """Pictures of a left half and a right half, and the two greys: attributes that the whole picture tells."""
    greys = torch.rand(n, 2, generator=seeded(seed))
    pixels = greys[:, None, None, :].expand(n, 1, 8, 2).repeat_interleave(4, 3)
    return (pixels + 0.02 * torch.randn(pixels.shape, generator=seeded(seed + 1))).clamp(0, 1), greys


@pytest.mark.slow
def test_pictures_with_attributes_get_a_net_that_tells_them():
    (x, greys), (x_test, greys_test) = shaded_squares(600, 0), shaded_squares(200, 2)
    source = Source("squares", "Squares", (1, 8, 8), lambda: None, "Made by hand.", "none", attributes=("left", "right"))
    extract = features.learn(Dataset(source, x, x_test, None, None, greys, greys_test))
    assert extract.quality > 0.95
    assert "attributes" in extract.about
    weights = torch.linalg.lstsq(extract(x), greys - greys.mean(0)).solution  # a linear map finds them in the features
    assert float((extract(x_test) @ weights + greys.mean(0) - greys_test).abs().mean()) < 0.05


def test_points_are_compared_in_units_of_the_training_sets_spread_wherever_they_lie():
    data, offset = datasets.load("gaussians-8", CPU), torch.tensor([1e6, -3e5], dtype=torch.float64)
    expected = (data.test - data.train.mean(0)) / data.train.std(0)
    torch.testing.assert_close(features.learn(data)(data.test), expected)
    far = replace(data, train=1e-6 * data.train.double() + offset)
    torch.testing.assert_close(features.learn(far)(1e-6 * data.test.double() + offset), expected, atol=1e-3, rtol=0)


@pytest.mark.parametrize(
    ("x", "why"),
    [
        (torch.zeros(3, 1, 8, 9), r"\(N, 1, 8, 8\).*got \(3, 1, 8, 9\)"),
        (torch.zeros(0, 1, 8, 8), "at least 1"),
        (torch.full((2, 1, 8, 8), math.nan), "NaN"),
        (torch.full((2, 1, 8, 8), math.inf), "infinite"),
    ],
)
def test_what_has_no_features_is_refused_in_one_line(x, why):
    with pytest.raises(UserError, match=why) as error:
        features.learn(unlabelled_digits())(x)
    assert "\n" not in str(error.value)


def test_pictures_that_are_all_alike_have_no_features():
    data = unlabelled_digits()
    with pytest.raises(UserError, match="all alike"):
        features.learn(replace(data, train=torch.full_like(data.train, 0.5)))


def test_noise_fills_the_range_of_the_data_evenly():
    ring = datasets.load("gaussians-8", CPU)
    x = features.noise(ring, 5000, seeded())
    torch.testing.assert_close(x.amin(0), ring.train.amin(0), atol=0.02, rtol=0)
    torch.testing.assert_close(x.amax(0), ring.train.amax(0), atol=0.02, rtol=0)
    pictures = features.noise(digits(), 500, seeded())
    assert pictures.shape == (500, 1, 8, 8)
    assert float(pictures.mean()) == pytest.approx(0.5, abs=0.01)
    assert float(pictures.std()) == pytest.approx(12**-0.5, abs=0.01)


# What every metric by features must do.

METRICS: dict[str, Metric] = registry.discover("genmodels.metrics", Metric)
each_metric = pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
N, WIDTH = 600, 6
DRAWS = {"two-sample"}  # metrics with chance of their own
each_metric_without_chance = pytest.mark.parametrize(
    "metric", [m for m in METRICS.values() if m.name not in DRAWS], ids=lambda m: m.name
)


def normal(seed: int, n: int = N, width: int = WIDTH) -> Tensor:
    return torch.randn(n, width, generator=seeded(seed), dtype=torch.float64)


def score(metric: Metric, fake: Tensor, seed: int = 0) -> float:
    return metric.compute(fake, normal(101, len(fake), fake.shape[1]), normal(102, len(fake), fake.shape[1]), seeded(seed))


def distance_from_ideal(metric: Metric, value: float) -> float:
    return {"lower": value - metric.ideal, "higher": metric.ideal - value, "nearer": abs(value - metric.ideal)}[metric.better]


def test_the_metrics_are_found():
    by_neighbours = {"precision", "recall", "density", "coverage", "realism", "memorisation"}
    assert {"frechet-ratio", "kernel-distance", "two-sample"} | by_neighbours <= set(METRICS)


@each_metric
def test_a_perfect_generator_reads_the_floor(metric):
    floor = np.mean([score(metric, normal(seed), seed) for seed in range(1 if metric.name == "two-sample" else 3)])
    tolerance = {"frechet-ratio": 0.35, "precision": 0.15, "recall": 0.15, "realism": 0.35, "two-sample": 0.05}.get(
        metric.name, 0.06
    )
    assert floor == pytest.approx(metric.ideal, abs=tolerance)


@each_metric
def test_noise_reads_far_worse_than_a_perfect_generator(metric):
    noise = 5 + 0.5 * normal(1)  # where no real example lies; in their midst, wide noise has a high recall: its balls are large
    worse, floor = (distance_from_ideal(metric, score(metric, x)) for x in (noise, normal(0)))
    assert worse > floor + 0.25


@each_metric
def test_a_change_of_scale_alone_moves_it(metric):
    here = score(metric, normal(0))
    assert max(abs(score(metric, normal(0) * scale) - here) for scale in (0.5, 2.0)) > 0.15


@each_metric_without_chance
def test_the_order_of_examples_does_not_matter(metric):
    order = torch.randperm(N, generator=seeded(3))
    assert score(metric, normal(0)[order]) == pytest.approx(score(metric, normal(0)), abs=1e-9)


@each_metric
def test_equal_chance_gives_an_equal_score(metric):
    assert score(metric, normal(0), 7) == score(metric, normal(0), 7)


@each_metric_without_chance
def test_features_in_float32_read_the_same(metric):
    whole, single = score(metric, normal(0)), metric.compute(*(normal(s).float() for s in (0, 101, 102)), seeded())
    assert single == pytest.approx(whole, abs=1e-3)


@each_metric
def test_a_constant_feature_and_a_collapsed_generator_read_a_number(metric):
    constant = [torch.cat([normal(seed), torch.full((N, 1), 3.0, dtype=torch.float64)], 1) for seed in (0, 101, 102)]
    assert math.isfinite(metric.compute(*constant, seeded()))
    assert math.isfinite(score(metric, normal(0)[:1].expand(N, -1)))


@each_metric
@pytest.mark.parametrize(
    ("fake", "why"),
    [
        (normal(0, n=1), "at least"),
        (normal(0).index_fill(0, torch.tensor([5]), math.nan), "NaN"),
        (normal(0).index_fill(0, torch.tensor([5]), math.inf), "infinity"),
        (normal(0, width=WIDTH + 1), "one F for all"),
        (normal(0)[:, :, None], "one F for all"),
    ],
    ids=["one example", "NaN", "infinity", "another width", "no vectors"],
)
def test_what_cannot_be_scored_is_one_line(metric, fake, why):
    if metric.name == "realism" and len(fake) == 1:
        pytest.skip("one example alone has a realism")
    with pytest.raises(UserError, match=why) as error:
        metric.compute(fake, normal(101), normal(102), seeded())
    assert "\n" not in str(error.value)


def test_rows_are_drawn_once_each():
    x = torch.arange(50.0)[:, None]
    assert sorted(draw(x, 50, seeded())[:, 0].tolist()) == list(range(50))
    assert len(set(draw(x, 20, seeded())[:, 0].tolist())) == 20
    with pytest.raises(UserError, match="there are 50"):
        draw(x, 51, seeded())


def test_checked_features_are_float64():
    assert check_features("a test", 1, fake=torch.ones(2, 3))[0].dtype == torch.float64


def test_a_net_is_learnt_the_same_where_no_gradients_are_kept():
    data = datasets.load("digits", torch.device("cpu"))
    learnt = features.learn(data)
    with torch.no_grad():
        again = features.learn(data)
    assert torch.equal(learnt(data.test[:50]), again(data.test[:50]))
