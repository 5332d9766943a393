"""All settings of a comparison, in a popover that tells how long its trainings would take and closes once they are requested."""

from typing import Any

import streamlit as st

from genmodels import models
from genmodels.config import UserError
from genmodels.runs import MAX_SEED, RunSpec
from pages.parts import cards, jobs, settings_form, state, status
from pages.parts.choice import Choice
from pages.parts.session import session, set_widget, widget_key, widget_value

POPOVER = "settings"


def draw() -> None:
    """Draw the popover; its fifty widgets are made only while it is open."""
    popover = st.popover("Settings", key=POPOVER, on_change="rerun")
    if popover.open:
        with popover:
            _form()


@st.fragment
def _form() -> None:
    """Draw the seed and every knob of every model, above them the button with its estimate; a change runs this alone."""
    if session().take_rerun():
        st.rerun()
    choice, prefix = session().choice, _prefix()
    head = st.container(horizontal=True, vertical_alignment="bottom")
    words = st.empty()
    head.number_input("Seed, for every model", 0, MAX_SEED, choice.seed, key=widget_key(prefix, "seed"), width="stretch")
    for tab, name in zip(st.tabs([models.model(name).title for name in choice.models]), choice.models, strict=True):
        with tab:
            spec = choice.spec(name)
            preset = spec.preset(choice.budget)
            settings_form.draw(spec.settings.knobs(), spec.settings.model_dump(), preset, widget_key(prefix, name))
    st.toggle(f"Train at once what takes less than {jobs.AUTO_SECONDS:.0f} s", choice.auto, key=widget_key(prefix, "auto"))
    try:
        words.caption(_estimates(_proposal()))
    except UserError as error:
        with words:
            cards.fault(error)
    head.button("Train with these", key="train-these", type="primary", on_click=_send)


def _prefix() -> str:
    choice = session().choice
    return f"{session().address.version}.{choice.dataset}.{choice.budget}"


def _proposal() -> Choice:
    """Return the comparison with the form's values as they are now; values that are not valid together raise `UserError`."""
    prefix, choice = _prefix(), session().choice
    choice = choice.with_values(seed=int(widget_value(prefix, "seed")), auto=widget_value(prefix, "auto"))
    for name in choice.models:
        choice = choice.with_settings(name, settings_form.values(choice.spec(name).settings.knobs(), widget_key(prefix, name)))
    return choice


def _estimates(choice: Choice) -> str:
    """Return for each model how long its training should take, or that it is there."""
    return " · ".join(_estimate(choice.spec(name)) for name in choice.models)


def _estimate(spec: RunSpec) -> str:
    is_there = jobs.store().peek(spec.key) is not None
    return f"{spec.kind.title}: {'trained already' if is_there else status.about(spec.estimate(jobs.store()))}"


def _send() -> None:
    """Make the form's values the comparison, request what is missing and close the popover; wrong values stay, to be mended."""
    try:
        choice = _proposal()
    except UserError:
        return  # the form says why
    state.save(choice)
    jobs.request_all([spec for spec in _own(choice) if not jobs.store().peek(spec.key)], by_hand=True)
    set_widget("", POPOVER, False)
    session().rerun = True


def _own(choice: Choice) -> list[Any]:
    return [choice.spec(name) for name in choice.models]
