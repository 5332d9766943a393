"""What keeps the server of many viewers alive: all imports done, open files enough, garbage collected off their path.

A viewer takes four open files: a socket, and three of the event loop that Streamlit gives each session. A session that has ended
gives them back when it is collected, not before.
"""

import asyncio
import contextlib
import gc
import importlib
import os
import pkgutil
from typing import Any

from streamlit import config

from genmodels import datasets, models
from genmodels.runs import RunSpec, cost

try:
    import resource
except ImportError:  # Windows has no such limit
    resource = None  # type: ignore[assignment]

MOST_FILES = 65_536
OPEN_MAX = 10_240  # what macOS allows at most, whatever its hard limit says
SCARCE = 1024  # below this many, sessions whose window is gone cannot be kept
RESERVE = 24  # files left for recordings, and for the windows' own requests
CHECK_SECONDS, COLLECT_SECONDS = 1.0, 10.0


def make_room() -> None:
    """Raise the soft limit of open files to the hard one; where that is low, keep no session whose window is gone."""
    if resource is None:
        return
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    for limit in (most, min(most, OPEN_MAX)):
        if limit > file_limit():
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if file_limit() < SCARCE:  # who loses the connection for more than a second begins anew, from the address
        config.set_option("server.disconnectedSessionTTL", 1)


def file_limit() -> float:
    """Return how many files this process may have open."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if resource else -1
    return float("inf") if resource is None or soft == resource.RLIM_INFINITY else soft


def preload() -> None:
    """Import what pages import: else the first viewers do, several at once, and libraries parse source text as they are loaded."""
    for package in ("genmodels.views", "pages.parts"):
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(module.name)
    for model in models.models():  # torch loads its compiler where a layer without contents is first made
        cost.counted(RunSpec.make(datasets.OPENING, model))


def scarce() -> bool:
    """Whether there are hardly any files left to open."""
    limit = file_limit()
    return limit < SCARCE and limit - len(os.listdir("/dev/fd")) < RESERVE


async def collect_garbage() -> None:
    """Collect every few seconds, and at once where files run short; automatic collections leave the oldest generation alone."""
    gc.set_threshold(*gc.get_threshold()[:2], 1_000_000)
    age = 0.0
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        age += CHECK_SECONDS
        if age >= COLLECT_SECONDS or scarce():
            age = 0.0
            await asyncio.to_thread(gc.collect)


class Room:
    """ASGI middleware: a window for which no files are left is turned away before it takes any, and asks again by itself."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the request, unless it is a window and the server is full."""
        if scope["type"] == "websocket" and scarce():
            await receive()
            await send({"type": "websocket.close", "code": 1013})  # try again later
            return
        await self.app(scope, receive, send)
