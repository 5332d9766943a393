"""A widget for each kind of knob, drawn from its declaration: of a model's settings, of a page's own controls, of a comparison."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from genmodels.config import Knob

NICE = (1.0, 2.0, 3.0, 5.0, 7.0)


def draw(knob: Knob, key: str, kept: Sequence[Any] = (), buttons: int = 5, ticks: int = 100, **options: Any) -> Any:
    """Draw the widget of a knob, which shows what the session holds under `key`, and return its value.

    `kept` are values that a logarithmic slider must hold; up to `buttons` choices are drawn side by side, more in a list; a
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
        return st.select_slider(knob.label, log_scale(knob, kept), format_func=number_text, **options)
    if knob.kind == "int":
        return st.slider(knob.label, int(knob.low or 0), int(knob.high or 0), **options)
    low, high = float(knob.low or 0), float(knob.high or 0)
    return st.slider(knob.label, low, high, step=(high - low) / ticks, **options)


def log_scale(knob: Knob, kept: Sequence[Any]) -> list[Any]:
    """Return the round values of a logarithmic slider within the knob's range, its ends and the `kept` values among them."""
    assert knob.low is not None
    assert knob.high is not None
    values, power = {knob.low, knob.high, *kept}, -9
    while 10.0**power <= knob.high:
        values |= {n * 10.0**power for n in NICE if knob.low <= n * 10.0**power <= knob.high}
        power += 1
    rounded = {float(f"{v:.6g}") for v in values if v not in kept} | set(kept)
    return sorted({int(v) for v in rounded if v == int(v)} if knob.kind == "int" else rounded)


def number_text(value: Any) -> str:
    """Return a knob's value as people write it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
