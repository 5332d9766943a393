"""Single lines of the sheet on data made by hand, whose right value is known."""

import math

import pytest
import torch

from genmodels.datasets.base import Arrays, Dataset, Source
from genmodels.metrics.bins import Bins
from genmodels.metrics.probes.features import Classifier
from genmodels.models.base import Model
from genmodels.studies.scores import measures, reference, understanding

SHAPE = (1, 2, 2)


def yardstick(data, extract=None, train_features=None):
    """All test examples of the data, in one bin."""
    scale = torch.ones(math.prod(data.source.shape), dtype=torch.float64)
    bins = Bins(data.train[:1].double(), torch.tensor([len(data.train)]), scale)
    features = data.train.flatten(1) if train_features is None else train_features
    return measures.Yardstick(
        data, extract, data.test, data.test_labels, features, features, bins, lambda purpose: torch.Generator().manual_seed(0)
    )


def made_by_hand(train, test):
    source = Source("hand", "By hand", tuple(train.shape[1:]), lambda: Arrays(train, test), "Made by hand.", "none")
    return Dataset(source, train, test, None, None)


class Spikes(Model):
    """Even over [0, 1], but for spikes of e^50 on every one of the 256 levels that a stored pixel can have."""

    name = "spikes"

    def log_prob(self, x):
        levels = x.flatten(1) * 255
        return torch.where((levels - levels.round()).abs().amax(1) < 1e-4, 50.0, 0.0)


def test_spikes_on_the_stored_levels_buy_no_bits_an_even_density_has_eight_a_dimension(rng):
    pictures = torch.randint(256, (100, *SHAPE), generator=rng).float() / 255
    readings = measures.Readings()
    for _ in understanding.likelihoods(Spikes(None, SHAPE), yardstick(made_by_hand(pictures, pictures)), 1, readings):
        pass
    assert readings.values["bits-per-dim"] == pytest.approx(8, abs=0.1)
    assert readings.values["log-likelihood"] == 50


def test_noise_over_a_box_of_two_by_three_has_the_log_density_of_one_sixth():
    corners = torch.tensor([[0.0, 0.0], [2.0, 3.0], [2.0, 0.0], [0.0, 3.0]]) - 7
    data = made_by_hand(corners, corners)
    _, worst = reference._known(data, yardstick(data))
    assert worst["log-likelihood"] == pytest.approx(-math.log(6))


def test_classes_are_compared_with_those_of_the_training_set():
    """Training examples of two equal classes, test examples of one: samples like the former read 0, like the latter log 2."""
    logits = torch.tensor([[9.0, 0.0], [0.0, 9.0]]).repeat(5000, 1)
    both, one = logits.reshape(-1, 2), logits[:1].expand(500, 2)
    extract = Classifier((2,), torch.nn.Identity(), torch.nn.Identity(), 1.0, "the points themselves")
    divergences = []
    for x in (both[:500], one):
        readings = measures.Readings()
        measures.against_train(x, yardstick(made_by_hand(both, one.clone()), extract, both), readings)
        divergences.append(readings.values["classes-kl"])
    assert divergences == [pytest.approx(0, abs=1e-6), pytest.approx(math.log(2), abs=1e-3)]
