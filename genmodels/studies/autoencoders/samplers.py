"""New codes by four samplers, and how good the samples are that they decode to."""

from typing import cast

import torch
from torch import Tensor

from genmodels.datasets.base import Dataset
from genmodels.metrics.frechet import frechet_ratio
from genmodels.metrics.probes.features import Extractor
from genmodels.models.autoencoder import Autoencoder
from genmodels.models.base import Decodes
from genmodels.models.parts import nets
from genmodels.models.parts.codes import CodeMixture
from genmodels.models.vae import VAE
from genmodels.studies.autoencoders.finding import Ratio
from genmodels.studies.base import StudyContext

SAMPLERS = ("N(0, I)", "Gaussian on codes", "GMM on codes", "encoded data")
COMPONENTS = 10  # of the mixture
N_FIT, N_SCORED, DRAWS = 4000, 1000, 4  # codes that a sampler is fitted to; pictures scored, and how many such sets


def encode(model: Autoencoder | VAE, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and deviation of the code of x, (N, Z) each; an autoencoder's deviation is 0."""
    if isinstance(model, Autoencoder):
        z = model.encode(x)
        return z, torch.zeros_like(z)
    mu, log_var = model.posterior(x)
    return mu, (log_var / 2).exp()


def draw(model: Autoencoder | VAE, sampler: str, n: int, data: Dataset, rng: torch.Generator) -> Tensor:
    """Return n codes (n, Z): of N(0, I), of a Gaussian or a mixture fitted to codes of training pictures, or such codes."""
    dim = model.settings.latent_dim
    if sampler == "N(0, I)":
        return torch.randn(n, dim, generator=rng, device=rng.device)
    subset = torch.randperm(len(data.train), generator=rng, device=rng.device)[:N_FIT]
    mu, deviation = encode(model, data.train[subset])
    z = mu + deviation * torch.randn(mu.shape, generator=rng, device=rng.device)  # (N, Z)
    if sampler == "encoded data":
        return z[torch.randint(len(z), (n,), generator=rng, device=rng.device)]
    mixture = CodeMixture(1 if sampler == "Gaussian on codes" else COMPONENTS, dim).to(z.device)
    mixture.learn(z, rng)
    return mixture.sample(n, rng)


def score(
    model: Autoencoder | VAE, sampler: str, data: Dataset, extract: Extractor, context: StudyContext, noisy: bool = False
) -> Ratio:
    """Return the Fréchet ratios of DRAWS sets of samples, each as many as there are test pictures but N_SCORED at most."""
    n = min(N_SCORED, len(data.test))
    real, train = extract(data.test[:n]), extract(data.train[: 5 * n])
    ratios = []
    for i in range(DRAWS):
        rng = context.rng(i, f"score {sampler}")
        z = draw(model, sampler, n, data, rng)
        x = cast(Decodes, model).decode(z)
        if noisy:
            mean, deviation = cast(VAE, model).observation(z)
            x = nets.examples(mean + deviation * torch.randn(mean.shape, generator=rng, device=rng.device), data.source.shape)
        ratios.append(frechet_ratio(extract(x), real, train))
    return Ratio(sum(ratios) / DRAWS, min(ratios), max(ratios))
