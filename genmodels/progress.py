"""Work that can be left off: a generator of the shares that are done, from 0 to 1, which returns what it has made.

Whoever only wants the result takes `finish`; a study takes `yield from`, and so can be stopped and shows how far it is. Nothing
that holds for the whole thread, such as `torch.enable_grad()`, may be held across a yield: it would hold for others too.
"""

import contextlib
from collections.abc import Callable, Generator, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class _Kept(Generic[T]):
    """The shares of work, one after the other; when they are through, `made` is what the work returned."""

    made: T

    def __init__(self, work: Generator[float, None, T]):
        self.work = work

    def __iter__(self) -> Iterator[float]:
        self.made = yield from self.work


def finish(work: Generator[float, None, T], each: Callable[[float], None] = lambda share: None) -> T:
    """Do the work to its end, telling `each` share; return what it has made. Where `each` raises, the work is left off at once."""
    kept = _Kept(work)
    with contextlib.closing(work):
        for share in kept:
            each(share)
    return kept.made


def within(low: float, high: float, work: Generator[float, None, T]) -> Generator[float, None, T]:
    """Do the work as a part of more: its shares are laid between `low` and `high`."""
    kept = _Kept(work)
    with contextlib.closing(work):
        for share in kept:
            yield low + (high - low) * share
    return kept.made
