"""The time that this machine takes per unit of each kind of work: small computations, timed once a process."""

import time
from collections.abc import Callable
from dataclasses import fields
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels import device
from genmodels.models.parts.work import Work

REPEATS = 8  # of each computation; the fastest counts, as other programs slow down some
# The ratio of the time per unit in a training to that in the computation below, where all is in the processor's caches: fitted once
# to the times of 140 trainings with random settings on an idle machine (`benchmarks/estimates.py`).
TRAINING = Work(
    products=1.1, convolutions=1.8, padding=0.85, doubles=0.75, near=3.5, far=8.8, transcendentals=1.5, draws=0.4, calls=4.9
)


@cache
def rates(where: torch.device) -> Work:
    """Return the seconds per unit of each kind of work in a training."""
    device.limit_threads()  # as in a training: on a busy machine the waiting of a second thread counted as twenty times the work
    return Work(
        **{field.name: _seconds(*_probe(field.name, where), where) * getattr(TRAINING, field.name) for field in fields(Work)}
    )


def _probe(amount: str, where: torch.device) -> tuple[Callable[[], object], float]:
    """Return a computation that is almost purely one kind of work, and its amount."""
    rng = device.generator(where, 0, "rates")

    def numbers(*shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
        return torch.rand(shape, generator=rng, device=where, dtype=dtype)

    match amount:
        case "products":
            a, b = numbers(128, 384), numbers(384, 384)
            return lambda: a @ b, 2 * 128 * 384 * 384
        case "convolutions" | "padding":
            x, w = numbers(64, 16, 14, 14), numbers(32, 16, 4, 4)
            return lambda: F.conv2d(x, w, stride=2, padding=1), 2 * w.numel() * 49 * 64
        case "doubles":
            c, d = numbers(1000, 64, dtype=torch.float64), numbers(64, 64, dtype=torch.float64)
            return lambda: c @ d, 2 * 1000 * 64 * 64
        case "near" | "far":
            u = numbers(2**13 if amount == "near" else 2**19)
            return lambda: u + u, 2 * u.numel()
        case "transcendentals":
            v = numbers(2**15)
            return lambda: F.silu(v), v.numel()
        case "draws":
            return lambda: torch.randn(2**15, generator=rng, device=where), 2**15
    tiny = numbers(4)
    return lambda: [tiny + tiny for _ in range(100)], 100


def _seconds(compute: Callable[[], object], amount: float, where: torch.device) -> float:
    """Return the least time per unit; on the CPU, processor time, which other programs do not lengthen."""
    compute()
    clock = time.thread_time if where.type == "cpu" else time.perf_counter
    times = []
    for _ in range(REPEATS):
        device.synchronise(where)
        start = clock()
        compute()
        device.synchronise(where)
        times.append(clock() - start)
    return min(times) / amount
