"""VAE-GAN: a variational autoencoder whose decoder is also the generator of a GAN (Larsen 2016).

The decoder turns z ~ q(z | x) into x_hat and z ~ N(0, I) into x_p. A discriminator tells both from x, and the features f of its
last hidden layer measure the reconstruction. In standardised units, with D numbers to an example, e(u, v) the mean square of
u - v, features in units of their own spread, and a = `adversarial`:

    error = (1 - a) D (e(x, x_hat) / 2 s^2 + log s) + a D (e(f(x), f(x_hat)) / 2 s_f^2 + log s_f)     nats but for a constant
    encoder          minimises  beta KL + error
    decoder, s, s_f  minimise   error + 10 a D G, where G is the relativistic loss of x_hat and x_p, their mean
    discriminator    minimises  that loss with each pair swapped, and gamma / 2 times R1 on x and R2 on x_hat and x_p

At a = 0 this is a VAE with a learned sigma, and a discriminator that only watches; at a = 1 pixels count only as the discriminator
sees them. What is minimised bounds no likelihood unless a = 0, so none is reported.
"""

import math
from collections.abc import Generator, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from genmodels.config import Budget, Config, UserError, knob
from genmodels.datasets.base import Dataset, Source
from genmodels.models.base import Curve, Model, Step
from genmodels.models.parts import fits, nets
from genmodels.models.parts.inversion import Inversion, inversion, search
from genmodels.models.parts.losses import discriminator_loss, generator_loss, slopes
from genmodels.models.parts.optimisers import Optimiser
from genmodels.models.parts.work import Fit, Sizes
from genmodels.models.vae import kl_to_standard_normal

GAME = 10.0  # weight of the adversarial loss per dimension. On digits 1 leaves samples blurred, 5 to 15 differ little


class VAEGANConfig(Config):
    """Settings of the VAE-GAN."""

    latent_dim: int = knob(8, "Numbers in the code z.", ge=1, le=128, log=True, label="latent dimensions")
    adversarial: float = knob(
        0.5,
        "From VAE to GAN: 0 rebuilds pixels and plays no game, 1 rebuilds only what the discriminator sees.",
        ge=0,
        le=1,
        front=True,
    )
    beta: float = knob(1.0, "Weight of the KL in the encoder's loss.", ge=0, le=20, log=True, label="β", front=True)
    gamma: float = knob(
        10.0,
        "Weight of the gradient penalties R1 (on real) and R2 (on fake); it falls to a hundredth.",
        ge=0,
        le=200,
        log=True,
        label="γ",
    )
    learning_rate: float = knob(
        1e-3, "Adam's step size for encoder and decoder; it falls along a cosine.", ge=1e-5, le=1e-1, log=True
    )
    discriminator_learning_rate: float = knob(2e-3, "The same for the discriminator.", ge=1e-5, le=1e-1, log=True)
    ema: int = knob(
        100,
        "Half-life, in updates, of the average of encoder and decoder that is used; 0 is none.",
        ge=0,
        le=2000,
        label="EMA half-life",
    )
    octaves: int = nets.octaves_knob()
    body: nets.Body = nets.body_knob()
    hidden_dim: int = nets.hidden_dim_knob(128)
    depth: int = knob(2, "Hidden layers in each network.", ge=1, le=5)
    batch_size: int = knob(
        64, "Real examples, and as many reconstructions and as many samples, per update.", ge=2, le=2048, log=True
    )
    steps: int = knob(1500, "Updates of each network.", ge=1, le=100_000, log=True)


