"""The front door: what this is and three ways in, above the opening page until a viewer has dismissed it.

The browser remembers that in a cookie, which comes with the connection: the page is drawn with it or without it from the start.
"""

import streamlit as st

from pages.parts import own_data, prose, state
from pages.parts.session import session

COOKIE = "genmodels_door"
NAME = "**genmodels**"
SENTENCE = "Small generative models, trained while you watch and compared on equal terms."


def draw() -> None:
    """Draw it, unless it has been dismissed, the page is presented, or a link has brought the viewer to something particular."""
    own = session()
    own.door = own.door or ("absent" if st.query_params or COOKIE in st.context.cookies.to_dict() else "open")
    if own.door != "open" or state.presenting() or own.address.lesson:
        return
    with st.container(key="front-door", horizontal=True, vertical_alignment="center"):
        prose.markdown(f"{NAME}  \n{SENTENCE}", width="stretch")
        with st.container(key="door-ways", horizontal=True, width="content"):
            st.button("Start the course", key="door-course", type="primary", on_click=_start)
            st.button("Compare", key="door-compare", on_click=_dismiss)
            st.button("Your own data", key="door-own", on_click=_bring)


def _dismiss() -> None:
    session().door = "dismissed"


def _start() -> None:
    _dismiss()
    session().own_course.target = 1


def _bring() -> None:
    _dismiss()
    own_data.open_popover()
