"""Reconstruction by any model: by its own code of x where it has one, else by a search for a code."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from genmodels.models.base import Inverts, Model, Reconstructs

STEPS = 200  # updates of z in a search, shown with its pictures


Code = Literal["", "encoded", "searched", "invertible"]  # the source of the code: the only one, or one of two


@dataclass(frozen=True)
class Rebuilt:
    """Reconstructions of examples and how they were made."""

    x_hat: Tensor  # (N, *shape), data units
    how: str  # as an axis names it
    code: Code = ""


def way(model: Model | type[Model], steps: int = STEPS) -> str | None:
    """Return a description of how this model reconstructs an example, or None if it cannot."""
    if hasattr(model, "reconstruct"):
        return model.reconstruct_note
    return _search_note(steps) if hasattr(model, "inverting") else None


def rebuild(model: Model, x: Tensor, rng: torch.Generator, steps: int = STEPS) -> Generator[float, None, Rebuilt | None]:
    """Yield the progress; return the reconstructions of x (N, *shape), or None if the model has neither codes nor a search."""
    how = way(model, steps)
    if isinstance(model, Reconstructs):
        return Rebuilt(model.reconstruct(x), str(how))
    if isinstance(model, Inverts):
        inversion = yield from model.inverting(x, rng, steps)
        return Rebuilt(inversion.x_hat, str(how))
    return None


def rebuilds(
    model: Model, x: Tensor, rng: torch.Generator, steps: int = STEPS, searched: bool = True
) -> Generator[float, None, list[Rebuilt]]:
    """Yield the progress; return the reconstructions of x (N, *shape) in each way the model has: by its encoder, by search.

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
