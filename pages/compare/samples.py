"""1. Side by side: what different models make of the same data, at the same share of their training."""

from typing import Any

import streamlit as st

from genmodels.config import UserError
from genmodels.runs import Run, RunSpec
from genmodels.runs.recorder import snapshot_steps
from genmodels.views import board as view
from pages.parts import board, cards, controls, jobs, pinning, run_column, state, strip
from pages.parts.session import session

POLL_SECONDS = 0.7
TITLE = "Side by side"

choice = state.load("samples")
cards.notices(session().address.notices)
specs = choice.specs()
try:
    scene = view.scene(choice.dataset)  # generates or fetches the data, before any training is requested
except UserError as error:
    controls.draw(TITLE, [])
    controls.unavailable(error)
items = [jobs.look(spec) for spec in specs]
if choice.auto:
    jobs.request_short(items)
    items = [jobs.look(spec) for spec in specs]
controls.draw(TITLE, items)

finished = [Run(item.recording, item.spec) for item in items if item.recording]
with cards.guard():
    strip.draw(finished)
waiting = any(item.is_live for item in items)
longest = max(spec.steps for spec in specs)
progress = [step / longest for step in snapshot_steps(longest)]


def show_frame(frame: int) -> None:
    state.save(session().choice.with_values(frame=frame))


def train_again(key: str) -> None:
    jobs.request_all([spec for spec in specs if spec.key == key], by_hand=True)
    session().rerun = True


def press_pin(key: str) -> None:
    pinning.press(key)
    session().rerun = True


def column_of(item: jobs.Item[RunSpec], nearest: bool) -> dict[str, Any]:
    """Return the column for the browser; one that cannot be read says so in its own place."""
    try:
        return run_column.column(item, nearest)
    except Exception as error:
        return run_column.fault(item, cards.words(error))


@st.fragment(run_every=POLL_SECONDS if waiting else None)
def moving_part() -> None:
    """Draw the board: it alone again while something trains, the whole page once all is finished."""
    with cards.guard():
        now = [jobs.look(spec) for spec in specs]
        current = session().choice
        marks = pinning.marks(current)
        columns = [column_of(item, current.nearest) | marks.get(item.spec.key, {}) for item in now]
        payload = {"scene": scene, "columns": columns, "shares": progress, "version": session().address.version}
        board.draw(payload | {"frame": current.frame, "nearest": current.nearest}, show_frame, train_again, press_pin)
        if session().take_rerun() or waiting != any(item.is_live for item in now):
            st.rerun()


moving_part()
with cards.guard():
    if len({run.spec.model for run in finished}) > 1:
        st.markdown(f"> {view.sentence(finished)}")
    pinning.draw_differences(finished)
