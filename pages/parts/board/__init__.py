"""The comparison board: a component drawn by the browser, replayed there without asking the server."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pages.parts import component

HERE = Path(__file__).resolve().parent
KEY = "board"

_MOUNT = component.mount(HERE, "board", "page.css", "replay.css", "columns.css")


def draw(
    data: dict[str, Any],
    on_frame: Callable[[int], None],
    on_act: Callable[[str], None],
    on_pin: Callable[[str], None] = lambda key: None,
    on_turn: Callable[[dict[str, Any]], None] = lambda turn: None,
    on_poll: Callable[[list[str]], None] = lambda frames: None,
) -> None:
    """Draw the board; call back with the frame that the viewer chose, the key of the run whose button or pin was pressed, and
    a turn of a knob: `{model, name, value, turn}`.

    While a run is awaited the board asks by itself to be drawn again, more often at the beginning, and names the frames of
    finished runs that it has: a column may come without those, `held`.
    """
    _MOUNT(
        KEY,
        data,
        frame=lambda frame: on_frame(int(frame)),
        act=lambda key: on_act(str(key)),
        pin=lambda key: on_pin(str(key)),
        turn=on_turn,
        poll=lambda poll: on_poll([str(name) for name in poll["frames"]]),
    )
