"""What is measured of a model beyond its samples: likelihood, reconstruction, codes. A model that cannot has a note instead."""

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
from genmodels.studies.scores.measures import Values, Yardstick, noted

LIKELIHOODS, AT_ONCE = 500, 100  # test examples, the same for all, whose likelihood is told; how many between two signs of life
REBUILT = 200  # test examples that are rebuilt: a search for their noise takes its time
PATHS = 64  # pairs of codes whose path is measured
UNKNOWN = "its likelihood is unknown to it"


def likelihoods(model: Model, by: Yardstick, codes: int, values: Values, notes: dict[str, str]) -> Iterator[None]:
    """Measure the log density of the same test examples for all, in nats and in bits per dimension."""
    source, names = by.data.source, ("log-likelihood", "bits-per-dim")
    if not isinstance(model, ExactLogProb | BoundsLogProb):
        notes |= dict.fromkeys(names, UNKNOWN)
        return
    if getattr(model.settings, "likelihood", "") == "bernoulli":
        notes |= dict.fromkeys(names, "a probability of black and white pixels, not comparable with a density")
        return
    for name in names if source.is_image else names[:1]:
        x = by.test[:LIKELIHOODS]
        x = x if name == "log-likelihood" else likelihood.dequantise(x, by.rng("dequantise"))
        found: list[Tensor] = []
        for part in _log_density(model, x, codes, by.rng("bound")):
            found.append(part)
            yield
        nats = float(torch.cat(found).double().mean())
        values[name] = nats if name == "log-likelihood" else likelihood.bits_per_dim(nats, math.prod(source.shape))
        if not isinstance(model, ExactLogProb):
            notes[name] = f"a bound, by {codes} codes each of {len(x)} examples"


def _log_density(model: Model, x: Tensor, codes: int, rng: torch.Generator) -> Iterator[Tensor]:
    if isinstance(model, ExactLogProb):
        yield model.log_prob(x)
    elif isinstance(model, BoundsLogProb):
        for part in x.split(AT_ONCE):
            yield model.log_prob_bound(part, codes, rng)


def divergence(model: Model, x: Tensor, by: Yardstick, values: Values, notes: dict[str, str]) -> None:
    """Measure how far the model's own density lies from the known one, from samples x and test examples."""
    known = by.data.source.log_density
    if known is None:
        return
    if isinstance(model, ExactLogProb):
        with noted("js-density-exact", notes):
            values["js-density-exact"] = js_divergence(known, model.log_prob, by.test.double(), x.double()).nats
    else:
        notes["js-density-exact"] = UNKNOWN


def reconstruction(model: Model, by: Yardstick, values: Values, notes: dict[str, str]) -> Generator[float, None, None]:
    """Measure the error of test examples rebuilt by code or by search, yielding the share done."""
    x = by.test[:REBUILT]
    found = yield from rebuild(model, x, by.rng("rebuild"))
    if found is None:
        notes["reconstruction"] = type(model).reconstruct_note
        return
    values["reconstruction"] = float((found.x_hat - x).double().square().mean().sqrt())
    notes["reconstruction"] = found.how


def codes(model: Model, by: Yardstick, values: Values, notes: dict[str, str]) -> Iterator[None]:
    """Measure what is in the model's codes of examples."""
    labels, train = by.test_labels, by.data
    if isinstance(model, HasPosterior):
        mu = model.posterior(by.test)[0]
        values["active"] = active_units(mu)
        notes["active"] = f"of {mu.shape[1]}"
    else:
        notes["active"] = "its code has no Gaussian posterior"
    if not isinstance(model, Encodes):
        notes["knn"] = "has no code of an example"
    elif labels is not None and train.train_labels is not None:
        with noted("knn", notes):
            values["knn"] = knn_accuracy(model.encode(by.test), labels, model.encode(train.train), train.train_labels)
    yield


def path_length(model: Model, by: Yardstick, values: Values, notes: dict[str, str]) -> None:
    """Measure how smoothly pictures change along arcs between codes drawn from the prior N(0, I), for every model that has one."""
    if not by.data.source.is_image:
        return
    if not isinstance(model, Decodes) or not isinstance(model, Samples):
        notes["path-length"] = "has no prior to draw codes from"
        return
    if model.family == "mixture":
        notes["path-length"] = "its decoder is linear in the code: 1 by construction"
        return
    dim = getattr(model.settings, "latent_dim", math.prod(by.data.source.shape))  # a flow's code is as wide as the picture
    with noted("path-length", notes):
        z = torch.randn(2, PATHS, dim, generator=by.rng("paths"), device=by.test.device)
        notes["path-length"] = "along arcs between codes drawn from the prior"
        values["path-length"] = path_length_ratio(model.decode, by.extract, arc(*z))
