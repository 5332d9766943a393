"""A deepfake that harms nobody: encode frames of one drawn identity, decode them with the other's decoder.

Both identities are factors of `sketch_faces` that nobody has, so what the swap should show is known: the other identity with this
one's expression, rendered. A detector learns real frames from swapped ones on one half, and is judged on the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genmodels.config import Config, knob
from genmodels.datasets.sketch_faces import FACTORS, SIZE, render
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding
from genmodels.studies.swap import pair
from genmodels.studies.swap.judge import Judge, Judgement, expression_net, identity_net

IDENTITIES: dict[str, dict[str, float]] = {
    "Ada": {"head width": -0.7, "eye size": 0.8, "hair length": 0.9, "hair tone": -0.7, "skin tone": 0.6},
    "Ben": {"head width": 0.7, "eye size": -0.6, "hair length": -0.9, "hair tone": 0.6, "skin tone": -0.6, "hat": 1.0},
}
# Factors that vary from frame to frame, and their half ranges. With the full range of poses, smiles are learned late.
EXPRESSION = {"smile": 1.0, "brow": 1.0, "pose x": 0.35, "pose y": 0.35, "light": 1.0}
N_TRAIN, N_TEST, N_SHEET = 2000, 400, 8  # frames of each identity to learn from, to judge on, and of these to draw
PROGRESS = (0.02, 0.1, 0.3, 1.0)  # of the training, where the swap is judged: from bad fakes to good ones


@dataclass(frozen=True, eq=False)
class SwapFinding(Finding):
    """Ada's frames as Ben after several numbers of updates, with what judges say of them."""

    expression: list[str]
    judgements: list[Judgement]
    source: Tensor  # (N_SHEET, 1, H, W) Ada's frames
    true: Tensor  # (N_SHEET, 1, H, W) Ben with Ada's expressions
    fakes: Tensor  # (judgements, N_SHEET, 1, H, W) Ada's frames, swapped


class SwapConfig(Config):
    """Settings of the study."""

    code: int = knob(8, "Numbers in the shared code.", ge=1, le=64, log=True, label="code")
    steps: int = knob(2500, "Updates, of both decoders and the encoder they share.", ge=50, le=20_000, log=True)
    seed: int = knob(0, "Of frames and weights.", ge=0, le=1000)


class Swap(Study):
    """Trains the pair, swaps, and measures how well expression and identity come out, and whether a detector can tell."""

    name = "swap"
    title = "Identities swapped"
    version = 3
    Settings = SwapConfig
    seconds = 30.0
    settings: SwapConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the preset."""
        return [([], {})]

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Train, and judge the swap of the test frames at several steps."""
        s, rng = self.settings, context.rng(self.settings.seed, "swap")
        expressions = {name: draw_expressions(N_TRAIN + N_TEST, rng) for name in IDENTITIES}
        frames = {name: frames_of(name, expressions[name]) for name in IDENTITIES}
        train = [frames[name][:N_TRAIN].flatten(1) for name in IDENTITIES]
        true = frames_of("Ben", expressions["Ada"][N_TRAIN:])
        judge = Judge(
            true=true.flatten(1),
            real=frames["Ben"][N_TRAIN:].flatten(1),
            expression=expressions["Ada"][N_TRAIN:],
            expression_net=expression_net(train[1], expressions["Ben"][:N_TRAIN], context.rng(s.seed, "reader")),
            identity_net=identity_net(train, context.rng(s.seed, "namer")),
        )
        judgements, fakes, source = [], [], frames["Ada"][N_TRAIN:]
        nets, at = pair.Pair(s.code).to(context.where), {max(1, round(progress * s.steps)) for progress in PROGRESS}
        for step in pair.fit(nets, train, s.steps, rng):
            if step in at:
                fake = nets.decode(1, nets.encode(source.flatten(1))).clamp(0, 1)
                detector, floor = (context.rng(s.seed, f"{name} {step}") for name in ("detector", "floor"))
                judgements.append(judge.judge(step, fake, detector, floor))
                fakes.append(fake[:N_SHEET].reshape(-1, 1, SIZE, SIZE))
            if step % 20 == 0:
                yield step / s.steps
        SwapFinding(list(EXPRESSION), judgements, source[:N_SHEET], true[:N_SHEET], torch.stack(fakes)).write(context)


def frames_of(identity: str, expression: Tensor) -> Tensor:
    """Return an identity with each of the expressions (N, E), (N, 1, 32, 32)."""
    factors = torch.zeros(len(expression), len(FACTORS), device=expression.device)
    for name, value in IDENTITIES[identity].items():
        factors[:, FACTORS.index(name)] = value
    for i, name in enumerate(EXPRESSION):
        factors[:, FACTORS.index(name)] = expression[:, i]
    return render(factors)


def draw_expressions(n: int, rng: torch.Generator) -> Tensor:
    """Return n expressions (n, E), uniform in their ranges."""
    unit = torch.rand(n, len(EXPRESSION), generator=rng, device=rng.device) * 2 - 1
    return unit * torch.tensor(list(EXPRESSION.values()), device=rng.device)
