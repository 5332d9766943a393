"""Reconstruction for every model: by its own code of x where it has one, else by searching for the noise x could have come from."""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.models.base import Inverts, Model, Reconstructs

STEPS = 200  # updates of z that a search is allowed: its budget, told wherever its pictures are shown


@dataclass(frozen=True)
class Rebuilt:
    """What a model makes of examples, and in which way."""

    x_hat: Tensor  # (N, *shape), data units
    how: str  # as an axis names it


def way(model: Model | type[Model], steps: int = STEPS) -> str | None:
    """Return how this model rebuilds an example, in words, or None if it cannot."""
    if hasattr(model, "reconstruct"):
        return model.reconstruct_note
    return f"latent optimisation, {steps} steps" if hasattr(model, "invert") else None


def rebuild(model: Model, x: Tensor, rng: torch.Generator, steps: int = STEPS) -> Generator[float, None, Rebuilt | None]:
    """Yield the share done; return what the model makes of x (N, *shape), or None if it has neither a code nor a search for one."""
    how = way(model, steps)
    if isinstance(model, Reconstructs):
        return Rebuilt(model.reconstruct(x), str(how))
    if isinstance(model, Inverts):
        found = yield from model.inverting(x, rng, steps)
        return Rebuilt(found.x_hat, str(how))
    return None
