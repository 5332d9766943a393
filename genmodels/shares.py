"""Work that can be left off: a generator of the shares that are done, from 0 to 1, which returns what it has made.

Whoever only wants the result takes `finish`; a study takes `yield from`, and so can be stopped and shows how far it is. Nothing
that holds for the whole thread, such as `torch.enable_grad()`, may be held across a yield: it would hold for others too.
"""

import contextlib
from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")


def finish(work: Generator[float, None, T], each: Callable[[float], None] = lambda share: None) -> T:
    """Do the work to its end, telling `each` share; return what it has made. Where `each` raises, the work is left off at once."""
    with contextlib.closing(work):
        while True:
            try:
                share = next(work)
            except StopIteration as end:
                made: T = end.value
                return made
            each(share)


def within(low: float, high: float, work: Generator[float, None, T]) -> Generator[float, None, T]:
    """Do the work as a part of more: its shares are laid between `low` and `high`."""
    with contextlib.closing(work):
        while True:
            try:
                share = next(work)
            except StopIteration as end:
                made: T = end.value
                return made
            yield low + (high - low) * share
