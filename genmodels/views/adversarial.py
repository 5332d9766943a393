"""Games as payloads for the browser: each snapshot a few short texts, all sent at once."""

import base64
import itertools
import math
from collections.abc import Sequence
from dataclasses import fields
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
from genmodels.studies.adversarial import GameConfig, GameFinding, Snapshot
from genmodels.studies.adversarial.snapshot import CROSS_ENTROPY, LINES, N_PERFECT, N_POINTS, PER_LINE, Measurement
from genmodels.studies.opinion import OpinionFinding
from genmodels.views import tiles

REACH = 2 * HALF  # points are packed within twice the square: lines that leave it are clipped at its edge, not bent
STRIP_ROWS, STRIP_SNAPSHOTS = 6, 12  # noises, and snapshots of each
PULL_UNIT = 256  # parts to one unit of a gradient, clipped at 127
MEASUREMENTS = [field.name for field in fields(Measurement)]

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
def column(finding: GameFinding, settings: GameConfig) -> dict[str, Any]:
    """Return one game: its title and notes, its real points, and every snapshot with its numbers."""
    return _column(finding, settings, slice(None))


def growing(finding: GameFinding, settings: GameConfig) -> dict[str, Any]:
    """Return a game that is being played: its numbers so far, and of its snapshots the latest."""
    round = f"round {finding.rounds[-1]:,} of {settings.rounds:,}"
    return _column(finding, settings, slice(-1, None)) | {"note": round, "isGrowing": True}


def _column(finding: GameFinding, settings: GameConfig, part: slice) -> dict[str, Any]:
    loss, perfect, rules = settings.loss, settings.perfect, settings.rules()
    tensors = (finding.field, finding.best, finding.fake, finding.pull, finding.grid)
    snapshots = zip(*(tensor[part] for tensor in tensors), strict=True)
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
        "marks": finding.rounds,
        "frames": [_packed(*tensors) for tensors in snapshots],
        "numbers": {name: rounded([getattr(m, name) for m in finding.measurements]) for name in MEASUREMENTS},
        "theory": loss in CROSS_ENTROPY,
    }


def live(snapshot: Snapshot) -> dict[str, Any]:
    """Return the payload of a live snapshot, with its numbers."""
    packed = _packed(to_bytes(snapshot.field), to_bytes(snapshot.best), snapshot.fake, snapshot.pull, snapshot.grid)
    return packed | {"numbers": {name: rounded([getattr(snapshot.measurement, name)])[0] for name in MEASUREMENTS}}


def words(moves: str) -> str:
    """Return the moves in words."""
    names = {"d": "D", "g": "G", "b": "both", "p": "G made perfect"}
    parts = [names[k] if k == "p" else f"{names[k]} ×{len(list(run))}" for k, run in itertools.groupby(moves)]
    return "played: " + ", ".join(parts) if parts else ""


def numbers(finding: GameFinding, settings: GameConfig) -> list[tuple[str, str, str]]:
    """Return name, value and note of the two numbers that theory promises of a perfect generator."""
    last = finding.measurements[-1]
    updates, error = (settings.rounds - settings.warm_up) * settings.k, 0.5 / math.sqrt(2 * N_PERFECT)
    on = f"measured on {N_PERFECT:,} fresh real points and as many fakes, after {updates:,} updates of D against the truth"
    return [
        (f"D's loss when G is right: theory says log 4 = {LOG4:.3f}", f"{last.sample_loss:.3f}", f"Nats, {on}."),
        ("D's accuracy when G is right: theory says 1/2", f"{last.sample_accuracy:.3f}", f"Standard error {error:.3f}; {on}."),
    ]


def method() -> str:
    """Return how the numbers under a game are measured, and the two networks."""
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
    """Return numbers rounded to four digits."""
    return [None if value is None else float(f"{value:.4g}") for value in values]


def _packed(field: Tensor, best: Tensor, fake: Tensor, pull: Tensor, grid: Tensor) -> dict[str, str]:
    return {
        "field": _text(field),
        "best": _text(best),
        "fake": points(fake),
        "pull": _text((pull * PULL_UNIT).clamp(-32767, 32767).round().to(torch.int16)),
        "grid": "" if math.isnan(float(grid[0, 0])) else points(grid),
    }


def _text(values: Tensor) -> str:
    return base64.b64encode(values.contiguous().numpy().tobytes()).decode()


@lru_cache(maxsize=8)
def strip(run: Run, finding: OpinionFinding) -> dict[str, Any]:
    """Return samples of the same noise through the training as one sheet, a row per noise, with D's opinion of each."""
    n = len(finding.snapshot_steps)
    columns = [0, *range(max(1, n - STRIP_SNAPSHOTS + 1), n)]  # snapshots are log-spaced, and samples change late
    pictures = torch.stack([run.snapshot(i)["samples"][:STRIP_ROWS] for i in columns], 1)  # (rows, columns, C, H, W)
    return {
        "sheet": tiles.png_url(tiles.tile(pictures.flatten(0, 1), len(columns))),
        "ink": run.spec.source.ink,
        "marks": [finding.snapshot_steps[i] for i in columns],
        "ranks": _table(finding.ranks, columns),
        "leads": _table(finding.leads, columns),
        "prefers": [round(finding.prefers_real[i], 3) for i in columns],
        "samples": finding.ranks.shape[1],
        "test": finding.n_test,
    }


def _table(values: Tensor, columns: Sequence[int]) -> list[list[float]]:
    return [[round(float(values[i, row]), 3) for i in columns] for row in range(STRIP_ROWS)]
