"""A drawing that a view made as SVG text: it takes the page's colour and size, and its parts can be pointed at."""

import streamlit as st

_MOUNT = st.components.v2.component(
    "genmodels_drawing",
    html="<div class='drawing'></div>",
    css=".drawing { color: var(--st-text-color); font-family: var(--st-font); }",
    # What a view makes of numbers and words of our own; never anything that a viewer typed.
    js="export default function ({ data, parentElement }) { parentElement.querySelector('.drawing').innerHTML = data.svg; }",
)


def draw(key: str, svg: str) -> None:
    """Draw it; st.html would leave SVG out."""
    _MOUNT(key=key, data={"svg": svg})
