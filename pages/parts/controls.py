"""The controls above a comparison: dataset, models, settings, what to show."""

from collections.abc import Callable, Sequence
from typing import NoReturn

import streamlit as st

from genmodels import datasets, models
from genmodels.config import UserError
from genmodels.runs import Spec
from pages.parts import cards, jobs, own_data, pinning, settings, state, widgets
from pages.parts.choice import Choice
from pages.parts.session import session, set_widget, widget_value


def draw(title: str, items: Sequence[jobs.Item[Spec]], nearest: bool = True, beside: Callable[[], None] | None = None) -> None:
    """Draw title, dataset, settings and the button that trains or stops, then models, budget and what to show of them.

    What `beside` draws stands in the row of what the dataset is, which is as high without it: nothing below is moved.
    """
    choice, knobs = session().choice, Choice.knobs()
    source = datasets.source(choice.dataset)
    if state.presenting():
        st.title(f"{title}: {source.title}", anchor=False)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="title-row"):
        st.title(title, anchor=False, width="content")
        st.selectbox(
            "Dataset",
            own_data.names(choice.dataset),
            format_func=lambda name: datasets.source(name).title,
            key=set_widget("", "dataset", choice.dataset),
            on_change=_pick_dataset,
            label_visibility="collapsed",
            width=230,
        )
        own_data.draw()
        settings.draw()
        _main_button(items)
    _about_row(f"{source.about} Seed {choice.seed}.", beside)
    with st.container(horizontal=True, vertical_alignment="center", key="model-row"):
        st.pills(
            "Models",
            list(models.models()),
            selection_mode="multi",
            format_func=lambda name: models.model(name).title,
            key=set_widget("", "models", list(choice.models)),
            on_change=_pick_models,
            label_visibility="collapsed",
        )
        key = set_widget("", "budget", choice.budget)
        widgets.draw(knobs["budget"], key, format_func=str.capitalize, on_change=_pick_budget, label_visibility="collapsed")
        if nearest and source.is_image:
            widgets.draw(knobs["nearest"], set_widget("", "nearest", choice.nearest), on_change=_toggle_nearest)


def _about_row(about: str, beside: Callable[[], None] | None) -> None:
    if beside is None:
        st.caption(about)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="about-row"):
        st.caption(about, width="content")
        with cards.guard():
            beside()


def unavailable(error: UserError) -> NoReturn:
    """Show why the data are unavailable, and which need no download, and end this part of the page."""
    cards.fault(error)
    st.caption("Need no download: " + ", ".join(source.title for source in datasets.sources().values() if source.offline) + ".")
    raise cards.End


def _main_button(items: Sequence[jobs.Item[Spec]]) -> None:
    live = [item.spec for item in items if item.is_live]
    missing = [item.spec for item in items if not item.recording and not item.is_live]
    if live:
        st.button("Pause", key="stop", on_click=_stop, args=(live,), help=jobs.STOP_HELP)
    else:
        st.button(
            "Continue" if any(item.is_resumable() for item in items if item.state == "stopped") else "Train",
            key="train",
            type="primary",
            on_click=_train,
            args=(missing,),
            disabled=not missing,
            help="Train what is missing.",
        )


def _stop(live: list[Spec]) -> None:
    for spec in live:
        jobs.stop(spec)


def _train(missing: list[Spec]) -> None:
    jobs.request_all(missing, by_hand=True)


def _pick_dataset() -> None:
    pinning.change_dataset(widget_value("", "dataset"))


def _pick_budget() -> None:
    choice = session().choice
    state.save(choice.with_budget(widget_value("", "budget")))
    if choice.changed != session().choice.changed:
        st.toast("Settings that belong to a budget, as its updates do, are those of the new one; the others stay.")


def _pick_models() -> None:
    try:
        state.save(session().choice.with_models(widget_value("", "models")))
    except UserError as error:
        st.toast(f"{error}.")


def _toggle_nearest() -> None:
    state.save(session().choice.with_values(nearest=widget_value("", "nearest")))
