"""Flow matching: a velocity field that carries noise to data along straight lines (Lipman 2023; rectified flow, Liu 2023).

Between x_0 ~ N(0, I) and an example x_1 lies x_t = (1 - t) x_0 + t x_1. v(x_t, t) is fitted to x_1 - x_0 by least squares; at its
best it is E[x_1 - x_0 | x_t], and dx/dt = v(x, t) turns the one distribution into the other. Backwards it gives an example's code.

Of Gaussian data the best v is known: along a principal axis of standard deviation w the flow only stretches, x_t = s(t) x_0,
s^2 = (1 - t)^2 + t^2 w^2. The network n learns the rest: v = x s'/s + n w/s. Then y = x/s obeys dy/dtheta = n, where
theta = arctan(t w / (1 - t)) is each axis' own time. The solver steps in theta, so that Gaussian data are solved exactly.

The density of an example is the integral of the field's divergence along its path: D derivatives of the network at every step.
That takes minutes for a thousand pictures, so it is not offered.
"""

import itertools
import math
from collections.abc import Iterator
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genmodels.config import Budget, Config, knob
from genmodels.datasets.base import Dataset, Source
from genmodels.models.base import Curve, Model, Step
from genmodels.models.parts import nets, work
from genmodels.models.parts.work import Fit, Layer, Sizes, Work

TIME_OCTAVES = 6  # octaves of Fourier features of the time
KNOTS_POWER = 1.25  # the solver's steps shorten towards the data, where the field is steepest
LEAST_WIDTH = 0.03  # of an axis, in standardised units, so that constant dimensions have some


class FlowMatchingConfig(Config):
    """Settings of flow matching."""

    times: Literal["logit-normal", "uniform"] = knob(
        "logit-normal", "Which times t are trained: logit-normal: the middle of the way most; uniform: all alike, for fine detail."
    )
    ode_steps: int = knob(
        20, "Steps of the solver from noise to an example, or back.", ge=2, le=200, log=True, label="ODE steps", front=True
    )
    ema: int = knob(
        100,
        "Half-life, in updates, of the average of the field's weights that is followed; 0 is none.",
        ge=0,
        le=2000,
        label="EMA half-life",
    )
    octaves: int = knob(
        0, "Sines and cosines of the point given to the field, each of twice the frequency.", ge=0, le=6, label="Fourier octaves"
    )
    hidden_dim: int = knob(384, "Width of each hidden layer.", ge=8, le=1024, log=True, label="hidden width", front=True)
    depth: int = knob(1, "Residual blocks of two layers.", ge=1, le=5)
    learning_rate: float = knob(1e-3, "Adam's step size at the start; it falls to zero along a cosine.", ge=1e-5, le=1e-1, log=True)
    batch_size: int = knob(128, "Examples per update, each with its own noise and time.", ge=1, le=2048, log=True)
    steps: int = knob(2000, "Updates.", ge=1, le=100_000, log=True)


PRESETS: dict[str, dict[Budget, tuple[int, int]]] = {  # hidden width and updates, by measurement
    "points": {"quick": (64, 5000), "standard": (128, 18_000), "thorough": (128, 85_000)},
    "small picture": {"quick": (384, 2000), "standard": (512, 7000), "thorough": (512, 35_000)},
    "picture": {"quick": (256, 1100), "standard": (512, 3600), "thorough": (768, 8500)},
}


