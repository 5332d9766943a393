"""1. Side by side: what different models make of the same data, at the same share of their training."""

from typing import Any

import streamlit as st

from genmodels.config import UserError
from genmodels.runs import Run, RunSpec
from genmodels.runs.recorder import snapshot_steps
from genmodels.views import board as view
from pages.parts import board, cards, controls, front_door, front_knobs, jobs, pinning, prose, run_column, state, strip
from pages.parts.session import session

TITLE = "Side by side"

choice = state.load("samples")
front_door.draw()
cards.notices(session().address.notices)
try:
    scene = view.scene(choice.dataset)  # generates or fetches the data, before any training is requested
except UserError as error:
    controls.draw(TITLE, [])
    controls.unavailable(error)


def look() -> list[jobs.Item[RunSpec]]:
    return [jobs.look(spec) for spec in session().choice.specs()]


def is_live(items: list[jobs.Item[RunSpec]]) -> dict[RunSpec, bool | None]:
    """What the rest of the page depends on: the runs, and whether each is awaited, or (None) finished."""
    return {item.spec: None if item.recording else item.is_live for item in items}


items = look()
if choice.auto:
    jobs.request_short(items)
    items = look()
finished = [Run(item.recording, item.spec) for item in items if item.recording]
controls.draw(TITLE, items, beside=lambda: strip.draw(finished))


def show_frame(frame: int) -> None:
    state.save(session().choice.with_values(frame=frame))


def train_again(key: str) -> None:
    jobs.request_all([spec for spec in session().choice.specs() if spec.key == key], by_hand=True)


def hold(names: list[str]) -> None:
    session().board.held = frozenset(names)


def without_frames(column: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return a finished column with a name for its frames, without them if it is among `names`, those that the browser has."""
    if column["state"] != "finished":
        return column
    name = f"{column['key']} {session().choice.nearest}"
    return column | {"framesName": name} | ({"frames": [], "held": True} if name in names else {})


def press_pin(key: str) -> None:
    pinning.press(key)
    session().rerun = True


def column_of(item: jobs.Item[RunSpec]) -> dict[str, Any]:
    """Return the column for the browser; one that cannot be read says so in its own place."""
    current = session().choice
    is_own = item.spec.model in current.models and item.spec == current.spec(item.spec.model)
    try:
        return run_column.column(item, current.nearest, is_own, knobs=not state.presenting())
    except Exception as error:
        return run_column.fault(item, cards.words(error))


@st.fragment
def moving_part() -> None:
    """Draw the board: it alone again while something trains, the whole page once a run begins or ends."""
    with cards.guard():
        now, here = look(), session()
        here.board.draws += 1
        names, here.board.held = here.board.held, frozenset()
        longest = max(item.spec.steps for item in now)
        marks = pinning.marks(here.choice)
        payload = {
            "scene": scene,
            "columns": [without_frames(column_of(item), names) | marks.get(item.spec.key, {}) for item in now],
            "shares": [step / longest for step in snapshot_steps(longest)],
            "version": here.address.version,
            "frame": here.choice.frame,
            "nearest": here.choice.nearest,
            "turn": here.board.turn,
            "draws": here.board.draws,
        }
        board.draw(payload, show_frame, train_again, press_pin, front_knobs.turn, hold)
        if session().take_rerun() or is_live(now) != is_live(items):
            st.rerun()


moving_part()
with cards.guard():
    if len({run.spec.model for run in finished}) > 1:
        prose.markdown(f"> {view.sentence(finished)}")
    pinning.draw_differences(finished)
