"""Generative adversarial network: a discriminator and a generator in a game (Goodfellow 2014).

By default the pairing of R3GAN (Huang 2024): relativistic loss, R1 and R2 gradient penalties at every step, and an average of the
generator's weights to draw from. The lecture's minimax and its non-saturating variant are there to be compared.
"""

import math
from collections.abc import Iterator
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import Budget, Config, UserError, knob
from genmodels.datasets.base import Dataset, Source
from genmodels.models import nets
from genmodels.models.base import Curve, Model, Step


class GANConfig(Config):
    """Settings of the generative adversarial network."""

    latent_dim: int = knob(16, "Numbers in the noise z.", ge=1, le=128, log=True, label="latent dimensions")
    loss: Literal["relativistic", "non-saturating", "minimax"] = knob(
        "relativistic", "relativistic: real against fake in pairs; minimax: the lecture's game; non-saturating: its usual repair."
    )
    gamma: float = knob(
        10.0,
        "Weight of the gradient penalties R1 (on real) and R2 (on fake), which keep the discriminator smooth.",
        ge=0,
        le=200,
        label="γ",
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
    octaves: int = knob(
        0,
        "Sines and cosines of the data given to the discriminator, each of twice the frequency.",
        ge=0,
        le=6,
        label="Fourier octaves",
    )
    body: Literal["mlp", "conv"] = knob("mlp", "mlp: every pixel with every other; conv: neighbours first, for pictures.")
    hidden_dim: int = knob(
        256,
        "Width of each hidden layer; a convolution's channels are an eighth of it, doubled at each.",
        ge=4,
        le=1024,
        log=True,
        label="hidden width",
    )
    depth: int = knob(2, "Hidden layers in each network.", ge=1, le=5)
    batch_size: int = knob(64, "Real examples, and as many fakes, per update.", ge=2, le=2048, log=True)
    steps: int = knob(1500, "Updates of each network.", ge=1, le=100_000, log=True)


class GAN(Model):
    """A generator that turns noise into examples, and a discriminator that tells them from real ones."""

    name = "gan"
    title = "GAN"
    family = "gan"
    about = "A generator learns to fool a discriminator that learns to see through it; no reconstruction error anywhere."
    Settings = GANConfig
    curves = (
        Curve("discriminator_loss", "D loss", "nats"),
        Curve("generator_loss", "G loss", "nats", dashed=True),
        Curve("accuracy", "D accuracy", "share"),
    )
    sample_note = "generator of z ~ N(0, I)"
    seconds_per_step = 0.006
    settings: GANConfig

    def __init__(self, settings: GANConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        z, body, hidden, depth = settings.latent_dim, settings.body, settings.hidden_dim, settings.depth
        seen = shape if body == "conv" else (math.prod(shape) * (1 + 2 * settings.octaves),)
        self.units = nets.Standardise(math.prod(shape))
        self.generator = nets.decoder(body, z, hidden, depth, shape)
        self.average = nets.decoder(body, z, hidden, depth, shape).requires_grad_(False)  # samples come from here
        self.discriminator = nets.encoder(body, seen, hidden, depth, 1)

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return, for points, noise of as many dimensions as the data, and a discriminator that sees detail."""
        if source.is_image:
            return {"latent_dim": 32, "hidden_dim": 512} if source.is_large else {}
        return {"latent_dim": 2, "hidden_dim": 128, "depth": 3, "octaves": 3, "batch_size": 128, "steps": 2000, "gamma": 0.3} | {
            "generator_learning_rate": 2e-3,
            "discriminator_learning_rate": 4e-3,
        }

    @classmethod
    def check(cls, settings: GANConfig, source: Source) -> None:
        """Refuse a body that does not fit the examples, and waves of pixels for convolutions."""
        nets.check_body(f"gan on {source.name}", settings.body, settings.depth, source.shape)
        if settings.body == "conv" and settings.octaves:
            raise UserError(f"gan on {source.name}: body=conv takes pictures as they are: set octaves=0, or body=mlp")

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Play the game: one update of the discriminator, then one of the generator, by Adam without momentum."""
        nets.initialise(self.generator, rng)
        nets.initialise(self.discriminator, rng)
        self.average.load_state_dict(self.generator.state_dict())
        x_train = data.train.flatten(1)  # (N, D)
        self.units.learn(x_train)
        s, betas = self.settings, (0.0, 0.99)
        d_adam, d_schedule = nets.adam_with_cosine(self.discriminator.parameters(), s.discriminator_learning_rate, s.steps, betas)
        g_adam, g_schedule = nets.adam_with_cosine(self.generator.parameters(), s.generator_learning_rate, s.steps, betas)
        keep = 0.5 ** (1 / s.ema) if s.ema else 0.0
        yield Step(0, {})
        for index, x in zip(range(1, s.steps + 1), nets.batches(x_train, s.batch_size, rng)):
            real = self.units(x)  # (B, D)
            gamma = s.gamma * 100 ** (-index / s.steps)  # decays to a hundredth: smooth first, sharp at the end
            losses = self._discriminator_step(d_adam, real, self._fake(len(x), rng).detach(), gamma)
            losses["generator_loss"] = self._generator_step(g_adam, real, rng)
            d_schedule.step()
            g_schedule.step()
            self._average_weights(keep)
            yield Step(index, losses)

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return how often the discriminator tells a test example from a sample."""
        real, fake = self.judge(data.test), self.judge(self.sample(len(data.test), rng))
        return {"accuracy": _accuracy(real, fake)}

    def judge(self, x: Tensor) -> Tensor:
        """Return the discriminator's logits for x in data units, (N,), larger for real."""
        return self._logits(self.units(x.flatten(1)))

    def decode(self, z: Tensor) -> Tensor:
        """Return what the averaged generator makes of noise z (N, Z), (N, *shape)."""
        return nets.examples(self.units.inverse(self._squash(self.average(z))), self.shape)

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return the averaged generator's answer to z ~ N(0, I)."""
        return self.decode(torch.randn(n, self.settings.latent_dim, generator=rng, device=rng.device))

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        penalty = f"R1 + R2 (γ = {self.settings.gamma:g})" if self.settings.gamma else "no penalty"
        return f"{self.settings.loss}, {penalty}" + (", EMA" if self.settings.ema else "")

    def _fake(self, n: int, rng: torch.Generator) -> Tensor:
        z = torch.randn(n, self.settings.latent_dim, generator=rng, device=rng.device)  # (B, Z)
        return self._squash(self.generator(z))

    def _squash(self, out: Tensor) -> Tensor:
        """Return the generator's output in standardised units; pictures are kept within 0 and 1."""
        return self.units(torch.sigmoid(out)) if len(self.shape) == 3 else out

    def _logits(self, x: Tensor) -> Tensor:
        """Return D's logits for standardised x, (B,)."""
        waves = [f(x * (math.pi / 2 * 2**k)) for k in range(self.settings.octaves) for f in (torch.sin, torch.cos)]
        return self.discriminator(torch.cat([x, *waves], 1)).squeeze(1)

    def _discriminator_step(self, adam: torch.optim.Optimizer, real: Tensor, fake: Tensor, gamma: float) -> dict[str, Tensor]:
        adam.zero_grad()
        both = torch.cat([real, fake]).requires_grad_(gamma > 0)  # (2B, D): one pass for both
        logits = self._logits(both)
        real_logits, fake_logits = logits.chunk(2)
        loss = discriminator_loss(self.settings.loss, real_logits, fake_logits)
        total = loss
        if gamma:
            (slope,) = torch.autograd.grad(logits.sum(), both, create_graph=True)
            total = loss + gamma / 2 * slope.square().sum() / len(real)  # R1 + R2
        total.backward()
        adam.step()
        return {"discriminator_loss": loss.detach(), "accuracy": _accuracy(real_logits, fake_logits)}

    def _generator_step(self, adam: torch.optim.Optimizer, real: Tensor, rng: torch.Generator) -> Tensor:
        adam.zero_grad()
        self.discriminator.requires_grad_(False)
        with torch.no_grad():
            real_logits = self._logits(real) if self.settings.loss == "relativistic" else real.new_zeros(len(real))
        loss = generator_loss(self.settings.loss, real_logits, self._logits(self._fake(len(real), rng)))
        loss.backward()
        self.discriminator.requires_grad_(True)
        adam.step()
        return loss.detach()

    @torch.no_grad()
    def _average_weights(self, keep: float) -> None:
        torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), 1 - keep)


def discriminator_loss(kind: str, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return D's loss, nats: of the pair's difference if relativistic, else the sum of both cross-entropies."""
    if kind == "relativistic":
        return F.softplus(fake_logits - real_logits).mean()
    return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()


def generator_loss(kind: str, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return G's loss, nats: the swapped pair, -log D(fake), or the lecture's log(1 - D(fake))."""
    if kind == "relativistic":
        return F.softplus(real_logits - fake_logits).mean()
    return F.softplus(-fake_logits).mean() if kind == "non-saturating" else -F.softplus(fake_logits).mean()


def _accuracy(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return how often D gives the real example of a (real, fake) pair the higher logit: 1/2 is a fooled D, whatever the loss."""
    return (real_logits > fake_logits).float().mean().detach()
