"""What the three studies are about: a test digit and a VAE of two latent dimensions."""

from typing import Literal, cast

from torch import Tensor
from torch.distributions import Normal

from genmodels import device
from genmodels.config import UserError
from genmodels.datasets.base import Dataset
from genmodels.models.vae import VAE, VAEConfig
from genmodels.runs import RunSpec
from genmodels.studies.base import Study
from genmodels.studies.likelihood.marginal import LogDensity

DATASET, PICTURES = "digits", 8  # the first of the test set
DEFAULT_PICTURE = 3
OTHER_PICTURES = tuple(i for i in range(PICTURES) if i != DEFAULT_PICTURE)
Dim = Literal["2", "4", "8", "16", "32", "64"]


def vae_spec(seed: int = 0) -> RunSpec:
    """Return the VAE of two latent dimensions, in a net so small that a grid of codes gives every integral to 1e-3 nats."""
    return RunSpec.make(DATASET, "vae", {"latent_dim": 2, "hidden_dim": 128, "depth": 2, "noise": 0.0}, seed)


def picture(data: Dataset, index: int) -> Tensor:
    """Return test picture number `index`, (D,), float64."""
    return data.test[index].flatten().double()


def check_runs(study: Study, with_vae: bool) -> None:
    """Refuse runs other than one such VAE, or any where the study needs none."""
    fits = all(run.model == "vae" and run.dataset == DATASET and getattr(run.settings, "latent_dim", 0) == 2 for run in study.runs)
    if len(study.runs) != with_vae or not fits:
        raise UserError(f"{study.name} needs {'one VAE of 2 latent dimensions on ' + DATASET if with_vae else 'no run'}: give that")


def log_given_of(model: VAE, x: Tensor) -> LogDensity:
    """Return z (N, 2) -> log p(x | z), (N,), for one x (D,)."""

    def log_given(z: Tensor) -> Tensor:
        mean, deviation = model.observation(z)
        return Normal(mean, deviation, validate_args=False).log_prob(x).sum(1)

    return log_given


def encoder_of(model: VAE, x: Tensor) -> Normal:
    """Return Q(z|X) of one x (D,), float64."""
    mu, log_var = model.double().posterior(x[None])
    return Normal(mu[0], (log_var[0] / 2).exp())


def untrained(spec: RunSpec, data: Dataset) -> VAE:
    """Return the VAE of a run as initialised, before its first update."""
    model = VAE(cast(VAEConfig, spec.settings), spec.source.shape).to(data.device)
    next(model.fit(data, device.generator(data.device, spec.seed, "fit")))
    return model.eval().requires_grad_(False)
