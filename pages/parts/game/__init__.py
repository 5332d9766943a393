"""The adversarial game on the screen: a bar that replays games and plays them on, a stage that draws them, a strip of pictures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pages.parts import component

HERE = Path(__file__).resolve().parent
STAGE, BAR = "game-stage", "game-bar"
MAX_AMOUNT = 100

_STAGE = component.mount(HERE, "stage", "page.css")
_BAR = component.mount(HERE, "bar")
_STRIP = component.mount(HERE, "strip", "page.css")


def stage(columns: list[dict[str, Any]]) -> None:
    """Draw the games side by side, with all their photographs; the bar says which to show."""
    _STAGE(STAGE, {"columns": columns})


def bar(
    data: dict[str, Any], on_stop: Callable[[int], None], on_move: Callable[[int, str, int], None], on_undo: Callable[[], None]
) -> None:
    """Draw the bar; call back with the photograph stopped at, with photograph, move and how often, or to take back."""

    def move(values: Mapping[str, Any]) -> None:
        frame, kind, amount = int(values["frame"]), str(values["kind"]), int(values["amount"])
        if kind in ("d", "g", "b", "p") and 1 <= amount <= MAX_AMOUNT:
            on_move(frame, kind, amount)

    _BAR(BAR, data, stop=lambda frame: on_stop(int(frame)), move=move, undo=lambda _: on_undo())


def strip(data: dict[str, Any]) -> None:
    """Draw samples through the training, each with what D thinks of it."""
    _STRIP("game-strip", data)
