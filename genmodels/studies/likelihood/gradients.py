"""The ELBO's gradient in mu from one code each: reparameterised, and by the score function, beside the exact gradient."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Normal

from genmodels.config import Config, knob
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding
from genmodels.studies.likelihood import subject
from genmodels.studies.likelihood.linear_gaussian import LinearGaussian
from genmodels.studies.likelihood.subject import Dim

DRAWS, RECORDED = 20_000, 4000  # one-sample gradients; the first of them, recorded for a histogram


@dataclass(frozen=True)
class Sample:
    """One-sample gradients in mu_1 by one method."""

    mean: float
    deviation: float
    first: Tensor  # (RECORDED,)


@dataclass(frozen=True, eq=False)
class GradientsFinding(Finding):
    """The exact gradient in mu_1, and samples by method: `reparameterised`, `score with baseline`, `score`."""

    exact: float
    draws: int
    samples: dict[str, Sample]


class GradientsConfig(Config):
    """Of which model and picture."""

    dim: Dim = knob("8", "Latent dimensions of the probabilistic PCA.", ahead=("2", "4", "16", "32", "64"))
    picture: int = knob(
        subject.DEFAULT_PICTURE, "Which test picture X.", ge=0, le=subject.PICTURES - 1, ahead=subject.OTHER_PICTURES
    )


class Gradients(Study):
    """One-sample gradients of probabilistic PCA's ELBO."""

    name = "elbo-gradient"
    title = "One-sample gradients of the ELBO"
    version = 2
    Settings = GradientsConfig
    seconds = 2.0
    settings: GradientsConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the page's first model."""
        return [([], {})]

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Draw 20,000 gradients by each method, where Q is one deviation from the best in every dimension."""
        data = context.data(subject.DATASET)
        x = subject.picture(data, self.settings.picture)
        linear = LinearGaussian.fit(data.train.flatten(1), int(self.settings.dim))
        best = linear.posterior(x)
        q = Normal(best.mean + best.stddev, best.stddev)
        yield 0.1
        methods = one_sample_gradients(linear, x, q, DRAWS, context.rng(self.settings.picture, "gradients"))
        samples = {name: Sample(float(g[:, 0].mean()), float(g[:, 0].std()), g[:RECORDED, 0]) for name, g in methods.items()}
        GradientsFinding(float(exact_gradient(linear, x, q)[0]), DRAWS, samples).write(context)
        yield 1.0


def one_sample_gradients(linear: LinearGaussian, x: Tensor, q: Normal, n: int, rng: torch.Generator) -> dict[str, Tensor]:
    """Return d ELBO / d mu from one code each, (n, Z): through z = mu + sigma eps, or (log P(X|z) - b) d log Q / d mu.

    The baseline b is E[log P(X|z)], or 0. The gradient -mu of D[Q||P(z)] is in closed form in all three.
    """
    eps = torch.randn(n, linear.dim, generator=rng, device=rng.device, dtype=torch.float64)
    z = q.mean + q.stddev * eps
    log_given = linear.log_given(x, z)[:, None]
    score = eps / q.stddev
    return {
        "reparameterised": linear.slope(x, z) - q.mean,
        "score with baseline": (log_given - linear.reconstruction(x, q)) * score - q.mean,
        "score": log_given * score - q.mean,
    }


def exact_gradient(linear: LinearGaussian, x: Tensor, q: Normal) -> Tensor:
    """Return d ELBO / d mu, (Z,)."""
    return linear.slope(x, q.mean[None])[0] - q.mean
