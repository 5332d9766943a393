"""Maps of codes side by side: dots that show their picture, replayed, zoomed and pointed at in the browser alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pages.parts import component

HERE = Path(__file__).resolve().parent

_MOUNT = component.mount(HERE, "scatter", "page.css", "replay.css", "columns.css")


def _nothing(value: str) -> None:
    """Take no notice."""


def draw(
    key: str, data: dict[str, Any], on_pick: Callable[[str], None] = _nothing, on_act: Callable[[str], None] = _nothing
) -> None:
    """Draw the maps; call back with the example whose dot was clicked, and with the model whose card's button was pressed."""
    _MOUNT(key, data, pick=lambda index: on_pick(str(index)), act=lambda model: on_act(str(model)))
