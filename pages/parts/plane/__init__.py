"""The realism plane: pictures as dots, drawn by the browser; pointing, picking and the lasso never ask the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from genmodels.store import Recording
from genmodels.studies.gallery.finding import Pictures
from genmodels.views.gallery import plane as view
from pages.parts import component
from pages.parts.session import session

HERE = Path(__file__).resolve().parent
KEY = "plane"

_MOUNT = component.mount(HERE, "plane", "page.css")


def draw(data: dict[str, Any], on_chosen: Callable[[dict[str, Any]], None]) -> None:
    """Draw the plane; call back with what the viewer has picked, hidden and paged to."""
    _MOUNT(KEY, data, chosen=lambda values: on_chosen(dict(values)))


@st.cache_data(max_entries=6, show_spinner=False)
def sprite(key: str, _recording: Recording) -> str:
    """Return a finding's pictures as one sheet; drawn once for all viewers."""
    return view.sprite(Pictures.read(_recording))


def opening_state() -> dict[str, Any]:
    """Return what the address held when it was opened: it stays the same while the viewer plays, so that nothing is sent anew."""
    address = session().address
    return {"version": address.version, **{name: address.initial[name] for name in ("picks", "hidden", "picture")}}
