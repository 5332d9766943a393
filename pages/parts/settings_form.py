"""A model's settings as a form, drawn from its Config: nothing is trained until the form is sent."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from genmodels.config import Knob

NICE = (1.0, 2.0, 3.0, 5.0, 7.0)


def draw(knobs: Mapping[str, Knob], current: Mapping[str, Any], usual: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Draw one widget a knob, set to `current`, and return what the widgets hold."""
    return {name: _widget(knob, current[name], usual[name], f"{prefix}.{name}") for name, knob in knobs.items()}


def _widget(knob: Knob, value: Any, usual: Any, key: str) -> Any:
    label, tip = knob.label, f"{knob.help} Usually {number_text(usual)}."
    if knob.kind == "bool":
        return st.toggle(label, value, key=key, help=tip)
    if knob.kind == "choice":
        return st.selectbox(label, knob.choices, knob.choices.index(value), key=key, help=tip)
    if knob.log:
        scale = log_scale(knob, (value, usual))
        return st.select_slider(label, scale, value, format_func=number_text, key=key, help=tip)
    if knob.kind == "int":
        return st.slider(label, int(knob.low or 0), int(knob.high or 0), value, key=key, help=tip)
    low, high = float(knob.low or 0), float(knob.high or 0)
    return st.slider(label, low, high, float(value), step=(high - low) / 200, key=key, help=tip)


def log_scale(knob: Knob, kept: tuple[Any, ...]) -> list[Any]:
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
    return (
        f"{value:,}"
        if isinstance(value, int) and not isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
