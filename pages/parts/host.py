"""Prepares the server for many viewers: imports everything at start, raises the limit of open files, collects garbage in time.

A viewer takes four open files: a socket, and three for the event loop that Streamlit gives each session. They are closed when the
session's objects are garbage-collected.
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
OPEN_MAX = 10_240  # the most that macOS allows, whatever its hard limit
SCARCE = 1024  # with fewer open files, sessions without a window are dropped at once
RESERVE = 24  # files that recordings and requests need
CHECK_SECONDS, COLLECT_SECONDS = 1.0, 10.0


def make_room() -> None:
    """Raise the soft limit of open files to the hard one; where that is low, drop sessions without a window."""
    if resource is None:
        return
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    for limit in (most, min(most, OPEN_MAX)):
        if limit > file_limit():
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    if file_limit() < SCARCE:  # a connection lost for over a second means a new session, from the address
        config.set_option("server.disconnectedSessionTTL", 1)


def file_limit() -> float:
    """Return how many files this process may open."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if resource else -1
    return float("inf") if resource is None or soft == resource.RLIM_INFINITY else soft


def preload() -> None:
    """Import what pages import, before viewers do so in several threads: some libraries parse source as they are imported."""
    for package in ("genmodels.views", "pages.parts"):
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
            importlib.import_module(module.name)
    for model in models.models():  # the first layer on torch's meta device imports torch's compiler
        cost.counted(RunSpec.make(datasets.OPENING, model))


def scarce() -> bool:
    """Whether the process can open hardly any more files."""
    limit = file_limit()
    return limit < SCARCE and limit - len(os.listdir("/dev/fd")) < RESERVE


async def collect_garbage() -> None:
    """Collect all generations every few seconds, at once when files are scarce; automatic collections skip the oldest."""
    gc.set_threshold(*gc.get_threshold()[:2], 1_000_000)
    age = 0.0
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        age += CHECK_SECONDS
        if age >= COLLECT_SECONDS or scarce():
            age = 0.0
            await asyncio.to_thread(gc.collect)


class Room:
    """ASGI middleware that refuses a window's connection while files are scarce; the browser tries again."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the request, unless it is a window's connection and files are scarce."""
        if scope["type"] == "websocket" and scarce():
            await receive()
            await send({"type": "websocket.close", "code": 1013})  # try again later
            return
        await self.app(scope, receive, send)
