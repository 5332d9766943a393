"""What every page needs of its browser's window: a history of what was chosen, the meanings of terms, the dismissed front door."""

from pathlib import Path

from genmodels.views import glossary
from pages.parts import component, contents, front_door
from pages.parts.session import session

HERE = Path(__file__).resolve().parent
KEY = "browser-window"
TITLES = {"" if entry is contents.entries()[0] else entry.file.stem: entry.title for entry in contents.entries()}

_MOUNT = component.mount(HERE, "browser_window", content=f"<div hidden>{glossary.definitions(TITLES)}</div>")


def draw() -> None:
    """Draw it; nothing of it takes room on the page."""
    _MOUNT(KEY, {"cookie": front_door.COOKIE if session().door == "dismissed" else ""})
