"""More two-dimensional toy datasets: a rolled sheet, a pinwheel and a checkerboard."""

import math

import torch
from torch import Tensor

from genmodels.datasets.base import Source
from genmodels.datasets.toys2d import LICENCE, toy_arrays

PINWHEEL_ARMS = 5
SQUARES = 4  # to a side of the checkerboard, whose corners are at -2 and 2


def _draw_swiss_roll(n: int, rng: torch.Generator) -> tuple[Tensor, None]:
    turn = 1.5 * math.pi * (1 + 2 * torch.rand(n, generator=rng))  # as in scikit-learn's, seen from the side
    roll = torch.stack([turn * turn.cos(), turn * turn.sin()], 1) / 10
    return roll + 0.02 * torch.randn(n, 2, generator=rng), None


def _draw_pinwheel(n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    labels = torch.randint(PINWHEEL_ARMS, (n,), generator=rng)
    along = 1 + 0.3 * torch.randn(n, generator=rng)
    across = 0.1 * torch.randn(n, generator=rng)
    angle = 2 * math.pi * labels / PINWHEEL_ARMS + 0.25 * along.exp()
    cos, sin = angle.cos(), angle.sin()
    return torch.stack([along * cos - across * sin, along * sin + across * cos], 1), labels


def _draw_checkerboard(n: int, rng: torch.Generator) -> tuple[Tensor, None]:
    column = torch.randint(SQUARES, (n,), generator=rng)
    row = 2 * torch.randint(SQUARES // 2, (n,), generator=rng) + column % 2
    corner = torch.stack([column, row], 1).float()
    return corner + torch.rand(n, 2, generator=rng) - SQUARES / 2, None


def checkerboard_log_density(y: Tensor) -> Tensor:
    """Return log p(y): 1/8 on the eight dark unit squares, zero elsewhere."""
    cell = (y + SQUARES / 2).floor()
    dark = ((cell >= 0) & (cell < SQUARES)).all(1) & (cell.sum(1) % 2 == 0)
    inside = torch.full((len(y),), -math.log(SQUARES**2 / 2), device=y.device, dtype=y.dtype)
    return torch.where(dark, inside, torch.full_like(inside, -math.inf))


swiss_roll = Source(
    name="swiss-roll",
    title="Swiss roll",
    shape=(2,),
    load=toy_arrays("swiss-roll", _draw_swiss_roll),
    draw=_draw_swiss_roll,
    about="A rolled sheet seen from the side, with noise of std .02.",
    licence=LICENCE,
    clusters=24,
)

pinwheel = Source(
    name="pinwheel",
    title="Pinwheel",
    shape=(2,),
    load=toy_arrays("pinwheel", _draw_pinwheel),
    draw=_draw_pinwheel,
    about="Five curved arms of unequal width.",
    licence=LICENCE,
    clusters=15,
    classes=tuple(str(k + 1) for k in range(PINWHEEL_ARMS)),
)

checkerboard = Source(
    name="checkerboard",
    title="Checkerboard",
    shape=(2,),
    load=toy_arrays("checkerboard", _draw_checkerboard),
    draw=_draw_checkerboard,
    about="Uniform on the dark squares of a 4x4 board: sharp edges, nothing in between.",
    licence=LICENCE,
    clusters=32,
    log_density=checkerboard_log_density,
)
