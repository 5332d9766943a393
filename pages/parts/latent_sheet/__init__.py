"""Planes of codes side by side: a drag decodes, from a sheet of decodes that is sent once; the server is told where it ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "latent-sheet"

_MOUNT = component.mount(HERE, "latent_sheet", "page.css")


def draw(data: dict[str, Any], on_spot: Callable[[str, str], None]) -> None:
    """Draw the planes; call back with a plane's name and where it is decoded: 500-250, thousandths from the lower left."""

    def tell(name: str) -> Callable[[], None]:
        return lambda: on_spot(name, str(st.session_state[KEY][name]))

    calls: dict[str, Any] = {f"on_{plane['name']}_change": tell(plane["name"]) for plane in data["planes"]}
    _MOUNT(key=KEY, data=data, **calls)
