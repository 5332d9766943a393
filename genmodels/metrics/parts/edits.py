"""Edits of pictures without a model, such as a shift, a blur or a stray stroke, as references for error and realism.

Each edit takes pictures (N, C, H, W) in [0, 1] and a generator and returns as many; the change scales with the picture's size.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import UserError

Change = Callable[[Tensor, Tensor, torch.Generator], Tensor]  # pictures, training pictures, generator -> changed pictures

NOISE_STD = 0.15
TRIES = 32  # random places for a missing piece, of which the one with the most ink is chosen


@dataclass(frozen=True)
class Edit:
    """An edit of pictures; `about` describes it in a few words."""

    name: str
    title: str
    about: str
    change: Change


def edit(name: str, x: Tensor, train: Tensor, rng: torch.Generator) -> Tensor:
    """Return pictures x (N, C, H, W) changed by the edit of that name; some edits use the training pictures (M, C, H, W)."""
    if x.ndim != 4 or x.shape[1:] != train.shape[1:]:
        raise UserError(f"edits need pictures (N, C, H, W) of one shape, got {tuple(x.shape)} and {tuple(train.shape)}")
    return EDITS[name].change(x, train, rng)


def shift(x: Tensor, by: int, rng: torch.Generator) -> Tensor:
    """Return x shifted by so many pixels, each picture in the direction that loses least; the edge line is repeated behind it.

    The loss is the variance of the lines that leave and of the line that is repeated.
    """
    shifted, losses = [], []
    for quarter in range(4):
        rotated = x.rot90(quarter, (2, 3))
        padded = F.pad(rotated, (0, by, 0, 0), mode="replicate")[..., by:]  # to the left
        shifted.append(padded.rot90(-quarter, (2, 3)))
        lines = torch.cat([rotated[..., :by], rotated[..., -1:]], 3)  # (N, C, H, by + 1)
        losses.append(lines.var(2).sum((1, 2)))
    loss = torch.stack(losses, 1)  # (N, 4)
    even = 1e-4 * torch.rand(loss.shape, generator=rng, device=rng.device).to(loss)  # random tie-break
    return torch.stack(shifted, 1)[torch.arange(len(x), device=x.device), (loss + even).argmin(1)]


def blur(x: Tensor, sigma: float) -> Tensor:
    """Return x smoothed by a Gaussian of standard deviation sigma pixels; edges are replicated."""
    reach = math.ceil(3 * sigma)
    offsets = torch.arange(-reach, reach + 1, dtype=x.dtype, device=x.device)
    kernel = torch.softmax(-(offsets**2) / (2 * sigma**2), 0)
    flat = F.pad(x.flatten(0, 1)[:, None], (reach,) * 4, mode="replicate")  # (N C, 1, H + 2r, W + 2r)
    across = F.conv2d(flat, kernel[None, None, None, :])
    return F.conv2d(across, kernel[None, None, :, None])[:, 0].reshape(x.shape)


def _side(x: Tensor) -> int:
    return min(x.shape[2:])


def far(x: Tensor) -> Tensor:
    """Return black or white, whichever is further from each picture's own background, (N, 1, 1, 1)."""
    return (background(x).mean(1, keepdim=True) < 0.5).to(x)


def background(x: Tensor) -> Tensor:
    """Return the median of each picture's edge, channel by channel, (N, C, 1, 1)."""
    edge = torch.cat([x[..., 0, :], x[..., -1, :], x[..., :, 0], x[..., :, -1]], 2)  # (N, C, 2 H + 2 W)
    return edge.median(2).values[..., None, None]


def _noise(x: Tensor, rng: torch.Generator) -> Tensor:
    eps = torch.randn(x.shape, generator=rng, device=rng.device).to(x)
    return (x + NOISE_STD * eps).clamp(0, 1)


def _stray_pixel(x: Tensor, rng: torch.Generator) -> Tensor:
    """Turn one pixel, anywhere, to the far end of its range."""
    n, c, h, w = x.shape
    place = torch.randint(h * w, (n,), generator=rng, device=rng.device).to(x.device)
    at = F.one_hot(place, h * w).bool().reshape(n, 1, h, w)
    return torch.where(at, (x.mean(1, keepdim=True) < 0.5).to(x).expand_as(x), x)


