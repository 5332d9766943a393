"""A page's own controls, each drawn from its declaration; a change goes into the address, and the page runs again."""

from typing import Any

import streamlit as st

from genmodels.config import Config
from pages.parts import state
from pages.parts.session import set_widget, widget_value
from pages.parts.settings_form import log_scale, number_text


def draw(page: str, view: Config, *names: str, **options: Any) -> None:
    """Draw the widgets of these controls, side by side as the surrounding container has it; none while presenting."""
    if state.presenting():
        return
    knobs = type(view).knobs()
    for name in names:
        knob, value = knobs[name], getattr(view, name)
        key = set_widget(page, name, value)
        tell: dict[str, Any] = {"key": key, "help": knob.help, "on_change": _save, "args": (page, name), **options}
        if knob.kind == "bool":
            st.toggle(knob.label, **tell)
        elif knob.kind == "choice" and len(knob.choices) <= 5:
            st.segmented_control(knob.label, knob.choices, required=True, **tell)
        elif knob.kind == "choice":
            st.selectbox(knob.label, knob.choices, **tell)
        elif knob.log:
            st.select_slider(knob.label, log_scale(knob, (value,)), format_func=number_text, **tell)
        elif knob.kind == "int":
            st.slider(knob.label, int(knob.low or 0), int(knob.high or 0), **tell)
        else:
            low, high = float(knob.low or 0), float(knob.high or 0)
            st.slider(knob.label, low, high, step=(high - low) / 100, **tell)


def _save(page: str, name: str) -> None:
    state.save_view(page, **{name: widget_value(page, name)})
