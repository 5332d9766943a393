"""Draws a view's SVG in the page's colour and font."""

import streamlit as st

_MOUNT = st.components.v2.component(
    "genmodels_drawing",
    html="<div class='drawing'></div>",
    css=".drawing { color: var(--st-text-color); font-family: var(--st-font); }",
    # The SVG comes from our own views; it never holds text that a viewer typed.
    js="export default function ({ data, parentElement }) { parentElement.querySelector('.drawing').innerHTML = data.svg; }",
)


def draw(key: str, svg: str) -> None:
    """Draw the SVG, which `st.html` would remove."""
    _MOUNT(key=key, data={"svg": svg})
