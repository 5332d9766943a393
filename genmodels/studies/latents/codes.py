"""Codes of examples, family by family: computed by the model or found by a search; and codes from the prior.

The code is a mixture's responsibilities, an autoencoder's code, the mean of a VAE's encoder, the noise that a flow maps to the
example. A GAN has none: a search finds noise that its generator maps near the example.
"""

from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.models.base import Decodes, Encodes, HasPosterior, Inverts, Model, Samples
from genmodels.models.vae import DRAWN_FROM, VAE, VAEConfig
from genmodels.runs import RunSpec
from genmodels.studies.base import StudyContext

SEARCH_STEPS = 50  # updates of the noise in a search
SEARCH_SECONDS = 2e-11  # of one update on one core, for each example and weight of the whole GAN
CHUNK = 500  # examples encoded at once
CACHED = 10  # results of searches in memory: each further map of the same codes would search again
WORDS = {
    "gmm": "responsibilities p(k | x)",
    "mfa": "responsibilities and factors, E[k, z | x]",
    "flow-matching": "the noise that flows to x",
    "autoencoder": "the encoder's code e(x)",
}
_searched: OrderedDict[tuple[str, str], "Coded"] = OrderedDict()  # by run and part of the data


@dataclass(frozen=True)
class Coded:
    """Codes and the examples that they decode to, on the CPU."""

    z: Tensor  # (N, Z)
    x_hat: Tensor  # (N, *shape)


def has_codes(kind: type[Model]) -> bool:
    """Whether a model has a code for an example, or can search for one."""
    return issubclass(kind, Decodes) and issubclass(kind, Encodes | Inverts)


def search_seconds(run: RunSpec, n: int) -> float:
    """Return about how many seconds a search for the codes of n examples takes on one core; 0 where the model encodes."""
    if issubclass(run.kind, Encodes):
        return 0.0
    with torch.device("meta"):  # to count parameters without allocating them
        n_weights = run.kind(run.settings, run.source.shape).parameter_count()
    return SEARCH_SECONDS * SEARCH_STEPS * n * n_weights


def code_words(kind: type[Model]) -> str:
    """Return what a model's code is, in words."""
    if kind.name in WORDS:
        return WORDS[kind.name]
    if issubclass(kind, HasPosterior):
        return "the encoder's mean of q(z | x)"
    return "the encoder's code" if issubclass(kind, Encodes) else f"noise z found by a search of {SEARCH_STEPS} steps"


def prior_words(run: RunSpec) -> str:
    """Return in words what the codes from the prior are, by the run's own sampler, or why there are none."""
    kind, settings = run.kind, run.settings
    if not issubclass(kind, Samples):
        return "no p(z), so no codes to sample from"
    if kind.family == "mixture":
        return "samples x by their own codes"
    z = DRAWN_FROM[settings.sampler] if isinstance(settings, VAEConfig) else DRAWN_FROM["prior"]
    return f"{z}, by what it decodes to"


def codes(context: StudyContext, run: RunSpec, model: Model, part: str, n: int) -> Generator[float, None, Coded]:
    """Yield the progress; return the codes of the first n examples of `part`, test or train."""
    x: Tensor = getattr(context.data(run.dataset), part)[:n]
    if not isinstance(model, Encodes):
        return (yield from _search(model, x, context, run, part))
    assert isinstance(model, Decodes)
    chunks: list[Coded] = []
    for batch in x.split(CHUNK):
        z = model.encode(batch)
        chunks.append(Coded(z.cpu(), model.decode(z).cpu()))
        yield sum(len(chunk.z) for chunk in chunks) / len(x)
    return Coded(torch.cat([chunk.z for chunk in chunks]), torch.cat([chunk.x_hat for chunk in chunks]))


def _search(model: Model, x: Tensor, context: StudyContext, run: RunSpec, part: str) -> Generator[float, None, Coded]:
    """Yield the progress; return the codes of x by a search, or the first of those in memory: each search is of one example."""
    assert isinstance(model, Inverts)
    result = _searched.get((run.key, part))
    if result is None or len(result.z) < len(x):
        inversion = yield from model.inverting(x, context.rng(run.seed, "search for codes"), SEARCH_STEPS)
        result = _searched[run.key, part] = Coded(inversion.z.cpu(), inversion.x_hat.cpu())
        while len(_searched) > CACHED:
            _searched.popitem(last=False)
    return Coded(result.z[: len(x)], result.x_hat[: len(x)])


def prior(model: Model, n: int, width: int, rng: torch.Generator) -> Coded | None:
    """Return n codes (n, width) from the prior and the examples that they decode to; None for a model without samples.

    A VAE draws by its sampler setting; a mixture's are its samples and their codes.
    """
    if isinstance(model, VAE):
        z = model.draw_codes(model.settings.sampler, n, rng)
        return Coded(z.cpu(), model.decode(z).cpu())
    if not isinstance(model, Samples) or not isinstance(model, Decodes):
        return None
    if model.family == "mixture" and isinstance(model, Encodes):
        x = model.sample(n, rng)
        return Coded(model.encode(x).cpu(), x.cpu())
    z = torch.randn(n, width, generator=rng, device=rng.device)
    return Coded(z.cpu(), model.decode(z).cpu())
