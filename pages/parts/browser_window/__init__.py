"""What every page needs of its browser's window: a history of what was chosen."""

from pathlib import Path

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "browser-window"

_MOUNT = component.mount(HERE, "browser_window")


def draw() -> None:
    """Draw it; nothing of it takes room on the page."""
    _MOUNT(KEY, {})
