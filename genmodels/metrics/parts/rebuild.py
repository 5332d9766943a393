"""Reconstruction for every model: by its own code of x where it has one, else by searching for the noise x could have come from."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from genmodels.models.base import Inverts, Model, Reconstructs

STEPS = 200  # updates of z that a search is allowed: its budget, told wherever its pictures are shown


Code = Literal["", "encoded", "searched", "invertible"]  # how a model comes by the code: in the one way it has, or in one of two


@dataclass(frozen=True)
class Rebuilt:
    """What a model makes of examples, and in which way."""

    x_hat: Tensor  # (N, *shape), data units
    how: str  # as an axis names it
    code: Code = ""


def way(model: Model | type[Model], steps: int = STEPS) -> str | None:
    """Return how this model rebuilds an example, in words, or None if it cannot."""
    if hasattr(model, "reconstruct"):
        return model.reconstruct_note
    return _search_note(steps) if hasattr(model, "inverting") else None


def rebuild(model: Model, x: Tensor, rng: torch.Generator, steps: int = STEPS) -> Generator[float, None, Rebuilt | None]:
    """Yield the share done; return what the model makes of x (N, *shape), or None if it has neither a code nor a search for one."""
    how = way(model, steps)
    if isinstance(model, Reconstructs):
        return Rebuilt(model.reconstruct(x), str(how))
    if isinstance(model, Inverts):
        found = yield from model.inverting(x, rng, steps)
        return Rebuilt(found.x_hat, str(how))
    return None


def rebuilds(
    model: Model, x: Tensor, rng: torch.Generator, steps: int = STEPS, searched: bool = True
) -> Generator[float, None, list[Rebuilt]]:
    """Yield the share done; return what the model makes of x (N, *shape) in each way it has: by its encoder, by search.

    A model with an encoder is searched only if `searched`.
    """
    results = []
    if isinstance(model, Reconstructs):
        code: Code = "invertible" if model.invertible else "encoded" if isinstance(model, Inverts) else ""
        results.append(Rebuilt(model.reconstruct(x), model.reconstruct_note, code))
    if isinstance(model, Inverts) and (searched or not results):
        inversion = yield from model.inverting(x, rng, steps)
        results.append(Rebuilt(inversion.x_hat, _search_note(steps), "searched"))
    return results


def _search_note(steps: int) -> str:
    return f"latent optimisation, {steps} steps"
