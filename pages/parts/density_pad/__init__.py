"""A pad on which a density is drawn: 24 by 24 cells, inked by mouse, finger, pen or keys; the browser alone knows the strokes."""

from collections.abc import Callable
from pathlib import Path

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "density-pad"

_MOUNT = component.mount(HERE, "density_pad", "pen.css")


def draw(start: str, on_use: Callable[[str], None]) -> None:
    """Draw the pad with the drawing `start` (a dataset's name, or nothing) on it; call back with the name of what was drawn."""
    _MOUNT(KEY, {"start": start}, use=lambda name: on_use(str(name)))
