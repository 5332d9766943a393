"""The viewer's choice between runs of the script: the address rules, the session remembers it across pages."""

import uuid

import streamlit as st

from pages.parts.choice import Choice


def viewer() -> str:
    """Return this window's name for the engine's leases."""
    if "viewer" not in st.session_state:
        st.session_state["viewer"] = uuid.uuid4().hex
    return str(st.session_state["viewer"])


def load(page: str) -> Choice:
    """Return the choice that the address holds, or on coming back from another page the one that was left there."""
    session, query = st.session_state, st.query_params.to_dict()
    returning = not query and "choice" in session and session.get("page") != page
    if returning:
        save(session["choice"])
    elif "choice" not in session or query != session["address"]:
        session["choice"], session["notices"] = Choice.from_query(query)
        session["address"] = query
        session["version"] = session.get("version", 0) + 1  # the widgets start anew
    session["page"] = page
    choice: Choice = session["choice"]
    return choice


def save(choice: Choice) -> None:
    """Make this the choice, in the session and in the address."""
    st.session_state["choice"] = choice
    st.session_state["address"] = choice.to_query()
    st.session_state["notices"] = []
    st.query_params.from_dict(choice.to_query())
