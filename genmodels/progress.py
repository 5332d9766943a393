"""Work that reports its progress and can be stopped: a generator that yields its progress, 0 to 1, and returns its result.

A caller that only needs the result takes `finish`; a study takes `yield from`. Nothing that holds for the whole thread, such as
`torch.enable_grad()`, may be held across a yield: it would hold for others too.
"""

import contextlib
from collections.abc import Callable, Generator, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class _Result(Generic[T]):
    """Iterates over the progress of work; afterwards `value` is the result."""

    value: T

    def __init__(self, work: Generator[float, None, T]):
        self.work = work

    def __iter__(self) -> Iterator[float]:
        self.value = yield from self.work


def finish(work: Generator[float, None, T], on_progress: Callable[[float], None] = lambda progress: None) -> T:
    """Return the result of work, calling `on_progress` on the way; where that raises, the work is closed at once."""
    result = _Result(work)
    with contextlib.closing(work):
        for progress in result:
            on_progress(progress)
    return result.value


def within(low: float, high: float, work: Generator[float, None, T]) -> Generator[float, None, T]:
    """Yield the progress of work that is part of a larger piece, scaled to lie from `low` to `high`; return its result."""
    result = _Result(work)
    with contextlib.closing(work):
        for progress in result:
            yield low + (high - low) * progress
    return result.value
