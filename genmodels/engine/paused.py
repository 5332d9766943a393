"""Paused work that may be resumed: a few suspended generators in this process, with all that they hold, for some minutes.

A training is a generator, and the suspended generator is its whole state: nothing is written and read back, and its numbers are
those of a training that was never stopped. It is lost when its worker ends.
"""

import threading
from collections import OrderedDict
from collections.abc import Generator
from typing import Any

import psutil  # type: ignore[import-untyped] # distributed needs it, so it is there

MOST = 3
SECONDS = 600.0
MOST_BYTES = 3 * 2**29  # of this process; above, no paused work is kept

Work = Generator[Any, None, Any]
_works: OrderedDict[tuple[str, str], Work] = OrderedDict()  # (cache, key), the one paused longest first
_lock = threading.Lock()
_ending = threading.Event()  # set when this process is to end: from then on no paused work is kept


def keep(cache: str, key: str, work: Work) -> None:
    """Keep suspended work; whatever exceeds the limits is closed, the longest paused first."""
    with _lock:
        _works[cache, key] = work
        room = MOST if not _ending.is_set() and psutil.Process().memory_info().rss < MOST_BYTES else 0
        surplus = [_works.popitem(last=False)[1] for _ in range(len(_works) - room)]
    for old in surplus:
        old.close()
    timer = threading.Timer(SECONDS, _drop, (cache, key, work))
    timer.daemon = True
    timer.start()


def take(cache: str, key: str) -> Work | None:
    """Return paused work to be resumed, None if it is not here."""
    with _lock:
        return _works.pop((cache, key), None)


def close_all(for_good: bool = False) -> None:
    """Close all paused work, which leaves nothing; with `for_good`, also what is paused from now on."""
    if for_good:
        _ending.set()
    with _lock:
        works = list(_works.values())
        _works.clear()
    for work in works:
        work.close()


def _drop(cache: str, key: str, work: Work) -> None:
    with _lock:
        if _works.get((cache, key)) is not work:  # resumed meanwhile
            return
        del _works[cache, key]
    work.close()
