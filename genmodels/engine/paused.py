"""Work that was left off and may be gone on with: a few generators in this process, with all that they hold, for some minutes.

A training is a generator, so where it stopped is where it is: nothing is written and read again, and no number differs from
those of one that was never stopped. It lives as long as its worker does.
"""

import threading
from collections import OrderedDict
from collections.abc import Generator
from typing import Any

import psutil  # type: ignore[import-untyped] # distributed needs it, so it is there

MOST = 3
SECONDS = 600.0
MOST_BYTES = 3 * 2**29  # of this process, above which nothing that is paused is kept

Work = Generator[Any, None, Any]
_works: OrderedDict[tuple[str, str], Work] = OrderedDict()  # (cache, key), the one paused longest first
_lock = threading.Lock()
_ending = threading.Event()  # set once this process is to end: what stops from then on leaves nothing


def keep(cache: str, key: str, work: Work) -> None:
    """Keep work that nobody does at present; whatever is too much is closed, the longest paused first."""
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
    """Return the work to go on with it, if it is here."""
    with _lock:
        return _works.pop((cache, key), None)


def close_all(for_good: bool = False) -> None:
    """End all that is paused: nothing of it is left; and of what is paused from now on, if this process ends."""
    if for_good:
        _ending.set()
    with _lock:
        works = list(_works.values())
        _works.clear()
    for work in works:
        work.close()


def _drop(cache: str, key: str, work: Work) -> None:
    with _lock:
        if _works.get((cache, key)) is not work:  # taken up meanwhile
            return
        del _works[cache, key]
    work.close()
