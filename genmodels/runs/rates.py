"""How long this machine takes for one of each amount of work: a handful of small computations, timed once a process."""

import time
from collections.abc import Callable
from dataclasses import fields
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels import device
from genmodels.models.parts.work import Work

REPEATS = 8  # of each computation; the fastest counts, for the machine has other things to do
# How many times as long an amount takes in a training as in its computation below, where all is at hand: fitted once to the times
# of 130 trainings with random settings (`benchmarks/estimates.py`).
TRAINING = Work(products=1.1, convolutions=1.8, padding=0.85, doubles=0.75, near=5.0, far=10.4, bends=1.5, draws=0.4, calls=6.1)


@cache
def rates(where: torch.device) -> Work:
    """Return the seconds that a training takes here for one of each amount."""
    device.limit_threads()  # as in a training: on a busy machine a second thread's waiting counted as twenty times the work
    return Work(
        **{field.name: _seconds(*_probe(field.name, where), where) * getattr(TRAINING, field.name) for field in fields(Work)}
    )


def _probe(amount: str, where: torch.device) -> tuple[Callable[[], object], float]:
    """Return a computation that is nearly all of one amount, and how much of it."""
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
        case "bends":
            v = numbers(2**15)
            return lambda: F.silu(v), v.numel()
        case "draws":
            return lambda: torch.randn(2**15, generator=rng, device=where), 2**15
    tiny = numbers(4)
    return lambda: [tiny + tiny for _ in range(100)], 100


def _seconds(compute: Callable[[], object], amount: float, where: torch.device) -> float:
    """Return the least time of one of the amount; of processor time, which others do not lengthen."""
    compute()
    clock = time.thread_time if where.type == "cpu" else time.perf_counter
    times = []
    for _ in range(REPEATS):
        device.synchronise(where)
        begun = clock()
        compute()
        device.synchronise(where)
        times.append(clock() - begun)
    return min(times) / amount
