"""Variational autoencoder: z ~ N(0, I), x | z ~ N(mu(z), sigma^2) or Bernoulli(mu(z)) (Kingma and Welling 2014).

Everything is in nats and data units, per example: elbo = reconstruction - kl, with reconstruction = E_q[log p(x | z)] and
kl = D[q(z | x) || N(0, I)]. beta weighs the kl in what is minimised (Higgins 2017), never in the elbo that is reported.
"""

import math
from collections.abc import Iterator
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genmodels.config import Budget, Config, UserError, knob
from genmodels.datasets.base import Dataset, Source
from genmodels.models import nets
from genmodels.models.base import Curve, Model, Step

LOG_TWO_PI = math.log(2 * math.pi)


class VAEConfig(Config):
    """Settings of the variational autoencoder."""

    latent_dim: int = knob(8, "Numbers in the code z.", ge=1, le=64, log=True, label="latent dimensions")
    likelihood: Literal["gaussian", "bernoulli"] = knob(
        "gaussian", "What a pixel is, given z: Gaussian with one learned sigma, or a coin whose bias is the grey value."
    )
    beta: float = knob(
        1.0, "Weight of the KL in the loss; 1 is the bound itself, 0 an autoencoder with noise.", ge=0, le=20, label="β"
    )
    body: Literal["mlp", "conv"] = knob("mlp", "mlp: every pixel with every other; conv: neighbours first, for pictures.")
    hidden_dim: int = knob(
        128,
        "Width of each hidden layer; a convolution's channels are an eighth of it, doubled at each.",
        ge=4,
        le=1024,
        log=True,
        label="hidden width",
    )
    depth: int = knob(2, "Hidden layers in encoder and decoder each; 0 makes both linear, which is probabilistic PCA.", ge=0, le=5)
    learning_rate: float = knob(1e-3, "Adam's step size at the start; it falls to zero along a cosine.", ge=1e-5, le=1e-1, log=True)
    batch_size: int = knob(128, "Examples per update.", ge=1, le=2048, log=True)
    steps: int = knob(2500, "Updates.", ge=1, le=100_000, log=True)


