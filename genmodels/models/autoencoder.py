"""Autoencoder: an encoder e and a decoder d with a small code between, min ||x - d(e(x))||^2 (Hinton and Salakhutdinov 2006)."""

import math
from collections.abc import Generator, Iterator
from typing import Any

import torch
from torch import Tensor

from genmodels.config import Budget, Config, knob
from genmodels.datasets.base import Dataset, Source
from genmodels.models.base import Curve, Model, Step
from genmodels.models.parts import nets, work
from genmodels.models.parts.inversion import Inversion, inversion, search
from genmodels.models.parts.presets import code_net
from genmodels.models.parts.work import Fit, Sizes, Work


class AutoencoderConfig(Config):
    """Settings of the autoencoder."""

    latent_dim: int = knob(8, "Numbers in the code z.", ge=1, le=64, log=True, label="latent dimensions", front=True)
    noise: float = knob(
        0.0,
        "Deviation of the noise added to every training example before it is encoded; what is asked for stays clean.",
        ge=0,
        le=0.5,
    )
    body: nets.Body = nets.body_knob()
    activation: nets.Activation = nets.activation_knob()
    hidden_dim: int = nets.hidden_dim_knob(128)
    depth: int = knob(
        2,
        "Hidden layers in encoder and decoder each; 0 makes both linear, which is PCA.",
        ge=0,
        le=5,
        label="hidden layers",
        front=True,
    )
    learning_rate: float = knob(1e-3, "Adam's step size at the start; it falls to zero along a cosine.", ge=1e-5, le=1e-1, log=True)
    batch_size: int = knob(128, "Examples per update.", ge=1, le=2048, log=True)
    steps: int = knob(2500, "Updates.", ge=1, le=100_000, log=True)


class Autoencoder(Model):
    """An encoder and a decoder trained on squared error alone."""

    name = "autoencoder"
    title = "Autoencoder"
    family = "autoencoder"
    about = "Squeezes an example through a narrow code and rebuilds it; nothing tells it what a new code should be."
    version = 2
    Settings = AutoencoderConfig
    curves = (Curve("squared_error", "squared error", "per example", log=True),)
    sample_note = "has no p(z), so there is nothing to draw new examples from"
    reconstruct_note = "decoder of the encoder's code"
    settings: AutoencoderConfig
    code_mean: Tensor  # (Z,) of the training codes
    code_root: Tensor  # (Z, Z) symmetric root of their covariance: where a search starts

    def __init__(self, settings: AutoencoderConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        z, body, hidden, depth = settings.latent_dim, settings.body, settings.hidden_dim, settings.depth
        self.units = nets.Standardise(math.prod(shape))
        activation = nets.ACTIVATIONS[settings.activation]
        self.encoder = nets.encoder(body, shape, hidden, depth, z, activation)
        self.decoder = nets.decoder(body, z, hidden, depth, shape, activation)
        self.register_buffer("code_mean", torch.zeros(z))
        self.register_buffer("code_root", nets.identity(z, z))

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return a one-dimensional code for points in the plane (two would compress nothing); for pictures the VAE's network."""
        if not source.is_image:
            steps = {"quick": 4000, "standard": 16_000, "thorough": 60_000}[budget]
            return {"latent_dim": 1, "steps": steps, "batch_size": 256, "learning_rate": 2e-3}
        return code_net(source, budget)

    @classmethod
    def check(cls, settings: AutoencoderConfig, source: Source) -> None:
        """Refuse a network body that does not fit the examples."""
        nets.check_body(f"autoencoder on {source.name}", settings.body, settings.depth, source.shape)

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Minimise the squared error, summed over dimensions, by Adam."""
        nets.initialise(self, rng)
        x_train = data.train.flatten(1)  # (N, D)
        self.units.learn(x_train)
        optimiser, schedule = nets.adam_with_cosine(self.parameters(), self.settings.learning_rate, self.settings.steps)
        yield Step(0, {})
        for index, x in zip(range(1, self.settings.steps + 1), nets.batches(x_train, self.settings.batch_size, rng)):
            optimiser.zero_grad()
            loss = self._squared_error(nets.noisy(x, self.settings.noise, rng), x)
            (loss / self.units.scale**2).backward()
            optimiser.step()
            schedule.step()
            if index == self.settings.steps:
                self._learn_codes(x_train)
            yield Step(index, {"squared_error": loss.detach()})

    def work(self, n: Sizes) -> Fit:
        """Return the work of forward and backward passes through encoder and decoder."""
        b, d = min(self.settings.batch_size, n.train), math.prod(self.shape)
        encoder, decoder = work.layers(self.encoder), work.layers(self.decoder)
        step = work.forward(encoder, b) + work.backward(encoder, b, to_inputs=False)
        step += work.forward(decoder, b) + work.backward(decoder, b) + work.pointwise(b * d, 14) + work.adam(self)
        step += work.drawing(b * d) if self.settings.noise else Work()
        snapshot = work.forward(encoder, n.codes + n.reconstructions + n.scored) + work.forward(
            decoder, n.reconstructions + n.scored
        )
        looks = work.widest(encoder, n.test) + work.widest(decoder, n.test)
        peak = max(work.activations(encoder, b) + work.activations(decoder, b) + 8 * b * d, looks + 3 * n.test * d)
        return Fit(work.pointwise(n.train * d, 4), step, snapshot, 4 * work.weights(self) + peak)

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return the squared error of the test set, summed over dimensions."""
        x = data.test.flatten(1)
        return {"squared_error": self._squared_error(x, x)}

    def encode(self, x: Tensor) -> Tensor:
        """Return the code, (N, Z)."""
        z: Tensor = self.encoder(self.units(x.flatten(1)))
        return z

    def decode(self, z: Tensor) -> Tensor:
        """Return the decoded codes (N, Z), (N, *shape)."""
        return nets.examples(self.units.inverse(self.decoder(z)), self.shape)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return d(e(x))."""
        return self.decode(self.encode(x))

    def inverting(
        self, x: Tensor, rng: torch.Generator, steps: int = 200, prior: float = 0.05
    ) -> Generator[float, None, Inversion]:
        """Yield the progress; return the codes of least squared error plus `prior` times squared length, in units of the codes."""

        def generate(u: Tensor) -> Tensor:
            out: Tensor = self.decoder(self.code_mean + u @ self.code_root)
            return out

        u = yield from search(generate, self.units(x.flatten(1)), self.settings.latent_dim, rng, steps, prior)
        return inversion(self.decode, x, self.code_mean + u @ self.code_root, steps)

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        s = self.settings
        noise = f", noise {s.noise:g}" if s.noise else ""
        return f"{s.latent_dim}-d code, {s.depth} x {s.hidden_dim}{nets.unusual(s.activation)}{noise}"

    @torch.no_grad()
    def _learn_codes(self, x: Tensor) -> None:
        """Store mean and covariance of the codes of x (N, D)."""
        z = self.encode(x)
        if not bool(z.isfinite().all()):
            return  # the fit has diverged, as its losses show
        self.code_mean.copy_(z.mean(0))
        centred = z - self.code_mean
        values, axes = torch.linalg.eigh(centred.T @ centred / len(z))
        self.code_root.copy_((axes * values.clamp(min=0).sqrt()) @ axes.T)

    def _squared_error(self, inputs: Tensor, x: Tensor) -> Tensor:
        """Return the mean over examples of ||x - d(e(inputs))||^2 in data units; inputs are x, or x with noise (Vincent 2008)."""
        return (self.units.inverse(self.decoder(self.encode(inputs))) - x).square().sum(1).mean()
