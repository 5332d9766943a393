"""EM in the plane, replayed by the browser, and samples drawn from the mixture that is shown: z first, then x given z."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "em-replay"

_MOUNT = component.mount(HERE, "em_replay", "page.css")


def draw(data: dict[str, Any], on_frame: Callable[[int], None]) -> None:
    """Draw the replay; call back with the half step that the viewer chose."""

    def frame() -> None:
        on_frame(int(st.session_state[KEY]["frame"]))

    _MOUNT(key=KEY, data=data, on_frame_change=frame)
