"""A Gaussian carried through a function by one slider: the true map beside the learned ones, all in the browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "warp"

_MOUNT = component.mount(HERE, "warp", "page.css", "replay.css")


def draw(data: dict[str, Any], on_way: Callable[[float], None], on_mark: Callable[[int], None]) -> None:
    """Draw the panels; call back with how far the slider has carried the cloud, 0 to 1, and with the step of training shown."""

    def way() -> None:
        on_way(float(st.session_state[KEY]["way"]))

    def mark() -> None:
        on_mark(int(st.session_state[KEY]["mark"]))

    _MOUNT(key=KEY, data=data, on_way_change=way, on_mark_change=mark)
