"""EM in the plane, replayed by the browser, and samples drawn from the mixture that is shown: z first, then x given z."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "em-replay"

_MOUNT = component.mount(HERE, "em_replay", "page.css")


def draw(data: dict[str, Any], on_frame: Callable[[int], None]) -> None:
    """Draw the replay; call back with the half step that the viewer chose."""
    _MOUNT(KEY, data, frame=lambda frame: on_frame(int(frame)))
