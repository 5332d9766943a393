"""A deepfake that harms nobody: one encoder, two decoders, two drawn identities; encode one, decode with the other's decoder.

Both identities are factors of `sketch_faces` that nobody has. What the swap should show is therefore known: the other's identity
with this one's expression, rendered. A detector learns real frames from swapped ones on one half, and is judged on the other.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from genmodels.config import Config, knob
from genmodels.datasets.sketch_faces import FACTORS, SIZE, render
from genmodels.metrics.c2st import two_sample_accuracy
from genmodels.models.parts import nets
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext

IDENTITIES: dict[str, dict[str, float]] = {
    "Ada": {"head width": -0.7, "eye size": 0.8, "hair length": 0.9, "hair tone": -0.7, "skin tone": 0.6},
    "Ben": {"head width": 0.7, "eye size": -0.6, "hair length": -0.9, "hair tone": 0.6, "skin tone": -0.6, "hat": 1.0},
}
# What varies from frame to frame, and how far. Poses all the way to the side fill the code: smiles are then learned late.
EXPRESSION = {"smile": 1.0, "brow": 1.0, "pose x": 0.35, "pose y": 0.35, "light": 1.0}
N_TRAIN, N_TEST, SHOWN = 2000, 400, 8
HIDDEN_DIM, BATCH_SIZE, LEARNING_RATE = 256, 64, 2e-3
AT = (0.02, 0.1, 0.3, 1.0)  # shares of the training after which the swap is judged: bad fakes, and better ones
TELLER_STEPS = 1500
# Without these each identity keeps a corner of the code for itself, and the other's decoder makes nothing of it: tried, R² below 0.
SAME_MOMENTS, KL = 0.3, 2e-5  # weights of the difference of both codes' means and covariances, and of the noise that fills gaps


class SwapConfig(Config):
    """Settings of the study."""

    code: int = knob(8, "Numbers in the shared code.", ge=1, le=64, log=True, label="code")
    steps: int = knob(2500, "Updates, of both decoders and the encoder they share.", ge=50, le=20_000, log=True)
    seed: int = knob(0, "Of frames and weights.", ge=0, le=1000)


class Swap(Study):
    """Trains the pair, swaps, and measures what the swap keeps and whether it is found out."""

    name = "swap"
    title = "Identities swapped"
    version = 2
    Settings = SwapConfig
    seconds = 30.0
    settings: SwapConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the preset."""
        return [([], {})]

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Write `swap.json` and the frames shown."""
        s, rng = self.settings, context.rng(self.settings.seed, "swap")
        expressions = {name: _expressions(N_TRAIN + N_TEST, rng) for name in IDENTITIES}
        frames = {name: frames_of(name, expressions[name]) for name in IDENTITIES}
        train = [frames[name][:N_TRAIN].flatten(1) for name in IDENTITIES]
        pair = _Pair(s.code).to(context.where)
        steps = _fit(pair, train, s.steps, rng)
        marks = [max(1, round(share * s.steps)) for share in AT]
        rows: list[dict[str, Any]] = []
        source, true = frames["Ada"][N_TRAIN:], frames_of("Ben", expressions["Ada"][N_TRAIN:])  # what the swap should show
        shown = {"source": source[:SHOWN], "target": true[:SHOWN], "real": frames["Ben"][N_TRAIN : N_TRAIN + SHOWN]}
        reader = _reader(frames["Ben"][:N_TRAIN], expressions["Ben"][:N_TRAIN], context.rng(s.seed, "reader"))
        namer = _namer(train, context.rng(s.seed, "namer"))
        for step in steps:
            if step in marks:
                fake = pair.decode(1, pair.encode(source.flatten(1))).clamp(0, 1)
                rows.append(
                    self._row(step, fake, true, frames["Ben"][N_TRAIN:], expressions["Ada"][N_TRAIN:], reader, namer, context)
                )
                shown[f"fake {step}"] = fake[:SHOWN].reshape(-1, 1, SIZE, SIZE)
            if step % 20 == 0:
                yield step / s.steps
        context.json("swap.json", {"rows": rows, "expression": list(EXPRESSION)})
        context.tensors("frames.safetensors", shown)

    def _row(
        self,
        step: int,
        fake: Tensor,
        true: Tensor,
        real: Tensor,
        expression: Tensor,
        reader: nn.Module,
        namer: nn.Module,
        context: StudyContext,
    ) -> dict[str, Any]:
        """Judge fakes (N, D): beside the true ones, who they are, which expression they have, whether they are found out."""
        rest = (reader(fake) - expression).square().sum(0)
        kept = 1 - rest / (expression - expression.mean(0)).square().sum(0)
        detector, floor = (context.rng(self.settings.seed, f"{name} {step}") for name in ("detector", "floor"))
        return {
            "step": step,
            "rmse": float((fake - true.flatten(1)).square().mean().sqrt()),
            "named": float((namer(fake)[:, 0] > 0).double().mean()),
            "kept": [round(float(v), 4) for v in kept],
            "detected": two_sample_accuracy(fake, real.flatten(1), detector),
            "floor": two_sample_accuracy(true.flatten(1), real.flatten(1), floor),
        }


def frames_of(identity: str, expression: Tensor) -> Tensor:
    """Return an identity with each of the expressions (N, 5), (N, 1, 32, 32)."""
    factors = torch.zeros(len(expression), len(FACTORS), device=expression.device)
    for name, value in IDENTITIES[identity].items():
        factors[:, FACTORS.index(name)] = value
    for i, name in enumerate(EXPRESSION):
        factors[:, FACTORS.index(name)] = expression[:, i]
    return render(factors)


class _Pair(nn.Module):
    """One encoder, and a decoder for each identity, on flat pictures (N, D)."""

    def __init__(self, code: int):
        super().__init__()
        shape = (1, SIZE, SIZE)
        self.encoder = nets.encoder("mlp", shape, HIDDEN_DIM, 2, 2 * code)
        self.means: Tensor
        self.register_buffer("means", torch.zeros(len(IDENTITIES), SIZE * SIZE))
        self.decoders = nn.ModuleList(nets.decoder("mlp", code, HIDDEN_DIM, 2, shape) for _ in IDENTITIES)

    def encode(self, x: Tensor) -> Tensor:
        """Return the means of codes, (N, Z)."""
        return self.posterior(x)[0]

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and log_var, (N, Z) each."""
        mu, log_var = self.encoder(x * 2 - 1).chunk(2, 1)
        return mu, log_var

    def decode(self, identity: int, z: Tensor) -> Tensor:
        """Return flat pictures, about 0 to 1: what the code adds to the identity's mean frame."""
        return self.means[identity] + self.decoders[identity](z) / 2


