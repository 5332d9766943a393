"""What a latent is, family by family: the code that a model has for an example, or has to search for; and codes to sample from.

A mixture has responsibilities, an autoencoder its code, a VAE its encoder's mean, a flow the noise that flows to the example. A GAN
has none: one searches a noise from which its generator comes near the example, and noise knows of no class by construction.
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

SEARCH_STEPS = 50  # updates of the noise that a GAN's search may take
SEARCH_SECONDS = 2e-11  # of one update, for each example and weight of the whole GAN: on one core
CHUNK = 500  # examples encoded at once
KEPT = 10  # searches that a worker remembers: each further map of the same codes would search again
WORDS = {
    "gmm": "responsibilities p(k | x)",
    "mfa": "responsibilities and factors, E[k, z | x]",
    "flow-matching": "the noise that flows to x",
    "autoencoder": "the encoder's code e(x)",
}
_searched: OrderedDict[tuple[str, str], "Coded"] = OrderedDict()


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
    if issubclass(run.kind, Encodes):
        return 0.0
    with torch.device("meta"):  # its weights are to be counted alone
        weights = run.kind(run.settings, run.source.shape).parameter_count()
    return SEARCH_SECONDS * SEARCH_STEPS * n * weights


def code_words(kind: type[Model]) -> str:
    """Return what its code is, as it is written on the axis."""
    if kind.name in WORDS:
        return WORDS[kind.name]
    if issubclass(kind, HasPosterior):
        return "the encoder's mean of q(z | x)"
    return "the encoder's code" if issubclass(kind, Encodes) else f"noise z found by a search of {SEARCH_STEPS} steps"


def prior_words(run: RunSpec) -> str:
    """Return what is laid in as codes to sample from, by the run's own sampler, or why nothing is."""
    kind, settings = run.kind, run.settings
    if not issubclass(kind, Samples):
        return "no p(z), so no codes to sample from"
    if kind.family == "mixture":
        return "samples x by their own codes"
    z = DRAWN_FROM[settings.sampler] if isinstance(settings, VAEConfig) else DRAWN_FROM["prior"]
    return f"{z}, by what it decodes to"


def codes(context: StudyContext, run: RunSpec, model: Model, part: str, n: int) -> Generator[float, None, Coded]:
    """Yield the share done; return the codes of the first n examples of `test` or `train`."""
    x: Tensor = getattr(context.data(run.dataset), part)[:n]
    if not isinstance(model, Encodes):
        return (yield from _search(model, x, context, run, part))
    assert isinstance(model, Decodes)
    found: list[Coded] = []
    for here in x.split(CHUNK):
        z = model.encode(here)
        found.append(Coded(z.cpu(), model.decode(z).cpu()))
        yield sum(len(each.z) for each in found) / len(x)
    return Coded(torch.cat([each.z for each in found]), torch.cat([each.x_hat for each in found]))


def _search(model: Model, x: Tensor, context: StudyContext, run: RunSpec, part: str) -> Generator[float, None, Coded]:
    """Yield the share done; return what a search finds for the examples x, or remembers of them: they are searched one by one."""
    assert isinstance(model, Inverts)
    kept = _searched.get((run.key, part))
    if kept is None or len(kept.z) < len(x):
        found = yield from model.inverting(x, context.rng(run.seed, "search for codes"), SEARCH_STEPS)
        kept = _searched[run.key, part] = Coded(found.z.cpu(), found.x_hat.cpu())
        while len(_searched) > KEPT:
            _searched.popitem(last=False)
    return Coded(kept.z[: len(x)], kept.x_hat[: len(x)])


def prior(model: Model, n: int, width: int, rng: torch.Generator) -> Coded | None:
    """Return n codes (n, width) to sample from and what they decode to, of a VAE by the sampler that is set; of a mixture samples
    and their codes; None if it has none."""
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
