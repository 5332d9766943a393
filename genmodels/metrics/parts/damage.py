"""Random damage to pictures: training data for judges of realism, besides the outputs of models.

Every call draws kinds, places, sizes and strengths at random, from hardly visible to unrecognisable. The gallery's edits belong to
this family, each of one size and strength; so does most of what a brush can do.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.metrics.parts.edits import background, blur, far, painted, segment

Damage = Callable[[Tensor, Tensor, torch.Generator], Tensor]  # pictures, others that lend pieces, generator -> damaged pictures

TWICE = 0.25  # fraction of pictures that are damaged twice, mostly in different ways
EVEN = 0.005  # negligible fraction of a picture's ink: of two sides with less, either is chosen


def damage(x: Tensor, others: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return pictures x (N, C, H, W) damaged, in random order, and each one's kind, (N,); others (N, C, H, W) lend pieces."""
    weights = [float(weight) for _, weight in KINDS.values()]
    kind = torch.multinomial(torch.tensor(weights, device=rng.device), len(x), replacement=True, generator=rng).to(x.device)
    kind = kind.sort().values
    counts = kind.bincount(minlength=len(KINDS)).tolist()
    parts = zip(KINDS.values(), x.split(counts), others.split(counts), strict=True)
    once = torch.cat([apply(part, other, rng) for (apply, _), part, other in parts if len(part)])
    order = torch.randperm(len(x), generator=rng, device=rng.device).to(x.device)
    once, lenders, again = once[order], others[order], int(TWICE * len(x))
    functions = [apply for apply, _ in KINDS.values()]
    apply = functions[int(torch.randint(len(functions), (), generator=rng, device=rng.device))]
    twice = apply(once[:again], lenders[:again], rng) if again else once[:0]
    return torch.cat([twice, once[again:]]), kind[order]


def displaced(x: Tensor, most: int, rng: torch.Generator) -> Tensor:
    """Return x (N, C, H, W), each picture moved by up to `most` pixels along one axis or both, to the side where it loses less.

    Lines at the edge are repeated where a picture came from.
    """
    n, c, _, w = x.shape
    pixels = torch.randint(most + 1, (2, n), generator=rng, device=rng.device).to(x.device)  # down, to the right
    axis = torch.randint(4, (n,), generator=rng, device=rng.device).to(x.device)  # 0 and 1: along this one not at all
    pixels = pixels * (axis != torch.arange(2, device=x.device)[:, None])
    ink = (x - background(x)).square().sum(1)  # (N, H, W)
    rows, columns = (_sources(ink.sum(2 - i), pixels[i], rng) for i in (0, 1))
    flat = (rows[:, :, None] * w + columns[:, None, :]).flatten(1)  # (N, H W)
    return x.flatten(2).gather(2, flat[:, None].expand(-1, c, -1)).reshape(x.shape)


def _sources(ink: Tensor, pixels: Tensor, rng: torch.Generator) -> Tensor:
    """Return for each line the source line, (N, L), when lines with this ink (N, L) are shifted by these pixels (N,)."""
    slight = EVEN * ink.sum(1, keepdim=True) + 1e-12
    losses = [F.pad(lines.cumsum(1), (1, 0)).gather(1, pixels[:, None]) + slight for lines in (ink, ink.flip(1))]
    back, forth = (loss.square() for loss in losses)
    u = torch.rand(back.shape, generator=rng, device=rng.device).to(ink)
    shift = torch.where(u * (back + forth) < forth, 1, -1) * pixels[:, None]
    return (torch.arange(ink.shape[1], device=ink.device) + shift).clamp(0, ink.shape[1] - 1)


def _uniform(low: float, high: float, n: int, rng: torch.Generator) -> Tensor:
    return (low + (high - low) * torch.rand(n, generator=rng, device=rng.device))[:, None, None, None]


def _log_uniform(low: float, high: float, n: int, rng: torch.Generator) -> Tensor:
    return low * (math.log(high / low) * _uniform(0, 1, n, rng)).exp()


def _blurred(x: Tensor, others: Tensor, rng: torch.Generator) -> Tensor:
    return blur(x, float(_log_uniform(0.4, max(1.5, min(x.shape[2:]) / 12), 1, rng)))


def _noised(x: Tensor, others: Tensor, rng: torch.Generator) -> Tensor:
    """Add Gaussian noise, to all pixels or to some."""
    eps = torch.randn(x.shape, generator=rng, device=rng.device).to(x)
    where = torch.rand(x[:, :1].shape, generator=rng, device=rng.device).to(x) < _log_uniform(0.1, 2, len(x), rng).to(x)
    return (x + _log_uniform(0.04, 0.6, len(x), rng).to(x) * eps * where).clamp(0, 1)


