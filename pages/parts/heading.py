"""The head of a page of the lecture: its title, its claim, what was wrong in the address, and its place in the course."""

from collections.abc import Sequence

import streamlit as st

from pages.parts import cards, state
from pages.parts.session import session


def draw(title: str, claim: str) -> None:
    """Draw title and claim; the claim is one or two sentences, in which $...$ is a formula."""
    st.title(title, anchor=False)
    st.markdown(claim)
    cards.notices(session().address.notices)


def settle(name: str, value: str, note: str) -> None:
    """Draw the number that settles the page's question, and what it is measured on."""
    with st.container():  # one thing in a row of several: the note stays under its number
        st.metric(name, value, help=note, border=True)
        if state.presenting():
            st.caption(note)


def numbers(cells: Sequence[tuple[str, str, str]]) -> None:
    """Draw several such numbers side by side; each is name, value and note."""
    for column, cell in zip(st.columns(len(cells)), cells, strict=True):
        with column:
            settle(*cell)
