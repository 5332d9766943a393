"""Maps of codes side by side: dots that show their picture, replayed, zoomed and pointed at in the browser alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).resolve().parent

_MOUNT = st.components.v2.component(
    "genmodels_scatter",
    html=(HERE / "scatter.html").read_text(),
    css=(HERE / "scatter.css").read_text(),
    js=(HERE / "scatter.js").read_text(),
)


def _nothing(value: str) -> None:
    """Take no notice."""


def draw(
    key: str, data: dict[str, Any], on_pick: Callable[[str], None] = _nothing, on_act: Callable[[str], None] = _nothing
) -> None:
    """Draw the maps; call back with the example whose dot was clicked, and with the model whose card's button was pressed."""

    def pick() -> None:
        on_pick(str(st.session_state[key]["pick"]))

    def act() -> None:
        on_act(str(st.session_state[key]["act"]))

    _MOUNT(key=key, data=data, on_pick_change=pick, on_act_change=act)
