"""The adversarial game on the screen: a bar that replays games and plays them on, a stage that draws them, a strip of pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import component

HERE = Path(__file__).resolve().parent
STAGE, BAR = "game-stage", "game-bar"
MAX_AMOUNT = 100

_STAGE = component.mount(HERE, "stage", "page.css")
_BAR = component.mount(HERE, "bar")
_STRIP = component.mount(HERE, "strip", "page.css")


def stage(columns: list[dict[str, Any]]) -> None:
    """Draw the games side by side, with all their photographs; the bar says which to show."""
    _STAGE(key=STAGE, data={"columns": columns})


def bar(
    data: dict[str, Any], on_stop: Callable[[int], None], on_move: Callable[[int, str, int], None], on_undo: Callable[[], None]
) -> None:
    """Draw the bar; call back with the photograph stopped at, with photograph, move and how often, or to take back."""

    def stop() -> None:
        on_stop(int(st.session_state[BAR]["stop"]))

    def move() -> None:
        told = st.session_state[BAR]["move"]
        frame, kind, amount = int(told["frame"]), str(told["kind"]), int(told["amount"])
        if kind in ("d", "g", "b", "p") and 1 <= amount <= MAX_AMOUNT:
            on_move(frame, kind, amount)

    _BAR(key=BAR, data=data, on_stop_change=stop, on_move_change=move, on_undo_change=on_undo)


def strip(data: dict[str, Any]) -> None:
    """Draw samples through the training, each with what D thinks of it."""
    _STRIP(key="game-strip", data=data)
