"""What pins a run beside the others: marks of the columns, the presses of their pins, the sentence about runs of one model."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import streamlit as st

from genmodels.config import UserError
from genmodels.runs import Run, RunSpec
from genmodels.store import Recording
from genmodels.studies.scores.finding import ScoreTable
from genmodels.studies.scores.study import spec as scores_spec
from genmodels.views import difference
from genmodels.views.names import distinctions, unusual
from pages.parts import jobs, state
from pages.parts.choice import Choice
from pages.parts.plain import plain
from pages.parts.session import session


def marks(choice: Choice) -> dict[str, dict[str, Any]]:
    """Return, by the key of the run, what a column shows of pins: in what it differs from its like, and whether it is pinned."""
    specs = choice.specs()
    payload: dict[str, dict[str, Any]] = {}
    for model in {spec.model: None for spec in specs}:
        like = tuple(spec for spec in specs if spec.model == model)
        for i, (spec, words) in enumerate(zip(like, distinctions(like), strict=True)):
            is_pinned, is_own = spec in choice.pins, model in choice.models and i == 0
            differs = words if len(like) > 1 else unusual(spec) if not is_own else ""
            payload[spec.key] = {
                "differs": differs,
                "nth": i,
                "pinned": is_pinned,
                "own": is_own,
                "canPin": not state.presenting(),
            }
    return payload


def press(key: str) -> None:
    """Pin the run with this key, or unpin it."""
    choice = session().choice
    spec = next((spec for spec in choice.specs() if spec.key == key), None)
    if spec:
        _save(lambda: choice.without_pin(spec) if spec in choice.pins else choice.with_pin(spec))


def change_dataset(dataset: str) -> None:
    """Compare on another dataset, on which nothing is pinned."""
    pins = session().choice.pins
    state.save(session().choice.with_dataset(dataset))
    if pins:
        st.toast(f"The pinned runs are on {plain(pins[0].source.title)}: unpinned.")


def pin(spec: RunSpec) -> None:
    """Pin a run to the comparison, if it fits."""
    _save(lambda: session().choice.with_pin(spec))


def bring_back(spec: RunSpec) -> None:
    """Show a run in the column of its model, if it fits."""
    _save(lambda: session().choice.with_run(spec))


def pin_from_afar(spec: RunSpec) -> None:
    """Pin a run on a page where the comparison is not in sight, with a word."""
    pin(spec)
    if spec in session().choice.pins:
        st.toast("Pinned: it has a column on *Side by side*.")


def note_left_out() -> None:
    """Name the pinned runs on a page that compares the models' own alone."""
    if not state.presenting() and (pins := session().choice.pins):
        runs = "; ".join(f"{pin.kind.title}, {unusual(pin) or 'as preset'}" for pin in pins)
        st.caption(f"Pinned on *Side by side*, not compared here: {plain(runs)}.")


def _save(make: Callable[[], Choice]) -> None:
    try:
        choice = make()
    except UserError as error:
        st.toast(plain(f"{error}."))
        return
    state.save(choice)


def draw_differences(runs: Sequence[Run]) -> None:
    """Draw a sentence about the runs of each model that has two or more."""
    for group in difference.of_one_model(runs):
        st.markdown(f"> {difference.sentence(group, tuple(_ratio(run.spec) for run in group))}")


def _ratio(spec: RunSpec) -> float | None:
    """Return the Fréchet ratio, if the scores of this run are there."""
    recording = jobs.store().find(_scores_key(spec))
    return _recorded_ratio(recording) if recording else None


@lru_cache(512)
def _scores_key(spec: RunSpec) -> str:
    return scores_spec(spec).key


@lru_cache(512)
def _recorded_ratio(recording: Recording) -> float | None:
    score = ScoreTable.read(recording).get("frechet-ratio")
    return None if score is None else score.value
