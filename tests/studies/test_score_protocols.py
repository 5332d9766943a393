"""Models are asked the same: one set of test examples for a row, one way between codes for all; a tie is no answer."""

from dataclasses import replace

import pytest
import torch

from genmodels import datasets
from genmodels.config import Config
from genmodels.metrics.probes.features import Points, learn
from genmodels.models.base import Model
from genmodels.models.parts.losses import pair_accuracy
from genmodels.studies.scores import measures, reference, understanding

CPU = torch.device("cpu")


def yardstick(data, extract, n):
    return measures.Yardstick(
        data, extract, data.test[:n], None, None, None, None, lambda purpose: torch.Generator().manual_seed(0)
    )


class Truth(Model):
    """Knows the true density of the ring."""

    name, family, sample_note = "truth", "flow", ""

    def log_prob(self, x):
        return datasets.source("ring").log_density(x)


class BoundedTruth(Model):
    """Knows a bound of the true density of the ring, which is the density itself."""

    name, family, sample_note = "bounded truth", "vae", ""

    def log_prob_bound(self, x, k, rng):
        return datasets.source("ring").log_density(x)


def test_a_bound_equal_to_the_truth_reads_what_the_exact_likelihood_and_the_floor_read():
    data = datasets.load("ring", CPU)
    by = yardstick(data, Points(data.train), 2000)
    floor, _ = reference._known(data, by)
    exact, bound = measures.Readings(), measures.Readings()
    for model, readings in ((Truth({}, (2,)), exact), (BoundedTruth({}, (2,)), bound)):
        list(understanding.likelihoods(model, by, 50, readings))
    assert exact.values["log-likelihood"] == bound.values["log-likelihood"] == pytest.approx(floor["log-likelihood"], abs=1e-6)
    assert bound.notes["log-likelihood"] == "a bound, by 50 codes each of 500 examples"


class Wave(Model):
    """Decodes two numbers to the place of a wave across an 8x8 picture."""

    name, family, sample_note = "wave", "gan", ""

    def decode(self, z):
        place = torch.arange(8.0)
        return torch.sin(place + 3 * z[:, :1])[:, None, None, :].expand(-1, 1, 8, 8) / 2 + 0.5

    def sample(self, n, rng):
        return self.decode(torch.randn(n, 2, generator=rng))


class EncodedWave(Wave):
    """The same with an encoder, of which the path is to know nothing."""

    def encode(self, x):
        return torch.zeros(len(x), 2)


class Unsampled(Model):
    """A decoder without a prior."""

    name, family, sample_note, decode = "unsampled", "autoencoder", "", Wave.decode


class Two(Config):
    """A code of two numbers."""

    latent_dim: int = 2


@pytest.fixture(scope="module")
def digits():
    data = replace(datasets.load("digits", CPU), train_labels=None, test_labels=None)  # compared by their principal axes
    return yardstick(data, learn(data), 100)


def path_of(kind, by, family=None):
    readings = measures.Readings()
    model = kind(Two(), (1, 8, 8))
    if family:
        model.family = family
    understanding.path_length(model, by, readings)
    return readings.values.get("path-length"), readings.notes["path-length"]


def test_the_path_between_codes_is_the_same_whether_a_model_encodes_or_not(digits):
    assert path_of(Wave, digits) == path_of(EncodedWave, digits)
    assert path_of(Wave, digits)[1] == "along arcs between codes drawn from the prior"
    assert path_of(Wave, digits)[0] > 1


def test_a_path_of_a_linear_decoder_or_without_a_prior_is_a_dash_with_its_reason(digits):
    assert path_of(Wave, digits, "mixture") == (None, "its decoder is linear in the code: 1 by construction")
    assert path_of(Unsampled, digits) == (None, "has no prior to draw codes from")


def test_a_discriminator_that_says_the_same_of_both_is_right_half_the_time():
    assert pair_accuracy(torch.zeros(4), torch.zeros(4)) == 0.5
    assert pair_accuracy(torch.tensor([2.0, 0.0, 1.0, 1.0]), torch.tensor([1.0, 0.0, 1.0, 3.0])) == 0.5  # right, tie, tie, wrong