def segment(x: Tensor, length: Tensor | float, thick: Tensor | float, rng: torch.Generator) -> Tensor:
    """Return the coverage of each pixel of x (N, C, H, W) by a straight line at a random place, (N, 1, H, W).

    Its length and thickness are in pixels, one for all or (N, 1, 1) each; its edge is soft.
    """
    n, _, h, w = x.shape
    u = torch.rand(3, n, 1, 1, generator=rng, device=rng.device).to(x)
    angle = u[0] * math.pi
    dx, dy = angle.cos() * length / 2, angle.sin() * length / 2
    cx = dx.abs() + u[1] * (w - 1 - 2 * dx.abs())  # so that it lies within
    cy = dy.abs() + u[2] * (h - 1 - 2 * dy.abs())
    columns = torch.arange(w, dtype=x.dtype, device=x.device)[None, None, :] - cx
    rows = torch.arange(h, dtype=x.dtype, device=x.device)[None, :, None] - cy
    along = ((columns * dx + rows * dy) / (length / 2) ** 2).clamp(-1, 1)
    distance = torch.hypot(columns - along * dx, rows - along * dy)  # (N, H, W)
    return (thick / 2 + 0.5 - distance).clamp(0, 1)[:, None]


def _stray_stroke(x: Tensor, rng: torch.Generator) -> Tensor:
    """Draw a straight line across a third of the picture, a sixteenth of it thick and at least a pixel, with a soft edge."""
    return torch.lerp(x, far(x).expand_as(x), segment(x, _side(x) / 3, max(1.0, _side(x) / 16), rng))


def painted(x: Tensor, size: tuple[int, int], tries: int, rng: torch.Generator) -> Tensor:
    """Return the mask of a rectangle of that height and width, (N, 1, H, W): of `tries` random places, where x loses most."""
    n, _, h, w = x.shape
    u = torch.rand(2, n, tries, generator=rng, device=rng.device).to(x)
    top, left = ((u[i] * (whole - side + 1)).long() for i, (whole, side) in enumerate(zip((h, w), size, strict=True)))  # (N, tries)
    loss = (x - background(x)).square().sum(1)  # (N, H, W)
    sums = F.pad(loss.cumsum(1).cumsum(2), (1, 0, 1, 0))
    who = torch.arange(n, device=x.device)[:, None]
    bottom, right = top + size[0], left + size[1]
    lost = sums[who, bottom, right] - sums[who, top, right] - sums[who, bottom, left] + sums[who, top, left]
    best = lost.argmax(1)
    row, column = top[who[:, 0], best][:, None], left[who[:, 0], best][:, None]
    rows, columns = torch.arange(h, device=x.device), torch.arange(w, device=x.device)
    within_rows, within_columns = (rows >= row) & (rows < row + size[0]), (columns >= column) & (columns < column + size[1])
    return (within_rows[:, None, :, None] & within_columns[:, None, None, :]).to(x)


def _missing_piece(x: Tensor, rng: torch.Generator) -> Tensor:
    """Paint a square over with the picture's background: of some places at random, where the most is lost."""
    side = max(2, round(_side(x) / 4))
    return torch.where(painted(x, (side, side), TRIES, rng) > 0, background(x), x)


def _nearest(x: Tensor, train: Tensor) -> Tensor:
    return train[torch.cdist(x.flatten(1), train.flatten(1)).argmin(1)]


EDITS = {
    entry.name: entry
    for entry in (
        Edit("identity", "the picture itself", "unchanged", lambda x, train, rng: x.clone()),
        Edit("shift1", "shifted 1 px", "moved by one pixel, the way it loses least", lambda x, train, rng: shift(x, 1, rng)),
        Edit("shift2", "shifted 2 px", "moved by two pixels, the way it loses least", lambda x, train, rng: shift(x, 2, rng)),
        Edit("blur", "blurred", "smoothed by a Gaussian", lambda x, train, rng: blur(x, max(0.6, _side(x) / 40))),
        Edit("noise", "noised", f"Gaussian noise of deviation {NOISE_STD:g}", lambda x, train, rng: _noise(x, rng)),
        Edit("pixel", "stray pixel", "one pixel turned over", lambda x, train, rng: _stray_pixel(x, rng)),
        Edit("stroke", "stray stroke", "a line across a third of it", lambda x, train, rng: _stray_stroke(x, rng)),
        Edit("missing", "missing piece", "a square painted over", lambda x, train, rng: _missing_piece(x, rng)),
        Edit(
            "mean", "training mean", "the mean of all training pictures", lambda x, train, rng: train.mean(0).expand_as(x).clone()
        ),
        Edit("nearest", "nearest in training", "the training picture nearest by pixels", lambda x, train, rng: _nearest(x, train)),
    )
}
