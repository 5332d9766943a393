"""Variational autoencoder: z ~ N(0, I), x | z ~ N(mu(z), sigma^2) or Bernoulli(mu(z)) (Kingma and Welling 2014).

Everything is in nats and data units, per example: elbo = reconstruction - kl, with reconstruction = E_q[log p(x | z)] and
kl = D[q(z | x) || N(0, I)]. beta weighs the kl in what is minimised (Higgins 2017), never in the elbo that is reported;
with k > 1 codes an example the importance-weighted bound is what is maximised (Burda 2016), and the elbo is still reported.
"""

import math
from collections.abc import Generator, Iterator
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genmodels import device
from genmodels.config import Budget, Config, UserError, knob
from genmodels.datasets.base import Dataset, Source
from genmodels.models.base import Curve, Model, Step
from genmodels.models.parts import fits, nets
from genmodels.models.parts.codes import BANK_SIZE, CODED, MIXTURE_SIZE, CodeBank, CodeMixture
from genmodels.models.parts.inversion import Inversion, inversion, search
from genmodels.models.parts.presets import code_net
from genmodels.models.parts.work import Fit, Sizes

Sampler = Literal["prior", "gmm on codes", "encoded data"]

DRAWN_FROM: dict[Sampler, str] = {  # where codes come from, as shown beside samples
    "prior": "z ~ N(0, I)",
    "gmm on codes": f"z from {MIXTURE_SIZE} Gaussians fitted to training codes",
    "encoded data": "z ~ q(z|x) of training examples",
}
LOG_TWO_PI = math.log(2 * math.pi)
NEGLIGIBLE = 0.1  # codes of less than this fraction of an equal weight pass no gradient: together they weigh less than that
NUMBERS_AT_ONCE = 4_000_000  # decoder outputs in memory at once while a bound is estimated: they fit in the processor's cache


class VAEConfig(Config):
    """Settings of the variational autoencoder."""

    latent_dim: int = knob(8, "Numbers in the code z.", ge=1, le=64, log=True, label="latent dimensions", front=True)
    likelihood: Literal["gaussian", "gaussian per pixel", "bernoulli"] = knob(
        "gaussian",
        "What a pixel is, given z. gaussian: one learned sigma for all; gaussian per pixel: a sigma of its own that depends on z, "
        "kept between a twentieth and twice the data's spread; bernoulli: a coin, of which a grey value is the bias: pictures are "
        "tossed to black and white anew in every update, and once, by fixed chance, for a score.",
    )
    beta: float = knob(
        1.0,
        "Weight of the KL in the loss; 1 is the bound itself, 0 an autoencoder with noise.",
        ge=0,
        le=20,
        log=True,
        label="β",
        front=True,
    )
    warmup: float = knob(
        0.0,
        "Share of the updates over which β rises from 0, so that codes are in use before they are pulled.",
        ge=0,
        le=1,
        label="warm-up",
    )
    k: int = knob(
        1,
        "Codes drawn per example: 1 maximises the ELBO, more the tighter importance-weighted bound.",
        ge=1,
        le=64,
        log=True,
        label="codes per example k",
    )
    k_after: float = knob(
        0.0,
        "Share of the updates with one code an example before there are k: they cost k times as much.",
        ge=0,
        le=0.95,
        label="k after",
    )
    sampler: Sampler = knob(
        "prior",
        "Where codes to decode come from: N(0, I), as the ELBO has it; a Gaussian mixture fitted to training codes; "
        "or the codes of training examples themselves, which shows what the decoder can do at best.",
    )
    noise: float = knob(
        0.0,
        "Deviation of the noise added to every training example, so that few of them are not learned by heart. "
        "A Bernoulli decoder has its tosses instead.",
        ge=0,
        le=0.5,
    )
    body: nets.Body = nets.body_knob()
    activation: nets.Activation = nets.activation_knob()
    hidden_dim: int = nets.hidden_dim_knob(128)
    depth: int = knob(2, "Hidden layers in encoder and decoder each; 0 makes both linear, which is probabilistic PCA.", ge=0, le=5)
    learning_rate: float = knob(1e-3, "Adam's step size at the start; it falls to zero along a cosine.", ge=1e-5, le=1e-1, log=True)
    batch_size: int = knob(128, "Examples per update.", ge=1, le=2048, log=True)
    steps: int = knob(2500, "Updates.", ge=1, le=200_000, log=True)


