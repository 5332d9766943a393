"""log P(X) estimated and known: by brute force and by Q against the exact value, the ELBO's identity, one-sample gradients.

What is measured on: one test digit, probabilistic PCA of 2 to 64 latent dimensions (its integral is known), and a VAE of two (its
integral is a sum over a grid of the plane).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, cast

import torch
from torch import Tensor
from torch.distributions import Normal

from genmodels import device
from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.models.vae import VAE, VAEConfig
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.likelihood import marginal
from genmodels.studies.likelihood.linear_gaussian import LinearGaussian, divergence, standard_normal
from genmodels.studies.likelihood.marginal import LogDensity

DIMS = (2, 4, 8, 16, 32, 64)
MARKS = sorted({round(10 ** (k / 4)) for k in range(21)})  # numbers of codes, 1 to 100,000
REPEATS = 16
DRAWS, SHOWN = 20_000, 4000  # one-sample gradients; of which so many are kept to be drawn
DATASET, PICTURES = "digits", 8  # the first of the test set

Truth = Literal["probabilistic PCA", "VAE"]
Dim = Literal["2", "4", "8", "16", "32", "64"]


def vae_spec(seed: int = 0) -> RunSpec:
    """Return the VAE of two latent dimensions, in a net small enough that a grid of codes gives every integral to 1e-3 nats."""
    return RunSpec.make(DATASET, "vae", {"latent_dim": 2, "hidden_dim": 128, "depth": 2, "noise": 0.0}, seed)


class BruteForceConfig(Config):
    """Whose p(X), of which picture, and how good a Q."""

    model: Truth = knob("probabilistic PCA", "Whose integral is estimated.")
    picture: int = knob(3, "Which test picture X.", ge=0, le=PICTURES - 1)
    width: float = knob(
        1.2,
        "Deviations of Q over those of the best Gaussian: of P(z|X) itself for PCA, of the encoder's answer for the VAE.",
        ge=0.75,
        le=2,
    )


class BruteForce(Study):
    """log (1/n) sum_i P(X|z_i), z from P(z), beside the same from Q(z|X) with weights, for n to 100,000, several times over."""

    name = "brute-force"
    title = "log P(X) by brute force and by Q"
    Settings = BruteForceConfig
    seconds = 25.0
    settings: BruteForceConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the page's first picture, in both models."""
        return [([], {}), ([vae_spec()], {"model": "VAE"})]

    def check(self) -> None:
        """Ask for the VAE where it is studied."""
        _check_runs(self, self.settings.model == "VAE")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Estimate both ways, `REPEATS` times for each number of latent dimensions."""
        x = _picture(context.data(DATASET), self.settings.picture)
        dims = DIMS if self.settings.model == "probabilistic PCA" else (2,)
        facts: dict[str, dict[str, float]] = {}
        found: dict[str, Tensor] = {}
        for i, dim in enumerate(dims):
            log_given, q, facts[str(dim)] = self._model(context, x, dim)
            rng = context.rng(self.settings.picture, f"brute force {dim}")
            rows: dict[str, list[Tensor]] = {}
            for repeat in range(REPEATS):
                for name, proposal in (("prior", prior := _single(standard_normal(dim))), ("q", q)):
                    weights = marginal.log_weights(log_given, prior, proposal, MARKS[-1], rng)
                    estimate, size = marginal.running(weights, MARKS)
                    rows.setdefault(f"{dim}.{name}.estimate", []).append(estimate)
                    rows.setdefault(f"{dim}.{name}.size", []).append(size)
                    done = sum(dims[:i]) + dim * (repeat + (name == "q") / 2 + 0.5) / REPEATS
                    yield done / sum(dims)
            found |= {name: torch.stack(values) for name, values in rows.items()}  # (REPEATS, MARKS)
            context.json("facts.json", {"dims": list(dims), "marks": MARKS, "models": facts})
        context.tensors("estimates.safetensors", found)

    def _model(self, context: StudyContext, x: Tensor, dim: int) -> tuple[LogDensity, Normal, dict[str, float]]:
        """Return log p(x | z) in single precision, Q, and what is known exactly."""
        if self.settings.model == "VAE":
            model = context.model(self.runs[0])
            assert isinstance(model, VAE)
            q = encoder_of(model, x)
            q = Normal(q.mean, q.stddev * self.settings.width)
            log_px = marginal.log_marginal_on_grid(log_given_of(model.double(), x))
            exact = {"exact": log_px, "elbo": _elbo_on_grid(model, x, q), "sigma": _sigma(model)}
            facts = exact | {"kl": float(divergence(q, standard_normal(dim)))}
            return log_given_of(model.float(), x.float()), _single(q), facts
        linear = LinearGaussian.fit(context.data(DATASET).train.flatten(1), dim)
        p = linear.posterior(x)
        q = Normal(p.mean, p.stddev * self.settings.width)
        facts = {"exact": linear.log_prob(x), "elbo": linear.elbo(x, q), "sigma": linear.sigma}
        facts["kl"] = float(divergence(q, standard_normal(dim)))
        single = replace(linear, loadings=linear.loadings.float(), mean=linear.mean.float())
        return lambda z: single.log_given(x.float(), z), _single(q), facts


class IdentityConfig(Config):
    """Of which picture."""

    picture: int = knob(3, "Which test picture X.", ge=0, le=PICTURES - 1)


class Identity(Study):
    """log P(X) - D[Q||P(z|X)] = E[log P(X|z)] - D[Q||P(z)], each term by a way of its own, before and after training."""

    name = "elbo-identity"
    title = "The four terms of the identity"
    version = 2
    Settings = IdentityConfig
    seconds = 10.0
    settings: IdentityConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the page's first picture."""
        return [([vae_spec()], {})]

    def check(self) -> None:
        """Ask for a VAE of two latent dimensions."""
        _check_runs(self, True)

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Write the terms for the VAE as it began and as it ended."""
        spec, data = self.runs[0], context.data(DATASET)
        x = _picture(data, self.settings.picture)
        states = {}
        for share, name in ((0.5, "before"), (1.0, "after")):
            model = context.model(spec) if name == "after" else untrained(spec, data)
            assert isinstance(model, VAE)
            states[name] = identity(model, x)
            context.json("terms.json", states)
            yield share


class GradientsConfig(Config):
    """Of which model and picture."""

    dim: Dim = knob("8", "Latent dimensions of the probabilistic PCA.")
    picture: int = knob(3, "Which test picture X.", ge=0, le=PICTURES - 1)


class Gradients(Study):
    """The ELBO's slope in mu from one code each: reparameterised, and by the score function, beside the exact slope."""

    name = "elbo-gradient"
    title = "One-sample gradients of the ELBO"
    Settings = GradientsConfig
    seconds = 2.0
    settings: GradientsConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the page's first model."""
        return [([], {})]

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Draw 20,000 gradients of each kind, where Q is one deviation beside the best in every dimension."""
        data = context.data(DATASET)
        x = _picture(data, self.settings.picture)
        linear = LinearGaussian.fit(data.train.flatten(1), int(self.settings.dim))
        best = linear.posterior(x)
        q = Normal(best.mean + best.stddev, best.stddev)
        yield 0.1
        kinds = one_sample_gradients(linear, x, q, DRAWS, context.rng(self.settings.picture, "gradients"))
        exact = exact_gradient(linear, x, q)
        context.tensors("gradients.safetensors", {name: g[:SHOWN, 0].contiguous() for name, g in kinds.items()})
        context.json(
            "gradients.json",
            {
                "exact": float(exact[0]),
                "draws": DRAWS,
                "mean": {name: float(g[:, 0].mean()) for name, g in kinds.items()},
                "deviation": {name: float(g[:, 0].std()) for name, g in kinds.items()},
            },
        )
        yield 1.0


def one_sample_gradients(linear: LinearGaussian, x: Tensor, q: Normal, n: int, rng: torch.Generator) -> dict[str, Tensor]:
    """Return d ELBO / d mu from one code each, (n, Z): through z = mu + sigma eps, or (log P(X|z) - b) d log Q / d mu.

    The baseline b is E[log P(X|z)], or 0. D[Q||P(z)] has its slope mu in closed form in all three.
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


