"""A page's own controls, drawn from their declarations; a change is written into the address."""

from typing import Any

import streamlit as st

from genmodels.config import Config
from pages.parts import state, ticks, widgets
from pages.parts.ghost import Part
from pages.parts.session import set_widget, widget_value


def draw(page: str, view: Config, *names: str, **options: Any) -> None:
    """Draw the widgets of these controls, none while presenting."""
    if state.presenting():
        return
    knobs = type(view).knobs()
    for name in names:
        value = getattr(view, name)
        widgets.draw(knobs[name], set_widget(page, name, value), values=(value,), on_change=_save, args=(page, name), **options)


def slider(part: Part[Any], view: Any, name: str, width: int) -> None:
    """Draw the slider of a control, with dots under the values whose picture is there at once; nothing while presenting."""
    if state.presenting():
        return
    with st.container(width=width, gap=None):
        draw(part.page, view, name)
        ticks.draw(part, view, name)


def _save(page: str, name: str) -> None:
    state.save_view(page, **{name: widget_value(page, name)})
