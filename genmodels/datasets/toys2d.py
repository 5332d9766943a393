"""Two-dimensional toy datasets; where the density is known, its logarithm is given in nats."""

import math
from collections.abc import Callable

import torch
from sklearn.datasets import make_moons
from torch import Tensor

from genmodels import device
from genmodels.datasets.base import Arrays, Draw, Source

N_TRAIN, N_TEST = 20_000, 4_000
LICENCE = "none needed: computed here"


def toy_arrays(name: str, draw: Draw) -> Callable[[], Arrays]:
    """Return the function that draws train and test points and labels, the same at every call."""

    def load() -> Arrays:
        rng = device.generator(torch.device("cpu"), 0, f"dataset {name}")
        x, labels = draw(N_TRAIN + N_TEST, rng)
        if labels is None:
            return Arrays(x[:N_TRAIN], x[N_TRAIN:])
        return Arrays(x[:N_TRAIN], x[N_TRAIN:], labels[:N_TRAIN], labels[N_TRAIN:])

    return load


def _draw_ring(n: int, rng: torch.Generator) -> tuple[Tensor, None]:
    x = torch.randn(n, 2, generator=rng)
    return x / 10 + x / x.norm(dim=1, keepdim=True), None


def ring_log_density(y: Tensor) -> Tensor:
    """Return log p(y) for y = x/10 + x/||x||: with s = ||y||, r = 10 (s - 1), |dy/dx| = (s/r)/10 on s > 1, else zero density."""
    s = y.norm(dim=1)
    r = 10 * (s - 1)
    inside = r > 0
    safe = torch.where(inside, r, torch.ones_like(r))
    log_p = -math.log(2 * math.pi) - safe**2 / 2 + torch.log(10 * safe / s)
    return torch.where(inside, log_p, torch.full_like(log_p, -math.inf))


def _draw_gaussians(centres: Tensor, std: float) -> Draw:
    def draw(n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
        labels = torch.randint(len(centres), (n,), generator=rng)
        return centres[labels] + std * torch.randn(n, 2, generator=rng), labels

    return draw


def gaussians_log_density(centres: Tensor, std: float) -> Callable[[Tensor], Tensor]:
    """Return log p(y) of an equal mixture of round Gaussians."""

    def log_density(y: Tensor) -> Tensor:
        squares = (y[:, None] - centres.to(y)).square().sum(-1) / (2 * std**2)  # (N, K)
        return torch.logsumexp(-squares, 1) - math.log(len(centres) * 2 * math.pi * std**2)

    return log_density


def _draw_moons(n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    seed = int(torch.randint(2**31 - 1, (1,), generator=rng))
    points, labels = make_moons(n, noise=0.05, random_state=seed)
    return torch.tensor(points, dtype=torch.float32), torch.tensor(labels, dtype=torch.int64)


def _draw_spirals(n: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    turn = 3 * math.pi * torch.rand(n, generator=rng).sqrt()  # the root spreads points evenly along the arm
    labels = torch.randint(2, (n,), generator=rng)
    angle = turn + math.pi * labels
    arm = torch.stack([angle.cos(), angle.sin()], 1) * turn[:, None] / (3 * math.pi)
    return arm + 0.02 * torch.randn(n, 2, generator=rng), labels


# Eight angles without their end point: a closed linspace would count one centre twice and leave seven modes.
_RING_ANGLES = torch.arange(8) * (2 * math.pi / 8)
_RING_CENTRES = torch.stack([_RING_ANGLES.cos(), _RING_ANGLES.sin()], 1)
_GRID_CENTRES = torch.cartesian_prod(torch.arange(-4.0, 5, 2), torch.arange(-4.0, 5, 2))

ring = Source(
    name="ring",
    title="Ring",
    shape=(2,),
    load=toy_arrays("ring", _draw_ring),
    draw=_draw_ring,
    about="The lecture's ring: y = x/10 + x/||x|| of a standard normal x in the plane.",
    licence=LICENCE,
    clusters=12,
    log_density=ring_log_density,
)

gaussians_8 = Source(
    name="gaussians-8",
    title="8 Gaussians",
    shape=(2,),
    load=toy_arrays("gaussians-8", _draw_gaussians(_RING_CENTRES, 0.01)),
    draw=_draw_gaussians(_RING_CENTRES, 0.01),
    about="Eight narrow Gaussians (std .01) on the unit circle: does a model find them all?",
    licence=LICENCE,
    clusters=8,
    classes=tuple("12345678"),
    log_density=gaussians_log_density(_RING_CENTRES, 0.01),
    modes=_RING_CENTRES,
    mode_std=0.01,
)

grid_25 = Source(
    name="grid-25",
    title="25 Gaussians",
    shape=(2,),
    load=toy_arrays("grid-25", _draw_gaussians(_GRID_CENTRES, 0.05)),
    draw=_draw_gaussians(_GRID_CENTRES, 0.05),
    about="Twenty-five narrow Gaussians (std .05) on a grid of spacing 2.",
    licence=LICENCE,
    clusters=25,
    classes=tuple(str(k + 1) for k in range(25)),
    log_density=gaussians_log_density(_GRID_CENTRES, 0.05),
    modes=_GRID_CENTRES,
    mode_std=0.05,
)

moons = Source(
    name="moons",
    title="Moons",
    shape=(2,),
    load=toy_arrays("moons", _draw_moons),
    draw=_draw_moons,
    about="Two interleaved half circles with noise of std .05.",
    licence=LICENCE,
    clusters=12,
    classes=("upper", "lower"),
)

spirals = Source(
    name="spirals",
    title="Spirals",
    shape=(2,),
    load=toy_arrays("spirals", _draw_spirals),
    draw=_draw_spirals,
    about="Two spiral arms of one and a half turns with noise of std .02.",
    licence=LICENCE,
    clusters=24,
    classes=("first", "second"),
)