class VAE(Model):
    """An encoder q(z | x) = N(mu, diag exp log_var) and a decoder p(x | z), trained on the evidence lower bound."""

    name = "vae"
    title = "VAE"
    family = "vae"
    about = "An autoencoder whose codes are pulled towards N(0, I), so that a code drawn from there can be decoded."
    Settings = VAEConfig
    curves = (
        Curve("elbo", "ELBO", "nats per example"),
        Curve("reconstruction", "E log p(x|z)", "nats per example", dashed=True),
        Curve("kl", "KL", "nats per example", dashed=True),
    )
    sample_note = "decoder means of z ~ N(0, I)"
    reconstruct_note = "decoder mean of the posterior mean"
    seconds_per_step = 0.002
    settings: VAEConfig

    def __init__(self, settings: VAEConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        z, body, hidden, depth = settings.latent_dim, settings.body, settings.hidden_dim, settings.depth
        self.units = nets.Standardise(math.prod(shape))
        self.encoder = nets.encoder(body, shape, hidden, depth, 2 * z)
        self.decoder = nets.decoder(body, z, hidden, depth, shape)
        if settings.likelihood == "gaussian":
            # Of the standardised data. Tried: from -2 digits overfit at once (test ELBO -62 for 28), from 0 toys lose their code.
            self.log_sigma = nn.Parameter(torch.tensor(0.0 if len(shape) == 3 else -2.0))

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return a two-dimensional code for points in the plane, and a wider net for large pictures."""
        if not source.is_image:
            return {"latent_dim": 2, "steps": 5000, "batch_size": 256, "learning_rate": 2e-3}
        return {"latent_dim": 16, "hidden_dim": 256, "steps": 3000} if source.is_large else {}

    @classmethod
    def check(cls, settings: VAEConfig, source: Source) -> None:
        """Refuse a Bernoulli decoder where values are not within 0 and 1."""
        nets.check_body(f"vae on {source.name}", settings.body, settings.depth, source.shape)
        if settings.likelihood == "bernoulli" and not source.is_image:
            raise UserError(
                f"vae on {source.name}: likelihood=bernoulli needs values from 0 to 1, points have others: give gaussian"
            )

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Maximise reconstruction - beta kl by Adam, with one reparameterised z per example."""
        nets.initialise(self, rng)
        x_train = data.train.flatten(1)  # (N, D)
        self.units.learn(x_train)
        optimiser, schedule = nets.adam_with_cosine(self.parameters(), self.settings.learning_rate, self.settings.steps)
        yield Step(0, {})
        for index, x in zip(range(1, self.settings.steps + 1), nets.batches(x_train, self.settings.batch_size, rng)):
            optimiser.zero_grad()
            terms = self.bound_terms(x, rng)
            (self.settings.beta * terms["kl"] - terms["reconstruction"]).backward()
            optimiser.step()
            schedule.step()
            yield Step(index, {name: value.detach() for name, value in terms.items()})

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return elbo, reconstruction and kl of the test set, nats per example."""
        return self.bound_terms(data.test.flatten(1), rng)

    def bound_terms(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """Return elbo, reconstruction and kl averaged over x (B, D), nats: the one definition, for training and test."""
        mu, log_var = self.posterior(x)
        z = mu + (log_var / 2).exp() * torch.randn(mu.shape, generator=rng, device=mu.device)  # (B, Z)
        reconstruction = self._log_likelihood(x, self.decoder(z)).mean()
        kl = kl_to_standard_normal(mu, log_var).mean()
        return {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and log_var of q(z | x), (N, Z) each."""
        mu, log_var = self.encoder(self.units(x.flatten(1))).chunk(2, 1)
        return mu, log_var

    def log_prob_bound(self, x: Tensor, k: int, rng: torch.Generator) -> Tensor:
        """Return log (1/k) sum_i p(x, z_i) / q(z_i | x), (N,), nats: a lower bound of log p(x) in expectation (Burda 2016)."""
        return torch.cat([self._importance_bound(part.flatten(1), k, rng) for part in x.split(max(1, 100_000 // k))])

    def encode(self, x: Tensor) -> Tensor:
        """Return the posterior mean, (N, Z)."""
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x | z) for codes (N, Z), (N, *shape)."""
        return nets.examples(self._mean(self.decoder(z)), self.shape)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return the decoder mean of the posterior mean."""
        return self.decode(self.encode(x))

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return decoder means of z ~ N(0, I), as is usual for pictures; for points, whose density is the subject, x ~ p(x | z)."""
        z = torch.randn(n, self.settings.latent_dim, generator=rng, device=rng.device)
        x = self.decode(z)
        if len(self.shape) == 3:
            return x
        return x + self.sigma * torch.randn(x.shape, generator=rng, device=rng.device)

    def samples_are(self) -> str:
        """Return whether the decoder's noise is in the samples."""
        return self.sample_note if len(self.shape) == 3 else "z ~ N(0, I) decoded, with the decoder's noise"

    @property
    def sigma(self) -> Tensor:
        """The Gaussian decoder's standard deviation in data units."""
        return self.log_sigma.exp() * self.units.scale

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        noise = "learned σ" if self.settings.likelihood == "gaussian" else "Bernoulli"
        return f"{self.settings.latent_dim} latent dimensions, β = {self.settings.beta:g}, {noise}"

    def _mean(self, out: Tensor) -> Tensor:
        if self.settings.likelihood == "bernoulli":
            return torch.sigmoid(out)
        return self.units.inverse(out)

    def _log_likelihood(self, x: Tensor, out: Tensor) -> Tensor:
        """Return log p(x | z), (B,), nats in data units, for the decoder's output (B, D)."""
        if self.settings.likelihood == "bernoulli":
            return -F.binary_cross_entropy_with_logits(out, x.expand_as(out), reduction="none").sum(-1)
        squares = ((self.units(x) - out) * (-self.log_sigma).exp()).square().sum(-1)
        return -(squares / 2 + x.shape[-1] * (LOG_TWO_PI / 2 + self.log_sigma + self.units.scale.log()))

    def _importance_bound(self, x: Tensor, k: int, rng: torch.Generator) -> Tensor:
        mu, log_var = self.posterior(x)
        eps = torch.randn(k, *mu.shape, generator=rng, device=mu.device)  # (K, B, Z)
        z = mu + (log_var / 2).exp() * eps
        log_prior = -(z.square() + LOG_TWO_PI).sum(-1) / 2  # (K, B)
        log_q = -(eps.square() + LOG_TWO_PI + log_var).sum(-1) / 2
        out = self.decoder(z.flatten(0, 1)).unflatten(0, (k, len(x)))  # (K, B, D)
        return torch.logsumexp(self._log_likelihood(x, out) + log_prior - log_q, 0) - math.log(k)


def kl_to_standard_normal(mu: Tensor, log_var: Tensor) -> Tensor:
    """Return D[N(mu, diag exp log_var) || N(0, I)], (B,), nats."""
    return (mu.square() + log_var.exp() - 1 - log_var).sum(1) / 2
