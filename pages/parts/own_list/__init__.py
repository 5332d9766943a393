"""Stores a viewer's own list of lessons in the browser, where it outlives the session and serves all windows."""

from pathlib import Path

from genmodels.config import UserError
from pages.parts import component, course, lessons

HERE = Path(__file__).resolve().parent
KEY = "own-list"

_MOUNT = component.mount(HERE, "own_list")


def keep() -> None:
    """Send the session's list to the browser; a session without one receives the browser's."""
    _MOUNT(KEY, {"text": lessons.own_text()}, text=lambda text: _take(str(text)))


def _take(text: str) -> None:
    try:
        lessons.set_own(course.from_file(text.encode()) if text else [])
    except UserError:
        return  # not a list of this version; the page Lessons shows none