def identity(model: VAE, x: Tensor) -> dict[str, float]:
    """Return the identity's four terms for x (D,), nats: two by grids over the plane, one by Gauss-Hermite, one in closed form."""
    model = model.double()
    log_given, q, prior = log_given_of(model, x), encoder_of(model, x), standard_normal(2)
    log_px = marginal.log_marginal_on_grid(log_given)
    return {
        "log_px": log_px,
        "gap": marginal.divergence_on_grid(q, lambda z: log_given(z) + prior.log_prob(z).sum(1) - log_px),
        "reconstruction": marginal.expectation(q, log_given),
        "kl": float(divergence(q, prior)),
    }


def log_given_of(model: VAE, x: Tensor) -> LogDensity:
    """Return z (N, 2) -> log p(x | z), (N,), for one x (D,)."""

    def log_given(z: Tensor) -> Tensor:
        mean, deviation = model.given(z)
        return Normal(mean, deviation, validate_args=False).log_prob(x).sum(1)

    return log_given


def encoder_of(model: VAE, x: Tensor) -> Normal:
    """Return Q(z|X) of one x (D,), float64."""
    mu, log_var = model.double().posterior(x[None])
    return Normal(mu[0], (log_var[0] / 2).exp())


def untrained(spec: RunSpec, data: Dataset) -> VAE:
    """Return the VAE of a run as it was before its first update."""
    model = VAE(cast(VAEConfig, spec.settings), spec.source.shape).to(data.device)
    next(model.fit(data, device.generator(data.device, spec.seed, "fit")))
    return model.eval().requires_grad_(False)


def _elbo_on_grid(model: VAE, x: Tensor, q: Normal) -> float:
    return marginal.expectation(q, log_given_of(model, x)) - float(divergence(q, standard_normal(2)))


def _sigma(model: VAE) -> float:
    return float(model.given(torch.zeros(1, 2, dtype=torch.float64))[1][0, 0])


def _single(q: Normal) -> Normal:
    return Normal(q.mean.float(), q.stddev.float())


def _picture(data: Dataset, index: int) -> Tensor:
    """Return test picture number `index`, (D,), float64."""
    return data.test[index].flatten().double()


def _check_runs(study: Study, needed: bool) -> None:
    fits = all(run.model == "vae" and run.dataset == DATASET and getattr(run.settings, "latent_dim", 0) == 2 for run in study.runs)
    if len(study.runs) != needed or not fits:
        raise UserError(f"{study.name} needs {'one VAE of 2 latent dimensions on ' + DATASET if needed else 'no run'}: give that")
