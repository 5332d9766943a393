"""The ELBO's identity: log P(X) - D[Q||P(z|X)] = E[log P(X|z)] - D[Q||P(z)], each term by a method of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from genmodels.config import Config, knob
from genmodels.models.vae import VAE
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding
from genmodels.studies.likelihood import marginal, subject
from genmodels.studies.likelihood.linear_gaussian import divergence, standard_normal


@dataclass(frozen=True)
class Terms:
    """The identity's four terms, nats."""

    log_px: float
    gap: float  # D[Q || P(z|X)]
    reconstruction: float  # E_Q[log P(X|z)]
    kl: float  # D[Q || P(z)]

    @property
    def elbo(self) -> float:
        """The right side."""
        return self.reconstruction - self.kl

    @property
    def remainder(self) -> float:
        """The left side less the right: the error of the four terms together."""
        return (self.log_px - self.gap) - self.elbo


@dataclass(frozen=True, eq=False)
class IdentityFinding(Finding):
    """The terms for the VAE as initialised and as trained."""

    before: Terms
    after: Terms


class IdentityConfig(Config):
    """Of which picture."""

    picture: int = knob(
        subject.DEFAULT_PICTURE, "Which test picture X.", ge=0, le=subject.PICTURES - 1, ahead=subject.OTHER_PICTURES
    )


class Identity(Study):
    """The four terms before and after training."""

    name = "elbo-identity"
    title = "The four terms of the identity"
    version = 3
    Settings = IdentityConfig
    seconds = 10.0
    settings: IdentityConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the page's first picture."""
        return [([subject.vae_spec()], {})]

    def check(self) -> None:
        """Ask for a VAE of two latent dimensions."""
        subject.check_runs(self, with_vae=True)

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Compute the terms of both states."""
        spec, data = self.runs[0], context.data(subject.DATASET)
        x = subject.picture(data, self.settings.picture)
        before = identity(subject.untrained(spec, data), x)
        yield 0.5
        model = context.model(spec)
        assert isinstance(model, VAE)
        IdentityFinding(before, identity(model, x)).write(context)
        yield 1.0


def identity(model: VAE, x: Tensor) -> Terms:
    """Return the terms for x (D,): two by grids over the plane, one by Gauss-Hermite, one in closed form."""
    model = model.double()
    log_given, q, prior = subject.log_given_of(model, x), subject.encoder_of(model, x), standard_normal(2)
    log_px = marginal.log_marginal_on_grid(log_given)
    return Terms(
        log_px=log_px,
        gap=marginal.divergence_on_grid(q, lambda z: log_given(z) + prior.log_prob(z).sum(1) - log_px),
        reconstruction=marginal.expectation(q, log_given),
        kl=float(divergence(q, prior)),
    )
