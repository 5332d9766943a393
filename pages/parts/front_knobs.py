"""The knobs under a model's name: turned, that model trains at once, and the others stand."""

from typing import Any

import streamlit as st

from genmodels.config import UserError
from genmodels.runs import RunSpec
from pages.parts import jobs, state
from pages.parts.choice import Choice
from pages.parts.plain import plain
from pages.parts.session import session


def turn(event: Any) -> None:
    """Give a model the setting that the browser sends: `{model, name, value, turn}`; what is not allowed leaves all as it is."""
    try:
        model, name, value, number = str(event["model"]), str(event["name"]), event["value"], int(event["turn"])
    except (LookupError, TypeError, ValueError):
        return  # not from a page of ours
    session().board.turn = number
    choice = session().choice
    if model not in choice.models:
        return
    try:
        changed = choice.with_settings(model, {**choice.changed.get(model, {}), name: value})
    except UserError as error:
        st.toast(plain(f"{error}."))
        return
    _replace(choice, changed, model)


def _replace(before: Choice, after: Choice, model: str) -> None:
    """Pause the model's old run unless it stands elsewhere in the comparison, and begin the new one if it is short."""
    old = before.spec(model)
    state.save(after)
    if old not in after.specs() and jobs.look(old).is_live:
        jobs.stop(old)
    request(after.spec(model))


def request(spec: RunSpec) -> None:
    """Begin or continue a run that is not there, if it is short and short ones may begin by themselves."""
    item = jobs.look(spec)
    if session().choice.auto and item.state in ("missing", "stopped") and item.estimate() <= jobs.AUTO_SECONDS:
        jobs.request(spec, automatic=True)
