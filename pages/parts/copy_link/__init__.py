"""A button that copies the address of a page of this dashboard."""

from collections.abc import Mapping
from pathlib import Path

from pages.parts import component
from pages.parts.course import link_query

HERE = Path(__file__).resolve().parent

_MOUNT = component.mount(HERE, "copy_link")


def draw(page: str, query: Mapping[str, str]) -> None:
    """Draw the button for the address of this page with these controls."""
    _MOUNT("copy-link", {"link": f"./{page}?{link_query(query)}"})
