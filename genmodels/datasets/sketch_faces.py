"""Synthetic faces: rendered from thirteen independent factors by signed distances, anti-aliased, 32x32 grey.

They need no download and no licence, and their true factors are known, for latent arithmetic.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from genmodels import device
from genmodels.datasets.base import Arrays, Source

SIZE = 32
N_TRAIN, N_TEST = 18_000, 2_000
CHUNK = 256  # faces drawn at once: their pixels stay in the processor's cache

# Continuous factors run from -1 to 1, uniformly; the others are 0 or 1, each on in a third of the faces.
CONTINUOUS = ("smile", "head width", "eye size", "brow", "hair length", "hair tone", "skin tone", "pose x", "pose y", "light")
ON_OFF = ("glasses", "beard", "hat")
FACTORS = CONTINUOUS + ON_OFF
PAPER = 0.95


def draw_factors(n: int, rng: torch.Generator) -> Tensor:
    """Return n draws of the independent factors, (n, 13)."""
    continuous = torch.rand(n, len(CONTINUOUS), generator=rng) * 2 - 1
    on_off = (torch.rand(n, len(ON_OFF), generator=rng) < 1 / 3).float()
    return torch.cat([continuous, on_off], 1)


def render(factors: Tensor, size: int = SIZE) -> Tensor:
    """Return the faces of factors (n, 13), (n, 1, size, size) in [0, 1]."""
    return torch.cat([_render(part, size) for part in factors.split(CHUNK)])


def _render(factors: Tensor, size: int) -> Tensor:
    f = {name: factors[:, i, None, None] for i, name in enumerate(FACTORS)}  # each (B, 1, 1)
    axis = (torch.arange(size, device=factors.device) + 0.5) / size * 2 - 1
    canvas = _Canvas(axis[None, None, :], axis[None, :, None], PAPER, 2 / size)  # x to the right, y down, both -1 to 1
    width, tall = 0.50 + 0.09 * f["head width"], 0.64
    cx, cy = 0.05 * f["pose x"], 0.10 + 0.03 * f["pose y"]  # of the head; features on it move further, as on a sphere
    fx, fy = cx + 0.13 * f["pose x"], cy + 0.08 * f["pose y"]
    hair, skin = 0.30 + 0.22 * f["hair tone"], 0.76 + 0.12 * f["skin tone"]
    _hair_behind(canvas, f, cx, cy, width, hair)
    canvas.fill(canvas.box(cx, cy + 0.80, width * 0.36, 0.34, 0.1), skin - 0.12)  # neck
    head = canvas.ellipse(cx, cy, width, tall)
    canvas.fill(head, skin + 0.13 * f["light"] * (canvas.x - cx) / width)
    _beard(canvas, f, head, fx, fy, hair)
    _eyes(canvas, f, fx, fy, hair)
    canvas.fill(canvas.capsule(fx + 0.05 * f["pose x"], fy + 0.02, fx + 0.05 * f["pose x"] + 0.03, fy + 0.15, 0.03), skin - 0.22)
    _mouth(canvas, f, fx, fy + 0.34)
    _fringe(canvas, head, cx, cy, width, hair)
    _glasses(canvas, f, fx, fy)
    _hat(canvas, f, cx, cy, width)
    return canvas.ink.clamp(0, 1)[:, None]


def _hair_behind(canvas: "_Canvas", f: Mapping[str, Tensor], cx: Tensor, cy: Tensor, width: Tensor, hair: Tensor) -> None:
    length = 0.42 + 0.42 * f["hair length"]  # how far below the middle of the head it hangs
    cap = canvas.ellipse(cx, cy - 0.10, width + 0.11, 0.70)
    drape = canvas.box(cx, cy - 0.10 + length / 2, width + 0.10, (length / 2).clamp(min=0.02), 0.12)
    below = canvas.y - (cy + length)  # cut the cap where the hair ends
    canvas.fill(torch.minimum(torch.maximum(cap, below), drape), hair)


def _fringe(canvas: "_Canvas", head: Tensor, cx: Tensor, cy: Tensor, width: Tensor, hair: Tensor) -> None:
    crown = torch.maximum(head - 0.05, -canvas.ellipse(cx, cy + 0.16, width * 1.02, 0.62))
    canvas.fill(torch.maximum(crown, canvas.y - cy + 0.12), hair)


def _beard(canvas: "_Canvas", f: Mapping[str, Tensor], head: Tensor, fx: Tensor, fy: Tensor, hair: Tensor) -> None:
    chin = torch.maximum(head, -canvas.ellipse(fx, fy + 0.02, 0.40, 0.42))
    canvas.fill(torch.maximum(chin, fy + 0.10 - canvas.y), hair + 0.08, f["beard"])


def _eyes(canvas: "_Canvas", f: Mapping[str, Tensor], fx: Tensor, fy: Tensor, hair: Tensor) -> None:
    radius = 0.095 + 0.035 * f["eye size"]
    for side in (-1.0, 1.0):
        ex, ey = fx + side * 0.20, fy - 0.10
        canvas.fill(canvas.ellipse(ex, ey, radius * 1.15, radius), torch.ones_like(ex))
        canvas.fill(canvas.ellipse(ex + 0.03 * f["pose x"], ey, radius * 0.55, radius * 0.68), torch.full_like(ex, 0.08))
        inner, outer = ey - 0.17 + 0.07 * f["brow"], ey - 0.17 - 0.07 * f["brow"]  # down towards the nose is cross
        canvas.fill(canvas.capsule(ex - side * 0.10, inner, ex + side * 0.11, outer, 0.032), hair * 0.6)


def _mouth(canvas: "_Canvas", f: Mapping[str, Tensor], mx: Tensor, my: Tensor) -> None:
    half = 0.20 + 0.03 * f["smile"]
    curve = 0.11 * f["smile"]  # of the ends above the middle
    across = (canvas.x - mx) / half
    off_curve = (canvas.y - (my + curve * 0.5 - curve * across.square())) / (1 + (2 * curve * across / half).square()).sqrt()
    canvas.fill(torch.maximum(off_curve.abs() - 0.035, (across.abs() - 1) * half), torch.full_like(mx, 0.12))


def _glasses(canvas: "_Canvas", f: Mapping[str, Tensor], fx: Tensor, fy: Tensor) -> None:
    y = fy - 0.09
    frame = canvas.capsule(fx - 0.06, y - 0.02, fx + 0.06, y - 0.02, 0.018)
    for side in (-1.0, 1.0):
        frame = torch.minimum(frame, canvas.ellipse(fx + side * 0.205, y, 0.155, 0.145).abs() - 0.024)
        frame = torch.minimum(frame, canvas.capsule(fx + side * 0.36, y - 0.02, fx + side * 0.50, y - 0.04, 0.015))
    canvas.fill(frame, torch.full_like(fx, 0.05), f["glasses"])


def _hat(canvas: "_Canvas", f: Mapping[str, Tensor], cx: Tensor, cy: Tensor, width: Tensor) -> None:
    crown = canvas.box(cx, cy - 0.70, width * 0.86, 0.27, 0.10)
    brim = canvas.box(cx, cy - 0.44, width * 1.42, 0.05, 0.05)
    canvas.fill(torch.minimum(crown, brim), torch.full_like(cx, 0.22), f["hat"])
    canvas.fill(canvas.box(cx, cy - 0.53, width * 0.86, 0.045, 0.01), torch.full_like(cx, 0.55), f["hat"])


class _Canvas:
    """Grey sheets (B, H, W) on which shapes are filled; a shape is its signed distance, negative inside."""

    def __init__(self, x: Tensor, y: Tensor, paper: float, pixel: float):
        self.x, self.y, self.pixel = x, y, pixel
        self.ink = torch.tensor(paper, device=x.device)

    def fill(self, distance: Tensor, grey: Tensor, opacity: Tensor | float = 1.0) -> None:
        """Lay `grey` where `distance` is negative, over one pixel's width of blending."""
        cover = (0.5 - distance / self.pixel).clamp_(0, 1)
        self.ink = torch.lerp(self.ink.expand_as(cover), grey.expand_as(cover), cover.mul_(opacity))

    def ellipse(self, cx: Tensor, cy: Tensor, rx: Tensor | float, ry: Tensor | float) -> Tensor:
        """Return the distance to an ellipse, to first order at its edge."""
        u, v = (self.x - cx) / rx, (self.y - cy) / ry
        squares = u.square() + v.square()
        slope = (u / rx).square() + (v / ry).square()
        return (squares - 1) / (2 * slope.clamp(min=1e-6).sqrt())

    def box(self, cx: Tensor, cy: Tensor, rx: Tensor | float, ry: Tensor | float, corner: float) -> Tensor:
        """Return the distance to a box with rounded corners."""
        u, v = (self.x - cx).abs() - rx + corner, (self.y - cy).abs() - ry + corner
        outside = (u.clamp(min=0).square() + v.clamp(min=0).square()).sqrt()
        return outside + torch.maximum(u, v).clamp(max=0) - corner

    def capsule(self, ax: Tensor, ay: Tensor, bx: Tensor, by: Tensor, radius: float) -> Tensor:
        """Return the distance to a line from a to b of half width `radius`."""
        dx, dy = bx - ax, by - ay
        along = (((self.x - ax) * dx + (self.y - ay) * dy) / (dx.square() + dy.square())).clamp(0, 1)
        return ((self.x - ax - along * dx).square() + (self.y - ay - along * dy).square()).sqrt() - radius


def _load() -> Arrays:
    factors = draw_factors(N_TRAIN + N_TEST, device.generator(torch.device("cpu"), 0, "dataset sketch-faces"))
    faces = render(factors)
    return Arrays(faces[:N_TRAIN], faces[N_TRAIN:], attributes=(factors[:N_TRAIN], factors[N_TRAIN:]))


sketch_faces = Source(
    name="sketch-faces",
    title="Sketch faces",
    shape=(1, SIZE, SIZE),
    load=_load,
    draw=lambda n, rng: (render(draw_factors(n, rng)), None),
    about="20,000 drawn faces of nobody, 32x32 grey, from thirteen known factors: smile, glasses, light and ten more.",
    licence="none needed: computed here",
    clusters=20,
    attributes=FACTORS,
)