class VAE(Model):
    """An encoder q(z | x) = N(mu, diag exp log_var) and a decoder p(x | z), trained on the evidence lower bound."""

    name = "vae"
    title = "VAE"
    family = "vae"
    about = "An autoencoder whose codes are pulled towards N(0, I), so that a code drawn from there can be decoded."
    version = 2
    Settings = VAEConfig
    curves = (
        Curve("elbo", "ELBO", "nats per example"),
        Curve("reconstruction", "E log p(x|z)", "nats per example", dashed=True),
        Curve("kl", "KL", "nats per example", dashed=True),
    )
    sample_note = "decoder means of z ~ N(0, I)"
    reconstruct_note = "decoder mean of the posterior mean"
    settings: VAEConfig

    def __init__(self, settings: VAEConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        z, body, hidden, depth = settings.latent_dim, settings.body, settings.hidden_dim, settings.depth
        activation = nets.ACTIVATIONS[settings.activation]
        per_pixel = settings.likelihood == "gaussian per pixel"
        self.units = nets.Standardise(math.prod(shape))
        self.encoder = nets.encoder(body, shape, hidden, depth, 2 * z, activation)
        outputs = (2 * shape[0], *shape[1:]) if per_pixel else shape
        self.decoder = nets.decoder(body, z, hidden, depth, outputs, activation)
        self.mixture, self.bank = CodeMixture(MIXTURE_SIZE, z), CodeBank(BANK_SIZE, z)
        is_image = len(shape) == 3
        # Deviations are of the standardised data. Tried: started narrow, digits overfit at once (test ELBO -62 for 28); started
        # wide, toys lose their code. A sigma per pixel is bounded on both sides: some pixels never change, and some steps are wild.
        self.sigma_bounds = (0.05 if is_image else 0.01, 2.0)
        if settings.likelihood == "gaussian":
            self.log_sigma = nn.Parameter(torch.tensor(0.0 if is_image else -2.0))

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return a two-dimensional code for points in the plane; for pictures the net of the autoencoder."""
        if not source.is_image:
            steps = {"quick": 5000, "standard": 20_000, "thorough": 80_000}[budget]
            return {"latent_dim": 2, "steps": steps, "batch_size": 256, "learning_rate": 2e-3}
        return code_net(source, budget)

    @classmethod
    def check(cls, settings: VAEConfig, source: Source) -> None:
        """Refuse a Bernoulli decoder where values are not within 0 and 1."""
        nets.check_body(f"vae on {source.name}", settings.body, settings.depth, source.shape)
        if settings.likelihood == "bernoulli" and not source.is_image:
            raise UserError(
                f"vae on {source.name}: likelihood=bernoulli needs values from 0 to 1, points have others: give gaussian"
            )

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Maximise reconstruction - beta kl, or the bound of k codes, by Adam."""
        steps = self.settings.steps
        x_train = data.train.flatten(1)  # (N, D)
        self._start(x_train, rng)
        seed = int(torch.randint(2**31 - 1, (1,), generator=rng, device=rng.device))  # the sampler does not affect the learning
        optimiser, schedule = nets.adam_with_cosine(self.parameters(), self.settings.learning_rate, steps)
        yield Step(0, {})
        for index, x in zip(range(1, steps + 1), nets.batches(x_train, self.settings.batch_size, rng)):
            optimiser.zero_grad()
            beta = self.settings.beta * min(1.0, index / max(1.0, self.settings.warmup * steps))
            k = self.settings.k if index > self.settings.k_after * steps else 1
            loss, terms = self._loss(self._augmented(x, rng), beta, k, rng)
            loss.backward()
            optimiser.step()
            schedule.step()
            doubled = index & (index - 1) == 0
            if index == steps or (doubled and self.settings.sampler != "prior"):  # so that snapshots show its samples
                self._learn_codes(x_train, device.generator(x.device, seed, "codes"))
            yield Step(index, {name: value.detach() for name, value in terms.items()})

    def work(self, n: Sizes) -> Fit:
        """Return how much a fit is."""
        return fits.vae(self, n)

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return elbo, reconstruction and kl of the test set, nats per example."""
        return self.bound_terms(self.observe(data.test.flatten(1), rng), rng)

    def observe(self, x: Tensor, rng: torch.Generator) -> Tensor:
        """Return the observation of which the likelihood is: x, or for a Bernoulli decoder x binarised at random (0 and 1 stay)."""
        return torch.bernoulli(x, generator=rng) if self.settings.likelihood == "bernoulli" else x

    def bound_terms(self, x: Tensor, rng: torch.Generator) -> dict[str, Tensor]:
        """Return elbo, reconstruction and kl averaged over x (B, D), nats, for training and test alike."""
        log_likelihood, _, kl = self._terms(x, 1, rng)
        return _averages(log_likelihood, kl)

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and log_var of q(z | x), (N, Z) each."""
        mu, log_var = self.encoder(self.units(x.flatten(1))).chunk(2, 1)
        return mu, log_var

    def log_prob_bound(self, x: Tensor, k: int, rng: torch.Generator) -> Tensor:
        """Return log (1/k) sum_i p(x, z_i) / q(z_i | x), (N,), nats: a lower bound of log p(x) in expectation (Burda 2016).

        For a Bernoulli decoder x is binarised at random first; binary pictures stay as they are.
        """
        x = self.observe(x.flatten(1), rng)
        at_once = max(1, NUMBERS_AT_ONCE // (k * max(x.shape[1], self.settings.hidden_dim)))
        bounds = []
        for part in x.split(at_once):
            log_likelihood, log_ratio, _ = self._terms(part, k, rng)
            bounds.append(torch.logsumexp(log_likelihood + log_ratio, 0) - math.log(k))
        return torch.cat(bounds)

    def encode(self, x: Tensor) -> Tensor:
        """Return the posterior mean, (N, Z)."""
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """Return the mean of p(x | z) for codes (N, Z), (N, *shape)."""
        return nets.examples(self.observation(z)[0], self.shape)

    def observation(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and deviation of p(x | z) for codes (N, Z), in data units, (N, D) each."""
        out = self.decoder(z)
        if self.settings.likelihood == "bernoulli":
            mean = torch.sigmoid(out)
            return mean, (mean * (1 - mean)).sqrt()
        mu, log_sigma = self._gaussian(out)
        return self.units.inverse(mu), (log_sigma.exp() * self.units.scale).expand_as(mu)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return the decoder mean of the posterior mean."""
        return self.decode(self.encode(x))

    def inverting(
        self, x: Tensor, rng: torch.Generator, steps: int = 200, prior: float = 0.05
    ) -> Generator[float, None, Inversion]:
        """Yield the progress; return the codes of least squared error plus `prior` times squared length, as for a GAN."""

        def generate(z: Tensor) -> Tensor:
            return self.units(self.observation(z)[0])

        z = yield from search(generate, self.units(x.flatten(1)), self.settings.latent_dim, rng, steps, prior)
        return inversion(self.decode, x, z, steps)

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return n samples from codes of the sampler in the settings."""
        return self.sample_with(self.settings.sampler, n, rng)

    def sample_with(self, sampler: Sampler, n: int, rng: torch.Generator) -> Tensor:
        """Return decoder means of codes from `sampler`, as is usual; for points, where the density matters, x ~ p(x | z)."""
        mean, deviation = self.observation(self.draw_codes(sampler, n, rng))
        if len(self.shape) == 3:
            return nets.examples(mean, self.shape)
        return nets.examples(mean + deviation * torch.randn(mean.shape, generator=rng, device=rng.device), self.shape)

    def draw_codes(self, sampler: Sampler, n: int, rng: torch.Generator) -> Tensor:
        """Return n codes, (n, Z): from the prior, the mixture fitted to training codes, or training examples' posteriors."""
        if sampler == "prior":
            return torch.randn(n, self.settings.latent_dim, generator=rng, device=rng.device)
        return (self.mixture if sampler == "gmm on codes" else self.bank).sample(n, rng)

    def samples_are(self) -> str:
        """Return where the codes come from, and whether samples include the decoder's noise."""
        z = DRAWN_FROM[self.settings.sampler]
        return f"decoder means of {z}" if len(self.shape) == 3 else f"{z} decoded, with the decoder's noise"

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        s = self.settings
        sigma = {"gaussian": "learned σ", "gaussian per pixel": "σ per pixel", "bernoulli": "Bernoulli"}[s.likelihood]
        bound = f", k = {s.k}" if s.k > 1 else ""
        noise = f", noise {s.noise:g}" if s.noise and s.likelihood != "bernoulli" else ""
        return f"{s.latent_dim} latent dimensions, β = {s.beta:g}, {sigma}{bound}{nets.unusual(s.activation)}{noise}"

    @torch.no_grad()
    def _start(self, x: Tensor, rng: torch.Generator) -> None:
        """Initialise the weights and the units of x (N, D); Bernoulli outputs start at the pixels' means, all sigmas are equal."""
        nets.initialise(self, rng)
        self.units.learn(x)
        last = next(part for part in reversed(self.decoder) if isinstance(part, nn.Linear | nn.ConvTranspose2d))
        if self.settings.likelihood == "bernoulli" and isinstance(last, nn.Linear):
            last.bias.copy_(torch.logit(self.units.mean, eps=0.01))
        if self.settings.likelihood == "gaussian per pixel":  # without this the first steps are unstable, and often lose the code
            last.weight.chunk(2, 0 if isinstance(last, nn.Linear) else 1)[1].zero_()

    def _augmented(self, x: Tensor, rng: torch.Generator) -> Tensor:
        """Return a minibatch x (B, D) with noise, or binarised at random."""
        return self.observe(x, rng) if self.settings.likelihood == "bernoulli" else nets.noisy(x, self.settings.noise, rng)

    def _loss(self, x: Tensor, beta: float, k: int, rng: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss of a minibatch x (B, D), or a surrogate with its gradient, and the terms that are reported."""
        if k == 1:
            log_likelihood, _, kl = self._terms(x, 1, rng)
            terms = _averages(log_likelihood, kl)
            return beta * terms["kl"] - terms["reconstruction"], terms
        mu, log_var = self.posterior(x)
        eps = torch.randn(k, *mu.shape, generator=rng, device=mu.device)  # (K, B, Z)
        with torch.no_grad():
            log_likelihood, log_ratio = self._importance(x, mu, log_var, eps)  # (K, B)
            weights = torch.softmax(log_likelihood + beta * log_ratio, 0)
            weights = weights * (weights > NEGLIGIBLE / k)
            i, b = weights.nonzero(as_tuple=True)  # indices of the codes that are not negligible, and of their examples
        # The bound's gradient is that of the log-weights, averaged by the weights.
        log_p, log_prior_ratio = self._importance(x[b], mu[b], log_var[b], eps[i, b][None])
        loss = -(weights[i, b] * (log_p + beta * log_prior_ratio)[0]).sum() / weights.sum()
        return loss, _averages(log_likelihood, kl_to_standard_normal(mu, log_var))

    def _terms(self, x: Tensor, k: int, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return log p(x | z) and log p(z) / q(z | x) of k codes for each x (B, D), (K, B) each, and the kl in closed form (B,)."""
        mu, log_var = self.posterior(x)
        eps = torch.randn(k, *mu.shape, generator=rng, device=mu.device)  # (K, B, Z)
        return *self._importance(x, mu, log_var, eps), kl_to_standard_normal(mu, log_var)

    def _importance(self, x: Tensor, mu: Tensor, log_var: Tensor, eps: Tensor) -> tuple[Tensor, Tensor]:
        """Return log p(x | z) and log p(z) / q(z | x), (K, B) each, of the codes z = mu + sigma eps (K, B, Z)."""
        z = mu + (log_var / 2).exp() * eps
        out = self.decoder(z.flatten(0, 1)).unflatten(0, z.shape[:2])  # (K, B, D)
        return self._log_likelihood(x, out), (eps.square() + log_var - z.square()).sum(-1) / 2

    def _log_likelihood(self, x: Tensor, out: Tensor) -> Tensor:
        """Return log p(x | z), (K, B), nats in data units, for the decoder's output (K, B, D)."""
        if self.settings.likelihood == "bernoulli":
            return torch.einsum("kbd,bd->kb", out, x) - F.softplus(out).sum(-1)  # x log s(out) + (1 - x) log s(-out)
        mu, log_sigma = self._gaussian(out)
        squares = ((self.units(x) - mu) * (-log_sigma).exp()).square().sum(-1)
        log_scale = log_sigma.sum(-1) if log_sigma.ndim else x.shape[1] * log_sigma
        return -(squares / 2 + log_scale + x.shape[1] * (LOG_TWO_PI / 2 + self.units.scale.log()))

    def _gaussian(self, out: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and log_sigma of the standardised data for the decoder's output."""
        if self.settings.likelihood == "gaussian":
            return out, self.log_sigma
        mu, raw = out.chunk(2, -1)
        low, high = map(math.log, self.sigma_bounds)
        return mu, low + (high - low) * torch.sigmoid(raw)

    @torch.no_grad()
    def _learn_codes(self, x: Tensor, rng: torch.Generator) -> None:
        """Store the posteriors of some training examples x (N, D), and fit the mixture to codes drawn from them."""
        order = torch.randperm(len(x), generator=rng, device=x.device)
        indices = order[torch.arange(CODED, device=x.device) % len(x)]  # small datasets are repeated, with new codes
        mu, log_var = self.posterior(x[indices])
        if not bool(torch.isfinite(mu).all() & torch.isfinite(log_var.exp()).all()):
            return  # the fit has diverged, as its losses show
        self.bank.learn(mu[:BANK_SIZE], log_var[:BANK_SIZE])
        self.mixture.learn(mu + (log_var / 2).exp() * torch.randn(mu.shape, generator=rng, device=mu.device), rng)


def kl_to_standard_normal(mu: Tensor, log_var: Tensor) -> Tensor:
    """Return D[N(mu, diag exp log_var) || N(0, I)], (B,), nats."""
    return (mu.square() + log_var.exp() - 1 - log_var).sum(1) / 2


def _averages(log_likelihood: Tensor, kl: Tensor) -> dict[str, Tensor]:
    reconstruction, kl = log_likelihood.mean(), kl.mean()
    return {"elbo": reconstruction - kl, "reconstruction": reconstruction, "kl": kl}
