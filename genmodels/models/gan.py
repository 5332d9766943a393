"""Generative adversarial network: a discriminator and a generator in a game (Goodfellow 2014).

By default the pairing of R3GAN (Huang 2024): relativistic loss, R1 and R2 gradient penalties at every step, and an average of the
generator's weights to draw from. The lecture's minimax and its repairs since are there to be compared (`losses.py`).
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
from genmodels.models.parts.losses import (
    Loss,
    SpectralNorm,
    between,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    pair_accuracy,
    slopes,
    spectrally_normalised,
)
from genmodels.models.parts.optimisers import Optimiser
from genmodels.models.parts.work import Fit, Sizes

STEEP = 2.0  # scale of the first layer's weights under tanh


class GANConfig(Config):
    """Settings of the generative adversarial network."""

    latent_dim: int = knob(16, "Numbers in the noise z.", ge=1, le=128, log=True, label="latent dimensions")
    loss: Loss = knob(
        "relativistic",
        "relativistic: real against fake in pairs; minimax: the lecture's game; non-saturating: its usual repair; hinge: with "
        "spectral norm; wasserstein: with a gradient penalty.",
        front=True,
    )
    gamma: float = knob(
        10.0,
        "Weight of what keeps the discriminator smooth: the penalties R1 and R2 on its slopes at real and at fake; for "
        "wasserstein, the penalty on slopes other than 1 between the two.",
        ge=0,
        le=200,
        log=True,
        label="γ",
        front=True,
    )
    gamma_decay: float = knob(
        100.0,
        "γ falls to its value divided by this: a smooth discriminator first, a sharp one at the end. Wasserstein keeps γ.",
        ge=1,
        le=1e5,
        log=True,
        label="fall of γ",
    )
    generator_learning_rate: float = knob(
        1e-3, "Adam's step size for the generator; it falls along a cosine.", ge=1e-5, le=1e-1, log=True
    )
    discriminator_learning_rate: float = knob(2e-3, "The same for the discriminator.", ge=1e-5, le=1e-1, log=True)
    ema: int = knob(
        100,
        "Half-life, in updates, of the average of the generator's weights that samples come from; 0 is none.",
        ge=0,
        le=2000,
        label="EMA half-life",
    )
    octaves: int = nets.octaves_knob()
    activation: nets.Activation = knob(
        "silu",
        "Between the generator's layers. tanh, driven into its flat parts, steps sharply from mode to mode.",
        label="generator's units",
    )
    body: nets.Body = nets.body_knob()
    hidden_dim: int = nets.hidden_dim_knob(256)
    depth: int = knob(2, "Hidden layers in each network.", ge=1, le=5)
    batch_size: int = knob(64, "Real examples, and as many fakes, per update.", ge=2, le=2048, log=True)
    steps: int = knob(1500, "Updates of each network.", ge=1, le=100_000, log=True)


class GAN(Model):
    """A generator from noise to examples, and a discriminator of real from generated examples."""

    name = "gan"
    title = "GAN"
    version = 3
    family = "gan"
    about = "A generator learns to fool a discriminator that learns to see through it; no reconstruction error anywhere."
    Settings = GANConfig
    curves = (
        Curve("discriminator_loss", "D loss", "loss"),
        Curve("generator_loss", "G loss", "loss", dashed=True),
        Curve("accuracy", "D accuracy", "share"),
    )
    sample_note = "generator of z ~ N(0, I)"
    settings: GANConfig
    start: Tensor  # (D,) logits of the mean picture, the generator's output before training

    def __init__(self, settings: GANConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        z, body, hidden, depth = settings.latent_dim, settings.body, settings.hidden_dim, settings.depth
        input_shape = shape if body == "conv" else (math.prod(shape) * (1 + 2 * settings.octaves),)
        self.units = nets.Standardise(math.prod(shape))
        activation = nets.ACTIVATIONS[settings.activation]
        self.generator = nets.decoder(body, z, hidden, depth, shape, activation)
        self.average = nets.decoder(body, z, hidden, depth, shape, activation).requires_grad_(False)  # samples come from here
        if len(shape) == 3:
            self.register_buffer("start", torch.zeros(math.prod(shape)))
        self.discriminator = nets.encoder(body, input_shape, hidden, depth, 1)
        if settings.loss == "hinge":
            self.discriminator = spectrally_normalised(self.discriminator)

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return, for points, noise of their own dimension and Fourier features; for pictures as many latent dimensions as the VAE
        has: a search through more finds nearer pictures, which would bias comparisons."""
        if not source.is_image:
            net = {"latent_dim": 2, "hidden_dim": 128, "depth": 3, "octaves": 3, "activation": "tanh", "batch_size": 128}
            rates = {"generator_learning_rate": 2e-3, "discriminator_learning_rate": 4e-3, "gamma": 1.0}
            # Where there is time, a slower fall: at 3e4 one long run of ten lost a mode of the grid, early and for good.
            fall = {"quick": 3e4, "standard": 3e4, "thorough": 3e3}[budget]
            return net | rates | {"gamma_decay": fall, "steps": {"quick": 2000, "standard": 10_000, "thorough": 30_000}[budget]}
        if not source.is_large:
            return {"latent_dim": 8, "steps": {"quick": 1500, "standard": 8000, "thorough": 30_000}[budget]}
        # In ten seconds many small steps of a small net do best: Fréchet ratio 7.5 to 1.8 on MNIST, 22 to 17 on sketch-faces.
        hidden_dim, batch_size, steps, gamma, g_rate, d_rate = {
            "quick": (256, 16, 2000, 25.0, 3e-3, 4e-3),
            "standard": (512, 128, 1500, 50.0, 2e-3, 2e-3),
            "thorough": (512, 64, 9000, 50.0, 2e-3, 2e-3),
        }[budget]
        cost = max(1.0, math.prod(source.shape) / 1024)  # of a step
        net = {"latent_dim": 16, "hidden_dim": hidden_dim, "batch_size": batch_size, "steps": int(steps / cost)}
        rates = {"generator_learning_rate": g_rate, "discriminator_learning_rate": d_rate}
        return net | rates | {"gamma": gamma, "gamma_decay": 10.0}

    @classmethod
    def check(cls, settings: GANConfig, source: Source) -> None:
        """Refuse a network body that does not fit the examples, and Fourier features for convolutions."""
        nets.check_body(f"gan on {source.name}", settings.body, settings.depth, source.shape)
        if settings.body == "conv" and settings.octaves:
            raise UserError(f"gan on {source.name}: body=conv takes pictures as they are: set octaves=0, or body=mlp")

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Play the game: one update of the discriminator, then one of the generator, by Adam without momentum."""
        self._start(data, rng)
        bounded = [layer for layer in self.discriminator.modules() if isinstance(layer, SpectralNorm)]
        for layer in bounded:
            layer.start(rng)
        x_train = data.train.flatten(1)  # (N, D)
        s, betas = self.settings, (0.0, 0.99)
        d_adam, d_schedule = nets.adam_with_cosine(self.discriminator.parameters(), s.discriminator_learning_rate, s.steps, betas)
        g_adam, g_schedule = nets.adam_with_cosine(self.generator.parameters(), s.generator_learning_rate, s.steps, betas)
        yield Step(0, {})
        for index, x in zip(range(1, s.steps + 1), nets.batches(x_train, s.batch_size, rng)):
            real = self.units(x)  # (B, D)
            gamma = s.gamma * s.gamma_decay ** (-index / s.steps)
            if s.loss == "wasserstein":
                gamma = s.gamma  # without the penalty this loss is unbounded
            with torch.no_grad():
                fake = self._fake(len(x), rng)
            losses = self._discriminator_step(d_adam, real, fake, gamma, rng)
            for layer in bounded:
                layer.iterate()
            losses["generator_loss"] = self._generator_step(g_adam, real, rng)
            d_schedule.step()
            g_schedule.step()
            nets.update_average(self.average, self.generator, nets.average_decay(s.ema))
            yield Step(index, losses)

    def work(self, n: Sizes) -> Fit:
        """Return how much a fit is."""
        return fits.gan(self, n)

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return the accuracy of the discriminator on pairs of a test example and a sample."""
        real, fake = self.judge(data.test), self.judge(self.sample(len(data.test), rng))
        return {"accuracy": pair_accuracy(real, fake)}

    def judge(self, x: Tensor) -> Tensor:
        """Return the discriminator's logits for x in data units, (N,), larger for real."""
        return self._logits(self.units(x.flatten(1)))

    def decode(self, z: Tensor) -> Tensor:
        """Return the averaged generator's output for noise z (N, Z), (N, *shape)."""
        return nets.examples(self.units.inverse(self._squash(self.average(z))), self.shape)

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return the averaged generator's output for z ~ N(0, I)."""
        return self.decode(torch.randn(n, self.settings.latent_dim, generator=rng, device=rng.device))

    def inverting(
        self, x: Tensor, rng: torch.Generator, steps: int = 200, prior: float = 0.05
    ) -> Generator[float, None, Inversion]:
        """Yield the progress; return the noise of least squared error plus `prior` times its squared length, per example."""

        def generate(z: Tensor) -> Tensor:
            return self._squash(self.average(z))

        z = yield from search(generate, self.units(x.flatten(1)), self.settings.latent_dim, rng, steps, prior)
        return inversion(self.decode, x, z, steps)

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        s = self.settings
        penalty = f"{'gradient penalty' if s.loss == 'wasserstein' else 'R1 + R2'} (γ = {s.gamma:g})" if s.gamma else "no penalty"
        return s.loss + (", spectral norm" if s.loss == "hinge" else "") + f", {penalty}" + (", EMA" if s.ema else "")

    def _start(self, data: Dataset, rng: torch.Generator) -> None:
        """Initialise the weights; pictures start at their mean, since from grey D wins before G has found the background.

        On MNIST, 30 s: Fréchet ratio 17 from grey, 3.1 from the mean.
        """
        nets.initialise(self.generator, rng)
        nets.initialise(self.discriminator, rng)
        if self.settings.activation == "tanh":
            first = next(layer for layer in self.generator.modules() if isinstance(layer, nn.Linear))
            nn.init.uniform_(first.bias, -STEEP, STEEP, generator=rng)
            first.weight.data *= STEEP
        self.average.load_state_dict(self.generator.state_dict())
        x = data.train.flatten(1)
        self.units.learn(x)
        if data.source.is_image:
            self.start.copy_(torch.logit(x.mean(0), eps=0.01))

    def _fake(self, n: int, rng: torch.Generator) -> Tensor:
        z = torch.randn(n, self.settings.latent_dim, generator=rng, device=rng.device)  # (B, Z)
        return self._squash(self.generator(z))

    def _squash(self, out: Tensor) -> Tensor:
        """Return the generator's output in standardised units; pictures are kept within 0 and 1."""
        return self.units(torch.sigmoid(out + self.start)) if len(self.shape) == 3 else out

    def _logits(self, x: Tensor) -> Tensor:
        """Return D's logits for standardised x, (B,)."""
        return self.discriminator(nets.with_fourier_features(x, self.settings.octaves)).squeeze(1)

    def _discriminator_step(
        self, adam: Optimiser, real: Tensor, fake: Tensor, gamma: float, rng: torch.Generator
    ) -> dict[str, Tensor]:
        adam.zero_grad()
        kind = self.settings.loss
        both = torch.cat([real, fake]).requires_grad_(gamma > 0 and kind != "wasserstein")  # (2B, D): one pass for both
        logits = self._logits(both)
        real_logits, fake_logits = logits.chunk(2)
        loss = total = discriminator_loss(kind, real_logits, fake_logits)
        if gamma and kind == "wasserstein":
            x = between(real, fake, rng)
            total = loss + gamma * gradient_penalty(self._logits(x), x)
        elif gamma:
            total = loss + gamma / 2 * slopes(logits, both).square().sum() / len(real)  # R1 + R2
        total.backward(inputs=list(self.discriminator.parameters()))
        adam.step()
        return {"discriminator_loss": loss.detach(), "accuracy": pair_accuracy(real_logits, fake_logits)}

    def _generator_step(self, adam: Optimiser, real: Tensor, rng: torch.Generator) -> Tensor:
        adam.zero_grad()
        with torch.no_grad():
            real_logits = self._logits(real) if self.settings.loss == "relativistic" else real.new_zeros(len(real))
        loss = generator_loss(self.settings.loss, real_logits, self._logits(self._fake(len(real), rng)))
        loss.backward(inputs=list(self.generator.parameters()))
        adam.step()
        return loss.detach()