class VAEGAN(Model):
    """An encoder, a decoder that is a generator too, and a discriminator in whose features reconstructions are measured."""

    name = "vae-gan"
    title = "VAE-GAN"
    family = "hybrid"
    about = "A VAE that rebuilds what a discriminator sees, not only pixels, and whose decoder must fool it besides."
    Settings = VAEGANConfig
    curves = (
        Curve("discriminator_loss", "D loss", "nats"),
        Curve("generator_loss", "G loss", "nats", dashed=True),
        Curve("pixel_error", "pixels", "share of variance lost"),
        Curve("feature_error", "D's features", "share of variance lost", dashed=True),
        Curve("kl", "KL", "nats per example"),
    )
    sample_note = "decoder of z ~ N(0, I)"
    reconstruct_note = "decoder of the posterior mean"
    settings: VAEGANConfig
    start: Tensor  # (D,) logits of the mean picture, the decoder's output before training

    def __init__(self, settings: VAEGANConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        input_shape = shape if settings.body == "conv" else (math.prod(shape) * (1 + 2 * settings.octaves),)
        self.units = nets.Standardise(math.prod(shape))
        self.pair = Pair(settings, shape)
        self.average = Pair(settings, shape).requires_grad_(False)  # codes, samples and reconstructions come from here
        self.discriminator = nets.encoder(settings.body, input_shape, settings.hidden_dim, settings.depth, 1)
        if len(shape) == 3:
            self.register_buffer("start", torch.zeros(math.prod(shape)))
        # log s and log s_f are bounded above: else an unstable phase of the game can lose the code for good.
        self.most = 0.0 if len(shape) == 3 else -2.0
        self.log_sigmas = nn.Parameter(torch.full((2,), self.most - 0.05))

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return, for points, a two-dimensional code and a discriminator that sees detail; for large pictures a wider net."""
        if not source.is_image:
            net = {"latent_dim": 2, "depth": 3, "octaves": 3, "gamma": 0.3}
            rates = {"learning_rate": 2e-3, "discriminator_learning_rate": 4e-3}
            return net | rates | {"steps": {"quick": 900, "standard": 5500, "thorough": 25_000}[budget]}
        if not source.is_large:
            return {"steps": {"quick": 1500, "standard": 8000, "thorough": 35_000}[budget]}
        net = {"latent_dim": 16, "hidden_dim": 256, "batch_size": 32, "gamma": 30.0 if source.ink else 10.0}
        return net | {"steps": {"quick": 550, "standard": 3000, "thorough": 15_000}[budget]}

    @classmethod
    def check(cls, settings: VAEGANConfig, source: Source) -> None:
        """Refuse a network body that does not fit the examples, and Fourier features for convolutions."""
        nets.check_body(f"vae-gan on {source.name}", settings.body, settings.depth, source.shape)
        if settings.body == "conv" and settings.octaves:
            raise UserError(f"vae-gan on {source.name}: body=conv takes pictures as they are: set octaves=0, or body=mlp")

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Update the discriminator, then encoder and decoder against it, by Adam without momentum."""
        nets.initialise(self.pair, rng)
        nets.initialise(self.discriminator, rng)
        self.average.load_state_dict(self.pair.state_dict())
        x_train = data.train.flatten(1)  # (N, D)
        self.units.learn(x_train)
        if len(self.shape) == 3:
            self.start.copy_(x_train.mean(0).clamp(0.01, 0.99).logit())
        s, betas = self.settings, (0.0, 0.99)
        both = [*self.pair.parameters(), self.log_sigmas]
        adam, schedule = nets.adam_with_cosine(both, s.learning_rate, s.steps, betas)
        d_adam, d_schedule = nets.adam_with_cosine(self.discriminator.parameters(), s.discriminator_learning_rate, s.steps, betas)
        yield Step(0, {})
        for index, x in zip(range(1, s.steps + 1), nets.batches(x_train, s.batch_size, rng)):
            real = self.units(x)  # (B, D)
            fake, kl = self._play(self.pair, real, rng)
            losses = self._discriminator_step(d_adam, real, fake.detach(), s.gamma * 100 ** (-index / s.steps))
            losses |= self._pair_step(adam, real, fake, kl)
            d_schedule.step()
            schedule.step()
            nets.update_average(self.average, self.pair, nets.average_decay(s.ema, index))
            yield Step(index, losses)

    def work(self, n: Sizes) -> Fit:
        """Return how much a fit is."""
        return fits.vae_gan(self, n)

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return kl and both errors of the test set, by the averaged pair and one z per example."""
        real = self.units(data.test.flatten(1))
        fake, kl = self._play(self.average, real, rng)
        pixels, features = self._errors(real, fake[: len(real)])
        return {"pixel_error": pixels, "feature_error": features, "kl": kl}

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and log_var of q(z | x), (N, Z) each."""
        mu, log_var = self.average.encoder(self.units(x.flatten(1))).chunk(2, 1)
        return mu, log_var

    def encode(self, x: Tensor) -> Tensor:
        """Return the posterior mean, (N, Z)."""
        return self.posterior(x)[0]

    def decode(self, z: Tensor) -> Tensor:
        """Return the averaged decoder's output for codes z (N, Z), (N, *shape)."""
        return nets.examples(self.units.inverse(self._squash(self.average.decoder(z))), self.shape)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return the decoded posterior mean."""
        return self.decode(self.encode(x))

    def inverting(
        self, x: Tensor, rng: torch.Generator, steps: int = 200, prior: float = 0.05
    ) -> Generator[float, None, Inversion]:
        """Yield the progress; return the codes of least squared error plus `prior` times squared length, as for a GAN."""

        def generate(z: Tensor) -> Tensor:
            return self._squash(self.average.decoder(z))

        z = yield from search(generate, self.units(x.flatten(1)), self.settings.latent_dim, rng, steps, prior)
        return inversion(self.decode, x, z, steps)

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return the averaged decoder's output for z ~ N(0, I)."""
        return self.decode(torch.randn(n, self.settings.latent_dim, generator=rng, device=rng.device))

    def judge(self, x: Tensor) -> Tensor:
        """Return the discriminator's logits for x in data units, (N,), larger for real."""
        return self._logits(self._features(self.units(x.flatten(1))))

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        s = self.settings
        return f"{s.latent_dim} latent dimensions, adversarial {s.adversarial:g}, β = {s.beta:g}, R1 + R2 (γ = {s.gamma:g})"

    def _play(self, pair: "Pair", real: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return x_hat above x_p, (2B, D) in standardised units, and the mean KL of the posteriors, nats."""
        mu, log_var = pair.encoder(real).chunk(2, 1)
        noise = torch.randn(2 * len(real), mu.shape[1], generator=rng, device=real.device)
        eps, z_p = noise.chunk(2)  # (B, Z)
        fake = self._squash(pair.decoder(torch.cat([mu + (log_var / 2).exp() * eps, z_p])))
        return fake, kl_to_standard_normal(mu, log_var).mean()

    def _discriminator_step(self, adam: Optimiser, real: Tensor, fake: Tensor, gamma: float) -> dict[str, Tensor]:
        adam.zero_grad()
        every = torch.cat([real, fake]).requires_grad_(gamma > 0)  # (3B, D): one pass for all
        logits = self._logits(self._features(every))
        real_logits, fake_logits = logits[: len(real)], logits[len(real) :]
        loss = discriminator_loss("relativistic", real_logits.repeat(2), fake_logits)
        total = loss
        if gamma:
            steepness = slopes(logits, every).square().sum(1)  # (3B,)
            total = loss + gamma / 2 * (steepness[: len(real)].mean() + steepness[len(real) :].mean())
        total.backward()
        adam.step()
        return {"discriminator_loss": loss.detach()}

    def _pair_step(self, adam: Optimiser, real: Tensor, fake: Tensor, kl: Tensor) -> dict[str, Tensor]:
        """Update encoder and decoder, each with the gradient of its own loss."""
        a, d = self.settings.adversarial, real.shape[1]
        pixels, features = self._errors(real, fake[: len(real)])
        by_pixels, by_features = (
            d * (error / 2 * (-2 * log_sigma).exp() + log_sigma)
            for error, log_sigma in zip((pixels, features), self.log_sigmas, strict=True)
        )
        error = (1 - a) * by_pixels + a * by_features
        game = self._game(real, fake)
        to_encoder, to_decoder = list(self.pair.encoder.parameters()), [*self.pair.decoder.parameters(), self.log_sigmas]
        gradients = torch.autograd.grad(self.settings.beta * kl + error, to_encoder, retain_graph=True)
        gradients += torch.autograd.grad(error + GAME * a * d * game, to_decoder)
        for parameter, gradient in zip([*to_encoder, *to_decoder], gradients, strict=True):
            parameter.grad = gradient
        adam.step()
        with torch.no_grad():
            self.log_sigmas.clamp_(max=self.most)
        losses = {"generator_loss": game, "pixel_error": pixels, "feature_error": features, "kl": kl}
        return {name: value.detach() for name, value in losses.items()}

    def _errors(self, real: Tensor, x_hat: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean squares of x - x_hat and of f(x) - f(x_hat), each in units of the real variance."""
        with torch.no_grad():
            features = self._features(real)
            spread = features.var(0).mean() + 1e-8
        return (x_hat - real).square().mean(), (self._features(x_hat) - features).square().mean() / spread

    def _game(self, real: Tensor, fake: Tensor) -> Tensor:
        with torch.no_grad():
            real_logits = self._logits(self._features(real))
        return generator_loss("relativistic", real_logits.repeat(2), self._logits(self._features(fake)))

    def _squash(self, out: Tensor) -> Tensor:
        """Return the decoder's output in standardised units; pictures are kept within 0 and 1."""
        return self.units(torch.sigmoid(out + self.start)) if len(self.shape) == 3 else out

    def _features(self, x: Tensor) -> Tensor:
        """Return D's last hidden layer for standardised x, (B, F)."""
        return self.discriminator[:-1](nets.with_fourier_features(x, self.settings.octaves))

    def _logits(self, features: Tensor) -> Tensor:
        """Return D's logits for its features, (B,)."""
        logits: Tensor = self.discriminator[-1](features).squeeze(1)
        return logits


class Pair(nn.Module):
    """The encoder, from standardised examples (B, D) to mu and log_var, and the decoder, from codes (B, Z) to examples."""

    def __init__(self, s: VAEGANConfig, shape: tuple[int, ...]):
        super().__init__()
        self.encoder = nets.encoder(s.body, shape, s.hidden_dim, s.depth, 2 * s.latent_dim)
        self.decoder = nets.decoder(s.body, s.latent_dim, s.hidden_dim, s.depth, shape)
