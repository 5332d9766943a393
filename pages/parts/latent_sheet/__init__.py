"""Planes of codes side by side: a drag decodes, from a sheet of decodes that is sent once; the server is told where it ended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "latent-sheet"

_MOUNT = component.mount(HERE, "latent_sheet", "page.css")


def draw(data: dict[str, Any], on_spot: Callable[[str, str], None]) -> None:
    """Draw the planes; call back with a plane's name and where it is decoded: 500-250, thousandths from the lower left."""

    def listener(name: str) -> component.Listener:
        return lambda spot: on_spot(name, str(spot))

    _MOUNT(KEY, data, **{plane["name"]: listener(plane["name"]) for plane in data["planes"]})
