"""What a metric by features is: a pure function of the features of generated and of real examples.

Every score is shown between its floor, what other real examples read, and its ceiling, what noise reads: the same `compute` with
those in place of the generated ones. Extraction is elsewhere, in `features.py`; what needs more than features (a density, the modes
of a toy) is a function in a file of its own.

To add one: a new file in this folder with a function, its oracle in tests/metrics, and a `Metric` at the file's top level;
tests/metrics/test_features.py then asks of it what all must do, and `registry.discover("genmodels.metrics", Metric)` finds it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from genmodels.config import UserError

# Features of N generated, of N held-out real and of N or more training examples, (., F) each, and chance where needed -> the score.
Compute = Callable[[Tensor, Tensor, Tensor, torch.Generator], float]


@dataclass(frozen=True)
class Metric:
    """A metric's declaration; `ideal` is what a perfect generator reads with examples without number."""

    name: str
    title: str
    better: Literal["lower", "higher", "nearer"]  # nearer: to the ideal, from either side
    ideal: float
    about: str  # one sentence, shown on the page
    compute: Compute


def check_features(where: str, least: int, **features: Tensor) -> tuple[Tensor, ...]:
    """Return the named features (N, F) in float64, or raise one line: differing widths, too few rows, or one that is not finite."""
    widths = {x.shape[1] if x.ndim == 2 else -1 for x in features.values()}
    if len(widths) > 1 or min(widths) < 1:
        shapes = ", ".join(f"{name} {tuple(x.shape)}" for name, x in features.items())
        raise UserError(f"{where} needs features (N, F) with one F for all, got {shapes}: take them by one extractor")
    for name, x in features.items():
        if len(x) < least:
            raise UserError(f"{where} needs at least {least} examples of each kind, {name} has {len(x)}: draw more")
        if not bool(torch.isfinite(x).all()):
            raise UserError(f"{where}: the features called {name} hold NaN or infinity: leave that model out")
    return tuple(x.double() for x in features.values())


def draw(features: Tensor, n: int, rng: torch.Generator) -> Tensor:
    """Return n rows at random, none twice: what is compared must be of equal size, since the floor depends on it."""
    if n > len(features):
        raise UserError(f"{n} examples were asked for, there are {len(features)}: ask for fewer")
    return features[torch.randperm(len(features), generator=rng, device=rng.device)[:n].to(features.device)]
