"""Draws a knob as a widget: a model's settings, a page's own controls and a comparison's values alike."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from genmodels.config import Knob, number_text


def draw(knob: Knob, key: str, values: Sequence[Any] = (), buttons: int = 5, ticks: int = 100, **options: Any) -> Any:
    """Draw the widget of a knob and return its value; the session holds its initial value under `key`.

    `values` are among those that a logarithmic slider offers; up to `buttons` choices are drawn as buttons, more as a list; a
    slider of floats has `ticks` steps; `options` are Streamlit's.
    """
    options = {"key": key, "help": knob.help, **options}
    if knob.kind == "bool":
        return st.toggle(knob.label, **options)
    if knob.kind == "choice" and len(knob.choices) <= buttons:
        return st.segmented_control(knob.label, knob.choices, required=True, **options)
    if knob.kind == "choice":
        return st.selectbox(knob.label, knob.choices, **options)
    if knob.log:
        return st.select_slider(knob.label, knob.scale(values), format_func=number_text, **options)
    if knob.kind == "int":
        return st.slider(knob.label, int(knob.low or 0), int(knob.high or 0), **options)
    low, high = float(knob.low or 0), float(knob.high or 0)
    return st.slider(knob.label, low, high, step=(high - low) / ticks, **options)
