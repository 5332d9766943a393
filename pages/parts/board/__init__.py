"""The comparison board: a component drawn by the browser, replayed there without asking the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "board"

_MOUNT = component.mount(HERE, "board", "page.css", "replay.css", "columns.css")


def draw(data: dict[str, Any], on_frame: Callable[[int], None], on_act: Callable[[str], None]) -> None:
    """Draw the board; call back with the frame that the viewer chose, and with the model whose card's button was pressed."""

    def frame() -> None:
        on_frame(int(st.session_state[KEY]["frame"]))

    def act() -> None:
        on_act(str(st.session_state[KEY]["act"]))

    _MOUNT(key=KEY, data=data, on_frame_change=frame, on_act_change=act)
