"""The controls above a comparison: dataset, models, settings, what to show."""

from collections.abc import Sequence
from typing import NoReturn

import streamlit as st

from genmodels import datasets, models
from genmodels.config import UserError
from genmodels.runs import MAX_SEED, RunSpec, Spec
from pages.parts import cards, jobs, own_data, pinning, settings_form, state, widgets
from pages.parts.choice import Choice
from pages.parts.session import session, set_widget, widget_key, widget_value


def draw(title: str, items: Sequence[jobs.Item[Spec]], nearest: bool = True) -> None:
    """Draw title, dataset, settings and the button that trains or stops, then models, budget and what to show of them."""
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
        _settings(choice)
        _main_button(items)
    st.caption(f"{source.about} Seed {choice.seed}.")
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


def unavailable(error: UserError) -> NoReturn:
    """Show why the data are unavailable, and which need no download, and end this part of the page."""
    cards.fault(error)
    st.caption("Need no download: " + ", ".join(source.title for source in datasets.sources().values() if source.offline) + ".")
    raise cards.End


def _main_button(items: Sequence[jobs.Item[Spec]]) -> None:
    live = [item.spec for item in items if item.is_live]
    missing = [item.spec for item in items if not item.recording and not item.is_live]
    if live:
        st.button("Stop", key="stop", on_click=_stop, args=(live,), help=jobs.STOP_HELP)
    else:
        st.button(
            "Train",
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
    state.save(session().choice.with_budget(widget_value("", "budget")))


def _pick_models() -> None:
    try:
        state.save(session().choice.with_models(widget_value("", "models")))
    except UserError as error:
        st.toast(f"{error}.")


def _toggle_nearest() -> None:
    state.save(session().choice.with_values(nearest=widget_value("", "nearest")))


def _settings(choice: Choice) -> None:
    """Draw one form for all models, with the seed and every knob; its fifty widgets are made only while the popover is open."""
    popover = st.popover("Settings", key="settings", on_change="rerun")
    if not popover.open:
        return
    with popover, st.form("settings-form", border=False):
        prefix, values = f"{session().address.version}.{choice.dataset}.{choice.budget}", {}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            seed = st.number_input(
                "Seed, for every model", 0, MAX_SEED, choice.seed, key=widget_key(prefix, "seed"), width="stretch"
            )
            submit = st.form_submit_button("Train with these", type="primary")
        for tab, name in zip(st.tabs([models.model(name).title for name in choice.models]), choice.models, strict=True):
            with tab:
                spec = choice.spec(name)
                preset = RunSpec.make(choice.dataset, name, budget=choice.budget).settings.model_dump()
                knobs = type(spec.settings).knobs()
                values[name] = settings_form.draw(knobs, spec.settings.model_dump(), preset, widget_key(prefix, name))
        auto_label = f"Train at once what takes less than {jobs.AUTO_SECONDS:.0f} s"
        auto = st.toggle(auto_label, choice.auto, key=widget_key(prefix, "auto"))
        if submit:
            _send(choice.with_values(seed=int(seed), auto=auto), values)


def _send(choice: Choice, values: dict[str, dict[str, object]]) -> None:
    """Save the form's settings and train with them; settings that are not valid together are an error in the form."""
    try:
        for name, settings in values.items():
            choice = choice.with_settings(name, settings)
    except UserError as error:
        cards.fault(error)
        return
    state.save(choice)
    jobs.request_all((choice.spec(name) for name in choice.models), by_hand=True)
    st.rerun()
