"""Draws the texts of a page; the terms of the glossary in them open their meaning."""

from typing import Any

import streamlit as st

from genmodels.views.glossary import linked


def markdown(text: str, **options: Any) -> None:
    """Draw Markdown; `options` are Streamlit's."""
    st.markdown(linked(text), **options)


def caption(text: str, **options: Any) -> None:
    """Draw Markdown in small letters; `options` are Streamlit's."""
    st.caption(linked(text), **options)
