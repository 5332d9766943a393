"""The head of a lecture page (title, claim, notices about the address) and the numbers at its foot."""

from collections.abc import Sequence

import streamlit as st

from genmodels.views.glossary import linked
from pages.parts import cards, prose, state
from pages.parts.session import session


def draw(title: str, claim: str) -> None:
    """Draw title and claim, Markdown of one or two sentences; on a projector the evidence takes its place."""
    st.title(title, anchor=False)
    if not state.presenting():
        prose.markdown(claim)
    cards.notices(session().address.notices)


def settle(name: str, value: str, note: str) -> None:
    """Draw the number that settles the page's question, and what it is measured on; the name is its help button's too: no links."""
    with st.container():  # one thing in a row of several: the note stays under its number
        st.metric(name, value, help=linked(note), border=True)
        if state.presenting():
            prose.caption(note)


def numbers(cells: Sequence[tuple[str, str, str]]) -> None:
    """Draw several such numbers side by side; each is name, value and note."""
    for column, cell in zip(st.columns(len(cells)), cells, strict=True):
        with column:
            settle(*cell)
