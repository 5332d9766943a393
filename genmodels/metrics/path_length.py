"""Smoothness of a latent space: perceptual path length over that of a cross-fade between the same two ends.

Perceptual path length (Karras 2019) is the mean squared speed of features along a path of codes. A cross-fade of the two end
pictures passes through double exposures, which are not examples: a smooth decoder reads about 1 or less, one that jumps from one
example to the next as many times that as the path has steps.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.metrics.base import check_features

WHERE = "the path length"
POINTS = 17  # on a path, with both ends
Map = Callable[[Tensor], Tensor]  # of N examples or codes, one by one


def line(a: Tensor, b: Tensor, points: int = POINTS) -> Tensor:
    """Return straight lines from a to b, (N, *) each, in equal steps, (T, N, *): between codes, or a cross-fade of pictures."""
    return torch.stack([torch.lerp(a, b, float(t)) for t in torch.linspace(0, 1, points)])


def arc(a: Tensor, b: Tensor, points: int = POINTS) -> Tensor:
    """Return spherical interpolations from a to b (N, Z), (T, N, Z): codes of N(0, I) keep their length (White 2016)."""
    cosine = torch.nn.functional.cosine_similarity(a, b, dim=1).clamp(-1 + 1e-6, 1 - 1e-6)
    angle = torch.acos(cosine)[:, None]  # (N, 1)
    turns = [(torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle) for t in torch.linspace(0, 1, points)]
    return torch.stack(turns)


def path_length(features: Tensor) -> Tensor:
    """Return the mean squared speed along paths of features (T, N, F), the whole path in one unit of time, (N,)."""
    (x,) = check_features(WHERE, 1, features=features.flatten(0, 1))
    steps = x.reshape(features.shape).diff(dim=0)  # (T - 1, N, F)
    return len(steps) * steps.square().sum((0, 2))


def path_length_ratio(decode: Map, extract: Map, codes: Tensor) -> float:
    """Return the mean path length along codes (T, N, Z) over that of cross-fades between the same N pairs of decoded ends."""
    examples = decode(codes.flatten(0, 1)).unflatten(0, codes.shape[:2])  # (T, N, *shape)
    fade = line(examples[0], examples[-1], len(codes))
    along, across = (path_length(extract(x.flatten(0, 1)).unflatten(0, codes.shape[:2])).mean() for x in (examples, fade))
    if not float(across) > 0:
        raise UserError(f"{WHERE} needs codes that decode to different examples, all ends are the same: there is nothing to cross")
    return float(along / across)
