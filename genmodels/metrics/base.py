"""Metrics of features: pure functions of the features of generated and of real examples.

Every score is shown between its floor, the score of other real examples, and its ceiling, the score of noise, by the same
`compute`. Features are extracted in `probes/features.py`; metrics that need more (a density, the modes of a toy dataset) are
functions in files of their own.

To add a metric, add a file to this folder with a function and a `Metric` at its top level, and its oracle to tests/metrics;
`registry.discover("genmodels.metrics", Metric)` discovers it, and tests/metrics/test_features.py checks what holds for all.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from genmodels.config import UserError

# Features of N generated, N held-out real and N or more training examples, (., F) each, and a generator -> the score.
Compute = Callable[[Tensor, Tensor, Tensor, torch.Generator], float]


@dataclass(frozen=True)
class Metric:
    """A metric's declaration; `ideal` is the score of a perfect generator in the limit of many examples."""

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
    """Return n random rows without replacement: floors depend on the number of examples, so that it must be equal."""
    if n > len(features):
        raise UserError(f"{n} examples were asked for, there are {len(features)}: ask for fewer")
    return features[torch.randperm(len(features), generator=rng, device=rng.device)[:n].to(features.device)]
