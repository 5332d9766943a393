"""Games as the browser draws them: each photograph a few short texts, all sent once."""

import base64
import itertools
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from genmodels import device
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.metrics.best_discriminator import COUNTED, HALF, LATTICE, LOG4, SIDE
from genmodels.models.parts import game
from genmodels.models.parts.game import D_SIZES, G_SIZES
from genmodels.models.parts.losses import Loss
from genmodels.runs import Run
from genmodels.store import Recording
from genmodels.studies.adversarial import CROSS_ENTROPY, LINES, N_POINTS, N_SETTLED, PER_LINE, Frame, GameConfig
from genmodels.views import tiles

REACH = 2 * HALF  # points are told within twice the square, so that lines that leave it are cut at its edge and not bent
STRIP_ROWS, STRIP_MARKS = 6, 12  # noises, and snapshots of each
PULL_UNIT = 256  # parts to one unit of a gradient, which is told up to 127

NOTES: dict[Loss, str] = {
    "minimax": "G: least E log(1 − D(G(z)))",
    "non-saturating": "G: least −E log D(G(z))",
    "least squares": "real is called 1, fake 0",
    "hinge": "D stops at ±1",
    "wasserstein": "D's mean on real minus on fake; slope kept near 1",
    "relativistic": "real against fake in pairs; R1 and R2",
}
MEANING: dict[Loss, str] = {
    "minimax": "D(x), its probability that x is real",
    "non-saturating": "D(x), its probability that x is real",
    "least squares": "D's number, from 0 to 1",
    "hinge": "D's number, from −1 to 1",
    "wasserstein": "D's number about its middle, above which it is taken to say real, scaled to its largest",
    "relativistic": "sigmoid of D's number about its middle, above which it is taken to say real",
}


@lru_cache(maxsize=12)
def column(finding: Recording, settings: GameConfig) -> dict[str, Any]:
    """Return one game: its words, its real points, and every photograph with its numbers."""
    loss, perfect, rules = settings.loss, settings.perfect, settings.rules()
    taken, numbers = finding.tensors("frames.safetensors"), finding.json("numbers.json")
    marks = numbers.pop("marks")
    return {
        "title": "the perfect generator" if perfect else loss,
        "note": f"fakes are fresh real points, from round {settings.warm_up} on" if perfect else NOTES[loss],
        "meaning": MEANING[loss],
        "side": SIDE,
        "share": HALF / REACH,
        "width": 2 * HALF,
        "unit": PULL_UNIT,
        "lines": [LINES, PER_LINE],
        "real": points(rules.real(N_POINTS, device.generator(game.CPU, rules.seed, "game real points"))),
        "marks": marks,
        "frames": [_packed({name: part[i] for name, part in taken.items()}) for i in range(len(marks))],
        "numbers": {name: rounded(values) for name, values in numbers.items()},
        "theory": loss in CROSS_ENTROPY,
    }


def live(frame: Frame) -> dict[str, Any]:
    """Return a photograph that was taken just now, with its numbers."""
    parts = {name: getattr(frame, name) for name in ("field", "best", "fake", "pull", "grid")}
    for name in ("field", "best"):
        parts[name] = to_bytes(parts[name])
    return _packed(parts) | {"numbers": {name: rounded([value])[0] for name, value in frame.numbers.items()}}


def words(moves: str) -> str:
    """Return in words what was played."""
    names = {"d": "D", "g": "G", "b": "both", "p": "G made perfect"}
    told = [names[k] if k == "p" else f"{names[k]} ×{len(list(run))}" for k, run in itertools.groupby(moves)]
    return "played: " + ", ".join(told) if told else ""


def settled(finding: Recording, settings: GameConfig) -> list[tuple[str, str, str]]:
    """Return name, value and note of the two numbers that theory promises of a perfect generator."""
    numbers = finding.json("numbers.json")
    updates, chance = (settings.rounds - settings.warm_up) * settings.k, 0.5 / math.sqrt(2 * N_SETTLED)
    on = f"measured on {N_SETTLED:,} fresh real points and as many fakes, after {updates:,} updates of D against the truth"
    loss, accuracy = numbers["seen_loss"][-1], numbers["seen_accuracy"][-1]
    return [
        (f"D's loss when G is right: theory says log 4 = {LOG4:.3f}", f"{loss:.3f}", f"Nats, {on}."),
        ("D's accuracy when G is right: theory says 1/2", f"{accuracy:.3f}", f"Standard error {chance:.3f}; {on}."),
    ]


def measured() -> str:
    """Return on what the numbers under a game are measured, and with which players."""
    return (
        f"Best D, accuracy and JSD on {SIDE}×{SIDE} cells of the square: p by quadrature, G's density q by {LATTICE:,} evenly "
        f"spread noises. A finer eye could tell a little more; counting adds about {COUNTED}, which an exact generator reads for "
        f"0. G: 2 → {G_SIZES[1]} → {G_SIZES[2]} → 2; D: {D_SIZES[1]} and {D_SIZES[2]} units on x and its waves; batches of "
        f"{game.BATCH}; no penalty but for wasserstein and "
        "relativistic."
    )


def points(x: Tensor) -> str:
    """Return points (N, 2) as a short text, within twice the square."""
    return tiles.points_text(x, torch.tensor([-REACH, -REACH]), torch.tensor([REACH, REACH]))


def rounded(values: Sequence[float | None]) -> list[float | None]:
    """Return numbers with as many digits as are drawn."""
    return [None if value is None else float(f"{value:.4g}") for value in values]


def _packed(parts: Mapping[str, Tensor]) -> dict[str, str]:
    grid = parts["grid"]
    pull = (parts["pull"] * PULL_UNIT).clamp(-32767, 32767).round()
    return {
        "field": _text(parts["field"]),
        "best": _text(parts["best"]),
        "fake": points(parts["fake"]),
        "pull": _text(pull.to(torch.int16)),
        "grid": "" if not len(grid) or math.isnan(float(grid[0, 0])) else points(grid),
    }


def _text(values: Tensor) -> str:
    return base64.b64encode(values.contiguous().numpy().tobytes()).decode()


@lru_cache(maxsize=8)
def strip(run: Run, finding: Recording) -> dict[str, Any]:
    """Return samples of the same noise through the training as one sheet, a row a noise, with D's opinion of each."""
    opinions, told = finding.tensors("opinions.safetensors"), finding.json("opinion.json")
    shown = [0, *range(max(1, len(told["marks"]) - STRIP_MARKS + 1), len(told["marks"]))]  # log-spaced: what changes is late
    pictures = torch.stack([run.snapshot(i)["samples"][:STRIP_ROWS] for i in shown], 1)  # (rows, marks, C, H, W)
    return {
        "sheet": tiles.png_url(tiles.tile(pictures.flatten(0, 1), len(shown))),
        "ink": run.spec.source.ink,
        "marks": [told["marks"][i] for i in shown],
        **{
            name: [[round(float(table[i, row]), 3) for i in shown] for row in range(STRIP_ROWS)] for name, table in opinions.items()
        },
        "prefers": [round(told["prefers_real"][i], 3) for i in shown],
        "samples": opinions["ranks"].shape[1],
        "test": told["test"],
    }