def _expressions(n: int, rng: torch.Generator) -> Tensor:
    unit = torch.rand(n, len(EXPRESSION), generator=rng, device=rng.device) * 2 - 1
    return unit * torch.tensor(list(EXPRESSION.values()), device=rng.device)


def _begin(pair: _Pair, train: list[Tensor], rng: torch.Generator) -> None:
    """Draw the weights; each decoder begins with its identity's mean frame, whatever the code."""
    nets.initialise(pair, rng)
    pair.means.copy_(torch.stack([x.mean(0) for x in train]))
    for decoder in pair.decoders:
        last = next(layer for layer in reversed(list(decoder.modules())) if isinstance(layer, nn.Linear))
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)


def _fit(pair: _Pair, train: list[Tensor], steps: int, rng: torch.Generator) -> Iterator[int]:
    """Minimise each decoder's squared error on its own identity, through the encoder that they share; yield each update."""
    _begin(pair, train, rng)
    optimiser, schedule = nets.adam_with_cosine(pair.parameters(), LEARNING_RATE, steps)
    batches = zip(*(nets.batches(x, BATCH_SIZE, rng) for x in train))
    for step, both in zip(range(1, steps + 1), batches):
        with torch.enable_grad():
            optimiser.zero_grad(set_to_none=True)
            _loss(pair, both, rng).backward()
            optimiser.step()
        schedule.step()
        yield step


def _loss(pair: _Pair, both: tuple[Tensor, ...], rng: torch.Generator) -> Tensor:
    """Return squared error per pixel, and what keeps both identities' codes in one place."""
    posteriors = [pair.posterior(x) for x in both]
    loss = both[0].new_zeros(())
    for i, (x, (mu, log_var)) in enumerate(zip(both, posteriors, strict=True)):
        z = mu + (log_var / 2).exp() * torch.randn(mu.shape, generator=rng, device=mu.device)
        kl = (mu.square() + log_var.exp() - 1 - log_var).sum(1).mean() / 2
        loss = loss + (pair.decode(i, z) - x).square().mean() + KL * kl
    a, b = (mu for mu, _ in posteriors)
    apart = (a.mean(0) - b.mean(0)).square().mean() + (torch.cov(a.T) - torch.cov(b.T)).square().mean()
    return loss + SAME_MOMENTS * apart


@torch.enable_grad()
def _learned(x: Tensor, target: Tensor, loss: nn.Module, rng: torch.Generator) -> nn.Module:
    """Return a small net from flat pictures (N, D) to targets (N, T)."""
    net = nets.mlp([x.shape[1], 128, target.shape[1]], nn.SiLU).to(x.device)
    nets.initialise(net, rng)
    optimiser, schedule = nets.adam_with_cosine(net.parameters(), 2e-3, TELLER_STEPS)
    for _, i in zip(range(TELLER_STEPS), nets.batches(torch.arange(len(x), device=x.device), 128, rng)):
        optimiser.zero_grad(set_to_none=True)
        loss(net(x[i] - 0.5), target[i]).backward()
        optimiser.step()
        schedule.step()
    return _Centred(net.requires_grad_(False))


class _Centred(nn.Module):
    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x - 0.5)


def _reader(frames: Tensor, expression: Tensor, rng: torch.Generator) -> nn.Module:
    """Return what reads an expression off flat pictures of an identity, learnt from real ones."""
    return _learned(frames.flatten(1), expression, nn.MSELoss(), rng)


def _namer(train: list[Tensor], rng: torch.Generator) -> nn.Module:
    """Return what tells the second identity (above 0) from the first, learnt from real frames of both."""
    who = torch.cat([torch.full((len(x), 1), float(i), device=x.device) for i, x in enumerate(train)])
    return _learned(torch.cat(train), who, nn.BCEWithLogitsLoss(), rng)
