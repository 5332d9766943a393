"""A Gaussian carried through a function by one slider: the true map beside the learned ones, all in the browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "warp"

_MOUNT = component.mount(HERE, "warp", "page.css", "replay.css")


def draw(data: dict[str, Any], on_way: Callable[[float], None], on_mark: Callable[[int], None]) -> None:
    """Draw the panels; call back with how far the slider has carried the cloud, 0 to 1, and with the step of training shown."""
    _MOUNT(KEY, data, way=lambda way: on_way(float(way)), mark=lambda mark: on_mark(int(mark)))
