"""What both studies write: planes of codes, and Fréchet ratios of samples by each sampler."""

from dataclasses import dataclass

from torch import Tensor

from genmodels.studies.finding import Finding


@dataclass(frozen=True)
class Ratio:
    """Fréchet ratios of several sets of samples."""

    mean: float
    least: float
    most: float


@dataclass(frozen=True)
class CodeSamples:
    """New codes of one sampler, and their decodes."""

    codes: Tensor  # (N_SAMPLES, 2)
    pictures: Tensor  # (N_SAMPLES, C, H, W) uint8


@dataclass(frozen=True)
class ModelPlane:
    """The plane of a model's codes: a square with a grid of decodes, `across` each way."""

    centre: list[float]  # (2,)
    half: float  # its half side
    across: int
    error: float  # E ||x - x_hat||^2 of test pictures
    kl: float | None  # mean D[Q(z|X) || N(0, I)] of test pictures, nats; None for an autoencoder
    sigma: float | None  # the decoder's noise; None for an autoencoder
    codes: Tensor  # (N_CODES, 2) of test pictures
    deviations: Tensor  # (N_ELLIPSES, 2) of Q(z|X); 0 for an autoencoder
    labels: Tensor | None  # (N_CODES,)
    sheet: Tensor  # (across^2, C, H, W) uint8, row by row from the top
    samples: list[CodeSamples]  # by each of SAMPLERS
    ratios: list[Ratio]  # by each of SAMPLERS


@dataclass(frozen=True, eq=False)
class PlaneFinding(Finding):
    """Both planes."""

    beta: float
    sigma: float  # of the decoder of a VAE of beta = 1
    unit_difference: float  # between the VAEs trained in both units: of reconstructions, root mean square, of a grey scale of 1
    features: str  # what the Fréchet ratios are measured by
    autoencoder: ModelPlane
    vae: ModelPlane
    noisy: Ratio  # of VAE samples of N(0, I) with the decoder's noise


@dataclass(frozen=True, eq=False)
class SamplersFinding(Finding):
    """Fréchet ratios with codes of any length, by each of SAMPLERS."""

    latent_dim: int
    autoencoder: list[Ratio]
    vae: list[Ratio]
