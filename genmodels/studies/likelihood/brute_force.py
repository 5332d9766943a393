"""log P(X) estimated by brute force and by importance sampling from Q, beside its exact value."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor
from torch.distributions import Normal

from genmodels.config import Config, knob
from genmodels.models.vae import VAE
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding
from genmodels.studies.likelihood import marginal, subject
from genmodels.studies.likelihood.linear_gaussian import LinearGaussian, divergence, standard_normal
from genmodels.studies.likelihood.marginal import LogDensity

DIMS = (2, 4, 8, 16, 32, 64)
SIZES = sorted({round(10 ** (k / 4)) for k in range(21)})  # numbers of codes, 1 to 100,000
REPEATS = 16

Truth = Literal["probabilistic PCA", "VAE"]
Proposal = Literal["prior", "q"]


@dataclass(frozen=True)
class Estimates:
    """Estimates from codes of one proposal, repeated R times, from the first n codes for each of S sizes n."""

    log_px: Tensor  # (R, S) float64, nats
    effective_size: Tensor  # (R, S) of the sample


@dataclass(frozen=True)
class Exact:
    """What is known exactly of one model; nats."""

    log_px: float
    elbo: float
    sigma: float  # of the decoder's noise
    kl: float  # D[Q || P(z)]


@dataclass(frozen=True)
class ModelEstimates:
    """The estimates of one model beside the exact values."""

    exact: Exact
    prior: Estimates
    q: Estimates

    def by(self, proposal: Proposal) -> Estimates:
        """Return the estimates of one proposal."""
        return self.prior if proposal == "prior" else self.q


@dataclass(frozen=True, eq=False)
class BruteForceFinding(Finding):
    """The estimates, by number of latent dimensions."""

    sizes: list[int]  # (S,) numbers of codes
    models: dict[int, ModelEstimates]


class BruteForceConfig(Config):
    """Whose p(X), of which picture, and how good a Q."""

    model: Truth = knob("probabilistic PCA", "Whose integral is estimated.")
    picture: int = knob(subject.DEFAULT_PICTURE, "Which test picture X.", ge=0, le=subject.PICTURES - 1, ahead=(2, 4))
    width: float = knob(
        1.2,
        "Deviations of Q over those of the best Gaussian: of P(z|X) itself for PCA, of the encoder's answer for the VAE.",
        ge=0.75,
        le=2,
        ahead=(1.0, 1.5),
    )


class BruteForce(Study):
    """log (1/n) sum_i P(X|z_i) with z from P(z), beside the weighted average with z from Q(z|X), for n to 100,000."""

    name = "brute-force"
    title = "log P(X) by brute force and by Q"
    version = 2
    Settings = BruteForceConfig
    seconds = 25.0
    settings: BruteForceConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the page's first picture, under both models."""
        return [([], {}), ([subject.vae_spec()], {"model": "VAE"})]

    def check(self) -> None:
        """Ask for the VAE where it is studied."""
        subject.check_runs(self, with_vae=self.settings.model == "VAE")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Estimate by both proposals, `REPEATS` times for each number of latent dimensions."""
        x = subject.picture(context.data(subject.DATASET), self.settings.picture)
        dims = DIMS if self.settings.model == "probabilistic PCA" else (2,)
        models: dict[int, ModelEstimates] = {}
        for i, dim in enumerate(dims):
            log_given, q, exact = self._model(context, x, dim)
            prior, rng = _single(standard_normal(dim)), context.rng(self.settings.picture, f"brute force {dim}")
            by_prior: list[tuple[Tensor, Tensor]] = []
            by_q: list[tuple[Tensor, Tensor]] = []
            for repeat in range(REPEATS):
                for half, (rows, proposal) in enumerate(((by_prior, prior), (by_q, q)), 1):
                    weights = marginal.log_weights(log_given, prior, proposal, SIZES[-1], rng)
                    rows.append(marginal.running(weights, SIZES))
                    yield (sum(dims[:i]) + dim * (repeat + half / 2) / REPEATS) / sum(dims)
            models[dim] = ModelEstimates(exact, _stack(by_prior), _stack(by_q))
        BruteForceFinding(SIZES, models).write(context)

    def _model(self, context: StudyContext, x: Tensor, dim: int) -> tuple[LogDensity, Normal, Exact]:
        """Return log p(x | z) in single precision, Q, and the exact values."""
        if self.settings.model == "VAE":
            model = context.model(self.runs[0])
            assert isinstance(model, VAE)
            return self._vae(model, x)
        linear = LinearGaussian.fit(context.data(subject.DATASET).train.flatten(1), dim)
        p = linear.posterior(x)
        q = Normal(p.mean, p.stddev * self.settings.width)
        exact = Exact(linear.log_prob(x), linear.elbo(x, q), linear.sigma, float(divergence(q, standard_normal(dim))))
        single = replace(linear, loadings=linear.loadings.float(), mean=linear.mean.float())
        return lambda z: single.log_given(x.float(), z), _single(q), exact

    def _vae(self, model: VAE, x: Tensor) -> tuple[LogDensity, Normal, Exact]:
        q = subject.encoder_of(model, x)
        q = Normal(q.mean, q.stddev * self.settings.width)
        kl = float(divergence(q, standard_normal(2)))
        log_px = marginal.log_marginal_on_grid(subject.log_given_of(model.double(), x))
        elbo = marginal.expectation(q, subject.log_given_of(model, x)) - kl
        sigma = float(model.observation(torch.zeros(1, 2, dtype=torch.float64))[1][0, 0])
        return subject.log_given_of(model.float(), x.float()), _single(q), Exact(log_px, elbo, sigma, kl)


def _stack(rows: list[tuple[Tensor, Tensor]]) -> Estimates:
    log_px, sizes = zip(*rows, strict=True)
    return Estimates(torch.stack(log_px), torch.stack(sizes))


def _single(q: Normal) -> Normal:
    return Normal(q.mean.float(), q.stddev.float())