class FlowMatching(Model):
    """A velocity field, fitted to the straight lines from noise to examples and integrated by an ODE solver."""

    name = "flow-matching"
    title = "Flow matching"
    family = "flow"
    about = "Learns the wind that blows noise into data, and drifts along it: no game, no bottleneck, a noise for every example."
    Settings = FlowMatchingConfig
    curves = (Curve("velocity_error", "velocity error", "squared, per dimension"),)
    sample_note = "z ~ N(0, I) carried along the field"
    reconstruct_note = "invertible, rebuilds anything: carried to its noise and back, exact but for the solver's error"
    invertible = True
    settings: FlowMatchingConfig

    def __init__(self, settings: FlowMatchingConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        d = math.prod(shape)
        self.frame = PrincipalFrame(d)
        self.field = Field(d, settings.hidden_dim, settings.depth, settings.octaves)
        self.average = Field(d, settings.hidden_dim, settings.depth, settings.octaves).requires_grad_(
            False
        )  # the one that is integrated

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return size of the field and length of the fit by the number of dimensions; points need fine detail near the data."""
        size = "picture" if source.is_large else "small picture" if source.is_image else "points"
        hidden_dim, steps = PRESETS[size][budget]
        preset = {"hidden_dim": hidden_dim, "steps": steps}
        if size == "points":
            return preset | {"times": "uniform", "octaves": 3, "depth": 2, "batch_size": 256, "learning_rate": 2e-3}
        return preset | ({"learning_rate": 2e-3} if hidden_dim < 512 and size == "small picture" else {})

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Minimise the squared error of the velocity by Adam; the field starts as that of a Gaussian with the data's covariance."""
        nets.initialise(self.field, rng)
        nn.init.zeros_(self.field.leave.weight)
        self.average.load_state_dict(self.field.state_dict())
        s = self.settings
        self.frame.learn(data.train.flatten(1))
        x_train = self.frame(data.train.flatten(1))  # (N, D), in principal axes
        optimiser, schedule = nets.adam_with_cosine(self.field.parameters(), s.learning_rate, s.steps)
        yield Step(0, {})
        for index, x in zip(range(1, s.steps + 1), nets.batches(x_train, s.batch_size, rng)):
            optimiser.zero_grad()
            loss = self._velocity_error(self.field, x, rng)
            loss.backward()
            optimiser.step()
            schedule.step()
            nets.update_average(self.average, self.field, nets.average_decay(s.ema, index))
            yield Step(index, {"velocity_error": loss.detach()})

    def work(self, n: Sizes) -> Fit:
        """Return the work of the field's passes: forward and backward in an update, one per solver step in a snapshot."""
        s, b, d = self.settings, min(self.settings.batch_size, n.train), math.prod(self.shape)
        field = self.field.layers()
        step = self._field_work(field, b) + work.backward(field, b, to_inputs=False) + work.drawing(b * d)
        step += work.pointwise(b * d, 16) + work.adam(self.field) + work.average(self.field) + Work(calls=80)
        flows = self._field_work(field, n.samples) + self._field_work(field, n.codes)
        flows += self._field_work(field, n.reconstructions) * 2
        solver = (flows + work.pointwise((n.samples + n.codes + 2 * n.reconstructions) * d, 6)) * (s.ode_steps + 1)
        snapshot = solver + self._field_work(field, n.scored) + work.drawing(n.scored * d)
        axes = Work(products=20 * d**3) + work.product(d, n.train, d) + work.product(n.train, d, d)
        start = axes + work.pointwise(n.train * d, 6)
        looks = max(n.test, n.reconstructions, n.samples)
        peak = max(
            work.activations(field, b) + 12 * b * d * (1 + s.octaves), work.widest(field, looks) + 6 * looks * d * (1 + s.octaves)
        )
        return Fit(start, step, snapshot, 4 * work.weights(self.field) + work.weights(self.average) + peak + n.train * d + 4 * d**2)

    def _field_work(self, field: list[Layer], n: float) -> Work:
        numbers, octaves = n * math.prod(self.shape), self.settings.octaves
        features = (work.transcendental(numbers, 2) + work.pointwise(numbers, 2)) * octaves
        return work.forward(field, n) + features + work.pointwise(numbers, 4) + work.transcendental(12 * n, 2) + Work(calls=12)

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return the squared error of the averaged field on the test set, by noise and times from `rng`."""
        return {"velocity_error": self._velocity_error(self.average, self.frame(data.test.flatten(1)), rng)}

    def encode(self, x: Tensor) -> Tensor:
        """Return the noise that flows to x, (N, D), in the data's principal axes, the widest first."""
        return self._flow(self.frame(x.flatten(1)), self._knots().flip(0))

    def decode(self, z: Tensor) -> Tensor:
        """Return the examples to which noise z (N, D) flows, (N, *shape)."""
        return nets.examples(self.frame.inverse(self._flow(z, self._knots())), self.shape)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return x mapped to noise and back."""
        return self.decode(self.encode(x))

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Return the examples to which z ~ N(0, I) flows."""
        return self.decode(torch.randn(n, math.prod(self.shape), generator=rng, device=rng.device))

    def samples_are(self) -> str:
        """Return what a sample is, with the number of the solver's steps."""
        return f"{self.sample_note}, {self.settings.ode_steps} steps"

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        s = self.settings
        return f"{s.depth} x {s.hidden_dim}, {s.times} times, {s.ode_steps} ODE steps" + (", EMA" if s.ema else "")

    def _velocity_error(self, field: nn.Module, x: Tensor, rng: torch.Generator) -> Tensor:
        """Return the mean square of v - (x_1 - x_0) over batch and dimensions, for training and test alike."""
        t = self._draw_times(len(x), rng)[:, None]  # (B, 1)
        x_0 = torch.randn(x.shape, generator=rng, device=x.device)  # (B, D)
        return (self._velocity(field, torch.lerp(x_0, x, t), t) - (x - x_0)).square().mean()

    def _draw_times(self, n: int, rng: torch.Generator) -> Tensor:
        """Return n times (n,), stratified over their quantiles, so that the loss varies less from batch to batch."""
        u = (torch.rand((), generator=rng, device=rng.device) + torch.arange(n, device=rng.device) / n) % 1
        return torch.special.ndtri(u).sigmoid() if self.settings.times == "logit-normal" else u

    def _velocity(self, field: nn.Module, x: Tensor, t: Tensor) -> Tensor:
        """Return v(x, t) for x (B, D) along the axes and times (B, 1): the Gaussian's velocity plus the network's part."""
        width, spread = self.frame.width, self.frame.spread(t)
        gaussian = (t * width.square() - (1 - t)) / spread.square()  # s'/s
        return x * gaussian + self._turn(field, x / spread, t) * width / spread

    def _turn(self, field: nn.Module, y: Tensor, t: Tensor) -> Tensor:
        """Return dy/dtheta, (B, D). Inputs have the data's widths: else noise along narrow axes would dominate."""
        out: Tensor = field(y * self.frame.width, t)
        return out

    def _knots(self) -> Tensor:
        """Return the solver's times from noise to data, (ode_steps + 1,)."""
        return 1 - torch.linspace(1, 0, self.settings.ode_steps + 1, device=self.frame.width.device) ** KNOTS_POWER

    def _flow(self, x: Tensor, knots: Tensor) -> Tensor:
        """Integrate the averaged field over the knots: Adams-Bashforth of second order, after a first midpoint step."""
        y = x / self.frame.spread(knots[0])  # (N, D): constant where the data are Gaussian
        before, turn_before = None, y
        for start, end in itertools.pairwise(knots):
            middle = (start + end) / 2
            turn = self._turn(self.average, y, start.expand(len(y), 1))
            if before is None:
                half = y + (self.frame.angle(middle) - self.frame.angle(start)) * turn
                ahead = self._turn(self.average, half, middle.expand(len(y), 1))
            else:
                ahead = turn + (middle - start) / (start - before) * (turn - turn_before)
            y = y + (self.frame.angle(end) - self.frame.angle(start)) * ahead
            before, turn_before = start, turn
        return y * self.frame.spread(knots[-1])


class PrincipalFrame(nn.Module):
    """Standardised data along their principal axes, and the flow from N(0, I) to the Gaussian with their mean and covariance."""

    axes: Tensor  # (D, D), orthonormal, the widest first
    width: Tensor  # (D,) standard deviations along them

    def __init__(self, dim: int):
        super().__init__()
        self.units = nets.Standardise(dim)
        self.register_buffer("axes", nets.identity(dim, dim))
        self.register_buffer("width", torch.ones(dim))

    def learn(self, x: Tensor) -> None:
        """Set mean, scale, axes and widths to those of x, (N, D)."""
        self.units.learn(x)
        variances, axes = torch.linalg.eigh(torch.cov(self.units(x).T).reshape(self.axes.shape))  # ascending
        self.width.copy_(variances.flip(0).clamp(min=0).sqrt().clamp(min=LEAST_WIDTH))
        self.axes.copy_(axes.flip(1))

    def forward(self, x: Tensor) -> Tensor:
        """Return x (N, D) in data units as coordinates along the axes."""
        return self.units(x) @ self.axes

    def inverse(self, x: Tensor) -> Tensor:
        """Return coordinates along the axes in data units again."""
        return self.units.inverse(x @ self.axes.T)

    def spread(self, t: Tensor) -> Tensor:
        """Return s(t), the standard deviation of x_t along each axis, (..., D) for times (..., 1)."""
        return torch.hypot(t * self.width, 1 - t)

    def angle(self, t: Tensor) -> Tensor:
        """Return theta(t), (D,), from 0 for noise to pi/2 for data."""
        return torch.atan2(t * self.width, 1 - t)


class Field(nn.Module):
    """A network from points (B, D) and times (B, 1) to dy/dtheta (B, D): residual blocks with a time embedding."""

    def __init__(self, dim: int, hidden_dim: int, depth: int, octaves: int):
        super().__init__()
        self.octaves = octaves
        self.enter = nn.Linear(dim * (1 + 2 * octaves) + 2 * TIME_OCTAVES, hidden_dim)
        self.blocks = nn.ModuleList(Block(hidden_dim) for _ in range(depth))
        self.leave = nn.Linear(hidden_dim, dim)

    def layers(self) -> list[Layer]:
        """Return its layers for counting work; all but the time embeddings' and the last have an activation."""
        linear = {name: layer for name, layer in self.named_modules() if isinstance(layer, nn.Linear)}
        straight = {name for name in linear if name == "leave" or name.endswith("time")}
        return [
            Layer(2 * n_in * n_out, n_in, n_out, n_in * n_out, None, name not in straight)
            for name, layer in linear.items()
            for n_in, n_out in [(layer.in_features, layer.out_features)]
        ]

    def forward(self, x: Tensor, t: Tensor) -> Tensor:
        """Return dy/dtheta."""
        embedding = nets.fourier_features(t, TIME_OCTAVES)
        h = self.enter(torch.cat([x, nets.fourier_features(x, self.octaves), embedding], 1))
        for block in self.blocks:
            h = h + block(h, embedding)
        out: Tensor = self.leave(F.silu(h))
        return out


class Block(nn.Module):
    """A residual block on hidden units (B, H): two layers, with the time embedding added between them."""

    def __init__(self, hidden_dim: int):
        super().__init__()
        self.first = nn.Linear(hidden_dim, hidden_dim)
        self.time = nn.Linear(2 * TIME_OCTAVES, hidden_dim)
        self.second = nn.Linear(hidden_dim, hidden_dim)

    def forward(self, h: Tensor, embedding: Tensor) -> Tensor:
        """Return the residual, to be added to h."""
        out: Tensor = self.second(F.silu(self.first(F.silu(h)) + self.time(embedding)))
        return out
