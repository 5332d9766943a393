"""Scores of a model beyond its samples: likelihood, reconstruction, codes, paths between codes."""

import math
from collections.abc import Generator, Iterator

import torch
from torch import Tensor

from genmodels.metrics import likelihood
from genmodels.metrics.divergence import js_divergence
from genmodels.metrics.latent import active_units, knn_accuracy
from genmodels.metrics.parts.rebuild import rebuild
from genmodels.metrics.path_length import arc, path_length_ratio
from genmodels.models.base import BoundsLogProb, Decodes, Encodes, ExactLogProb, HasPosterior, Model, Samples
from genmodels.studies.scores.measures import Readings, Yardstick

LIKELIHOODS, AT_ONCE = 500, 100  # test examples, the same for all models, whose likelihood is measured, so many at once
REBUILT = 200  # test examples that are rebuilt: few, since a search for their noise is slow
PATHS = 64  # pairs of codes whose path is measured
UNKNOWN = "its likelihood is unknown to it"


def likelihoods(model: Model, by: Yardstick, codes: int, readings: Readings) -> Iterator[None]:
    """Measure the mean log density of test examples, in nats and in bits per dimension; a bound draws so many codes an example."""
    source, names = by.data.source, ("log-likelihood", "bits-per-dim")
    if not isinstance(model, ExactLogProb | BoundsLogProb):
        readings.leave_out(names, UNKNOWN)
        return
    if getattr(model.settings, "likelihood", "") == "bernoulli":
        readings.leave_out(names, "a probability of black and white pixels, not comparable with a density")
        return
    for name in names if source.is_image else names[:1]:
        x = by.test[:LIKELIHOODS]
        x = x if name == "log-likelihood" else likelihood.dequantise(x, by.rng("dequantise"))
        parts: list[Tensor] = []
        for part in _log_density(model, x, codes, by.rng("bound")):
            parts.append(part)
            yield
        nats = float(torch.cat(parts).double().mean()) - source.log_volume
        readings.values[name] = nats if name == "log-likelihood" else likelihood.bits_per_dim(nats, math.prod(source.shape))
        if not isinstance(model, ExactLogProb):
            readings.notes[name] = f"a bound, by {codes} codes each of {len(x)} examples"


def _log_density(model: Model, x: Tensor, codes: int, rng: torch.Generator) -> Iterator[Tensor]:
    if isinstance(model, ExactLogProb):
        yield model.log_prob(x)
    elif isinstance(model, BoundsLogProb):
        for part in x.split(AT_ONCE):
            yield model.log_prob_bound(part, codes, rng)


def divergence(model: Model, x: Tensor, by: Yardstick, readings: Readings) -> None:
    """Estimate the divergence of the model's density from the known one, from samples x (N, *shape) and test examples."""
    true_log_density = by.data.source.log_density
    if true_log_density is None:
        return
    if isinstance(model, ExactLogProb):
        with readings.noting("js-density-exact"):
            readings.values["js-density-exact"] = js_divergence(true_log_density, model.log_prob, by.test.double(), x.double()).nats
    else:
        readings.notes["js-density-exact"] = UNKNOWN


def reconstruction(model: Model, by: Yardstick, readings: Readings) -> Generator[float, None, None]:
    """Yield the progress; measure the error of test examples rebuilt by code or by search."""
    x = by.test[:REBUILT]
    rebuilt = yield from rebuild(model, x, by.rng("rebuild"))
    if rebuilt is None:
        readings.notes["reconstruction"] = type(model).reconstruct_note
        return
    in_data = by.data.source.in_data
    readings.values["reconstruction"] = float((in_data(rebuilt.x_hat) - in_data(x)).double().square().mean().sqrt())
    readings.notes["reconstruction"] = rebuilt.how


def codes(model: Model, by: Yardstick, readings: Readings) -> Iterator[None]:
    """Count the active dimensions of the model's codes, and measure how well a code predicts the class."""
    labels, train = by.test_labels, by.data
    if isinstance(model, HasPosterior):
        mu = model.posterior(by.test)[0]
        readings.values["active"] = active_units(mu)
        readings.notes["active"] = f"of {mu.shape[1]}"
    else:
        readings.notes["active"] = "its code has no Gaussian posterior"
    if not isinstance(model, Encodes):
        readings.notes["knn"] = "has no code of an example"
    elif labels is not None and train.train_labels is not None:
        with readings.noting("knn"):
            readings.values["knn"] = knn_accuracy(model.encode(by.test), labels, model.encode(train.train), train.train_labels)
    yield


def path_length(model: Model, by: Yardstick, readings: Readings) -> None:
    """Measure how smoothly pictures change along arcs between codes drawn from the prior N(0, I)."""
    if not by.data.source.is_image:
        readings.notes["path-length"] = "is of pictures alone"
        return
    if not isinstance(model, Decodes) or not isinstance(model, Samples):
        readings.notes["path-length"] = "has no prior to draw codes from"
        return
    if model.family == "mixture":
        readings.notes["path-length"] = "its decoder is linear in the code: 1 by construction"
        return
    dim = getattr(model.settings, "latent_dim", math.prod(by.data.source.shape))  # a flow's code is as wide as the picture
    with readings.noting("path-length"):
        z = torch.randn(2, PATHS, dim, generator=by.rng("paths"), device=by.test.device)
        readings.notes["path-length"] = "along arcs between codes drawn from the prior"
        readings.values["path-length"] = path_length_ratio(model.decode, by.extract, arc(*z))
