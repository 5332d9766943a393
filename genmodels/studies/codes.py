"""What a latent is, family by family: the code that a model has for an example, or has to search for; and codes to sample from.

A mixture has responsibilities, an autoencoder its code, a VAE its encoder's mean, a flow the noise that flows to the example. A GAN
has none: one searches a noise from which its generator comes near the example, and noise knows of no class by construction.
"""

import math
from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.models.base import Decodes, Encodes, HasPosterior, Inverts, Model, Samples
from genmodels.models.vae import VAE
from genmodels.runs import RunSpec
from genmodels.shares import within
from genmodels.studies.base import Desk

SEARCH_STEPS = 50  # updates of the noise that a GAN's search may take
SEARCH_SECONDS = 8e-8  # of one update, for each example and dimension: a preset GAN's on one core
CHUNK = 500  # examples at once
KEPT = 40  # searched chunks that a worker remembers: each further map of the same codes would search again
WORDS = {
    "gmm": "responsibilities p(k | x)",
    "mfa": "responsibilities and factors, E[k, z | x]",
    "flow-matching": "the noise that flows to x",
    "autoencoder": "the encoder's code e(x)",
}
_searched: OrderedDict[tuple[str, str, int, int], "Coded"] = OrderedDict()


@dataclass(frozen=True)
class Coded:
    """Codes (N, Z) and the examples that they decode to, (N, *shape), on the CPU."""

    z: Tensor
    x_hat: Tensor


def has_codes(kind: type[Model]) -> bool:
    """Whether a model has a code for an example, or can search for one."""
    return issubclass(kind, Decodes) and issubclass(kind, Encodes | Inverts)


def search_seconds(run: RunSpec, n: int) -> float:
    """Return about how long a search for the codes of n examples takes on one core; none where the model encodes."""
    return 0.0 if issubclass(run.kind, Encodes) else SEARCH_SECONDS * SEARCH_STEPS * n * math.prod(run.source.shape)


def code_words(kind: type[Model]) -> str:
    """Return what its code is, as it is written on the axis."""
    if kind.name in WORDS:
        return WORDS[kind.name]
    if issubclass(kind, HasPosterior):
        return "the encoder's mean of q(z | x)"
    return "the encoder's code" if issubclass(kind, Encodes) else f"noise z found by a search of {SEARCH_STEPS} steps"


def prior_words(kind: type[Model]) -> str:
    """Return what is laid in as prior samples, or why nothing is."""
    if not issubclass(kind, Samples):
        return "no p(z), so no prior samples"
    return "samples x by their own codes" if kind.family == "mixture" else "z of the prior, by what it decodes to"


def codes(desk: Desk, run: RunSpec, model: Model, part: str, n: int) -> Generator[float, None, Coded]:
    """Yield the share done; return the codes of the first n examples of `test` or `train`."""
    x: Tensor = getattr(desk.data(run.dataset), part)[:n]
    found: list[Coded] = []
    for begin in range(0, len(x), CHUNK):
        here = x[begin : begin + CHUNK]
        end = begin + len(here)
        if isinstance(model, Encodes):
            assert isinstance(model, Decodes)
            z = model.encode(here)
            found.append(Coded(z.cpu(), model.decode(z).cpu()))
        else:
            assert isinstance(model, Inverts)
            if (key := (run.key, part, begin, end)) not in _searched:
                searched = yield from within(begin / len(x), end / len(x), _search(model, here, desk, run))
                _searched[key] = searched
                while len(_searched) > KEPT:
                    _searched.popitem(last=False)
            found.append(_searched[key])
        yield end / len(x)
    return Coded(torch.cat([each.z for each in found]), torch.cat([each.x_hat for each in found]))


def _search(model: Inverts, x: Tensor, desk: Desk, run: RunSpec) -> Generator[float, None, Coded]:
    """Yield the share done; return what a search finds for a chunk, each by equal chance: as if all were searched at once."""
    found = yield from model.inverting(x, desk.rng(run.seed, "search for codes"), SEARCH_STEPS)
    return Coded(found.z.cpu(), found.x_hat.cpu())


def prior(model: Model, n: int, width: int, rng: torch.Generator) -> Coded | None:
    """Return n codes (n, width) of the prior and what they decode to; of a mixture samples and their codes; None if it has none."""
    if isinstance(model, VAE):  # whose sampler may be another than its prior
        z = model.draw_codes(model.settings.sampler, n, rng)
        return Coded(z.cpu(), model.decode(z).cpu())
    if not isinstance(model, Samples) or not isinstance(model, Decodes):
        return None
    if model.family == "mixture" and isinstance(model, Encodes):
        x = model.sample(n, rng)
        return Coded(model.encode(x).cpu(), x.cpu())
    z = torch.randn(n, width, generator=rng, device=rng.device)
    return Coded(z.cpu(), model.decode(z).cpu())