def _specked(x: Tensor, others: Tensor, rng: torch.Generator) -> Tensor:
    """Turn some pixels towards the far end of their range."""
    n, _, h, w = x.shape
    count = int(_log_uniform(1, max(3.0, h * w / 50), 1, rng))
    places = torch.rand(n, h * w, generator=rng, device=rng.device).topk(count, 1).indices.to(x.device)
    specks = torch.zeros(n, h * w, device=x.device).scatter_(1, places, 1.0).reshape(n, 1, h, w)
    return torch.lerp(x, (x.mean(1, keepdim=True) < 0.5).to(x).expand_as(x), specks * _uniform(0.4, 1, n, rng).to(x))


def _scratched(x: Tensor, others: Tensor, rng: torch.Generator) -> Tensor:
    """Draw a straight line."""
    n, side = len(x), min(x.shape[2:])
    length = side * _log_uniform(0.12, 1, n, rng).to(x)
    thick = (side / 16 * _log_uniform(0.6, 4, n, rng)).clamp(min=0.8).to(x)
    cover = segment(x, length[..., 0], thick[..., 0], rng)
    plain = _uniform(0, 1, n, rng).to(x) < 0.6
    shade = torch.where(plain, far(x).expand(-1, x.shape[1], -1, -1), _shade(x, rng))
    return torch.lerp(x, shade.expand_as(x), cover * _uniform(0.4, 1, n, rng).to(x))


def _pieced(x: Tensor, others: Tensor, rng: torch.Generator) -> Tensor:
    """Paint a rectangle over: of some places, where most is lost."""
    size = (_part(x, 2, rng), _part(x, 3, rng))
    piece = painted(x, size, int(_log_uniform(1, 33, 1, rng)), rng)
    return torch.lerp(x, _shade(x, rng).expand_as(x), piece * _uniform(0.5, 1, len(x), rng).to(x))


def _patched(x: Tensor, others: Tensor, rng: torch.Generator) -> Tensor:
    """Put a rectangle of another picture in its place."""
    return torch.where(painted(x, (_part(x, 2, rng), _part(x, 3, rng)), 1, rng) > 0, others, x)


def _mixed(x: Tensor, others: Tensor, rng: torch.Generator) -> Tensor:
    """Lay another picture over, or the mean of all others, or something between."""
    mean = others.mean(0, keepdim=True).expand_as(x)
    over = torch.lerp(others, mean, _uniform(0, 2, len(x), rng).to(x).clamp(max=1))
    return torch.lerp(x, over, _uniform(0.2, 1.6, len(x), rng).to(x).clamp(max=1))  # often nothing but the mean


def _faded(x: Tensor, others: Tensor, rng: torch.Generator) -> Tensor:
    """Change contrast and brightness."""
    n, paper = len(x), background(x)
    contrast, brightness = _log_uniform(0.3, 2, n, rng), _uniform(-0.2, 0.2, n, rng) * _uniform(0, 1, n, rng)
    return (paper + (x - paper) * contrast.to(x) + brightness.to(x)).clamp(0, 1)


def _part(x: Tensor, axis: int, rng: torch.Generator) -> int:
    """Return a number of pixels from an eighth to seven tenths of a side."""
    return max(1, round(x.shape[axis] * float(_log_uniform(0.12, 0.7, 1, rng))))


def _shade(x: Tensor, rng: torch.Generator) -> Tensor:
    """Return a paint for each picture: its background, black or white, or a grey, (N, C, 1, 1)."""
    choice = torch.randint(4, (len(x), 1, 1, 1), generator=rng, device=rng.device).to(x.device)
    paper = background(x)
    grey = _uniform(0, 1, len(x), rng).to(x).expand_as(paper)
    return torch.where(choice < 2, paper, torch.where(choice == 2, far(x).expand_as(paper), grey))


KINDS: dict[str, tuple[Damage, float]] = {  # with their weights: small damage is hard to see, and trained more
    "blurred": (_blurred, 1),
    "noised": (_noised, 1),
    "specked": (_specked, 2),
    "scratched": (_scratched, 2),
    "pieced": (_pieced, 3),
    "patched": (_patched, 1),
    "mixed": (_mixed, 1),
    "faded": (_faded, 1),
}
