"""How the recording of a spec is made in this process: first what the spec needs, then the recording itself."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import torch

from genmodels.config import UserError
from genmodels.runs.spec import Spec
from genmodels.store import Recording, Store


class Stopped(Exception):
    """The work was stopped on request; it leaves nothing."""


@dataclass(frozen=True)
class Part:
    """A spec whose recording is missing, and the stretch that its work is of the progress of the whole."""

    spec: Spec
    start: float
    end: float

    def overall(self, progress: float) -> float:
        """Return the progress of the whole at this progress of the part."""
        return self.start + (self.end - self.start) * progress


def in_order(spec: Spec) -> list[Spec]:
    """Return the spec and all that it needs, directly or not: each once, after what it needs itself."""
    specs = [each for need in spec.needs() for each in in_order(need)] + [spec]
    return list({each.key: each for each in specs}.values())


def parts(spec: Spec, store: Store) -> list[Part]:
    """Return what is missing of the spec and of what it needs, in order, in stretches proportional to the estimated times."""
    missing = [each for each in in_order(spec) if not store.find(each.key)]
    seconds = [max(each.estimate(store), 1e-3) for each in missing] if len(missing) > 1 else [1.0]
    ends = [sum(seconds[: i + 1]) / sum(seconds) for i in range(len(missing))]
    return [Part(each, start, end) for each, start, end in zip(missing, [0.0, *ends], ends, strict=False)]


def record(
    spec: Spec,
    store: Store,
    stopped: Callable[[], bool] = lambda: False,
    on_progress: Callable[[float], None] = lambda progress: None,
) -> Recording:
    """Return the recording of a spec, made now unless it is there; what it needs is made first.

    `on_progress` gets the progress of the whole, 0 to 1. Stopped or failed, what is unfinished leaves nothing.
    """
    for part in parts(spec, store):
        with contextlib.closing(part.spec.work(store)) as work, torch.set_grad_enabled(part.spec.gradients):
            for progress in work:
                on_progress(part.overall(progress))
                if stopped():
                    raise Stopped
    recording = store.find(spec.key)
    if recording is None:
        raise UserError(f"{spec.title} vanished from the cache: raise GENMODELS_CACHE_GB, then try again")
    return recording
