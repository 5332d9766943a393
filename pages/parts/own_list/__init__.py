"""A viewer's own list of lessons outlives the session: his browser keeps it, for all of his windows."""

from pathlib import Path

import streamlit as st

from genmodels.config import UserError
from pages.parts import component, course, lessons

HERE = Path(__file__).resolve().parent
KEY = "own-list"

_MOUNT = component.mount(HERE, "own_list")


def keep() -> None:
    """Give the list to the browser once this session has one; until then take the one that the browser has."""
    _MOUNT(key=KEY, data={"text": lessons.own_text()}, on_text_change=_take)


def _take() -> None:
    text = str(st.session_state[KEY]["text"])
    try:
        lessons.set_own(course.from_file(text.encode()) if text else [])
    except UserError:
        return  # another program's, or an older version's: whoever opens the page Lessons sees that there is none
