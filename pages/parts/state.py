"""What a viewer has chosen, between runs of the script: the address rules, the session remembers it across pages.

Three things share the address: the comparison (`Choice`, common to the pages that compare), a page's own controls (its `View`,
a Config, so that each is declared once), and how it is presented (`present=1`: large, without controls; `lesson=N`: in the course).
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from genmodels.config import Config, UserError
from pages.parts.choice import Choice

V = TypeVar("V", bound=Config)
PRESENTING = ("present", "lesson")
AUTO = "auto"  # 0: nothing is trained or studied before it is asked for; a comparison holds it itself


class Nothing(Config):
    """The controls of a page that has none of its own."""


def viewer() -> str:
    """Return this window's name for the engine's leases: its session's, and a part that no other session ever had."""
    if "viewer" not in st.session_state:
        context = get_script_run_ctx()
        st.session_state["viewer"] = f"{context.session_id if context else ''} {uuid.uuid4().hex}"
    return str(st.session_state["viewer"])


def connected(viewer: str) -> bool:
    """Whether the window of that name is open, however long it has been quiet."""
    return runtime.exists() and runtime.get_instance().is_active_session(viewer.partition(" ")[0])


def load(page: str) -> Choice:
    """Return the comparison that the address holds, or on coming back from another page the one that was left there."""
    return compare(page, Nothing)[0]


def compare(page: str, kind: type[V]) -> tuple[Choice, V]:
    """Return the comparison and the page's own controls."""
    _arrive(page, kind, comparing=True)
    choice: Choice = st.session_state["choice"]
    return choice, _view(page, kind)


def view(page: str, kind: type[V]) -> V:
    """Return the controls of a page that compares nothing."""
    _arrive(page, kind, comparing=False)
    return _view(page, kind)


def save(choice: Choice) -> None:
    """Make this the comparison, in the session and in the address."""
    st.session_state["choice"] = choice
    _write()


def save_view(page: str, **values: Any) -> None:
    """Change some of the page's own controls, in the session and in the address; values that are not allowed raise `UserError`."""
    kind: type[Config] = st.session_state["view-kind"]
    changed = kind.parse({**st.session_state["views"][page], **values}, where=page)
    st.session_state["views"][page] = changed.model_dump()
    _write()


def presenting() -> bool:
    """Whether the page is shown large and without its controls."""
    return st.session_state.get("present") == "1"


def auto() -> bool:
    """Whether what is missing and short is made at once."""
    session = st.session_state
    return bool(session["choice"].auto if session["comparing"] else session[AUTO] != "0")


def link(view: Config) -> dict[str, str]:
    """Return a page's own controls as parts of an address; what is as usual is left out."""
    return {name: _text(value) for name, value in view.model_dump().items() if value != type(view).model_fields[name].default}


def read(kind: type[V], query: Mapping[str, str], where: str) -> tuple[V, list[str]]:
    """Return the controls nearest to what an address asks for, taken one by one, and a line for each part that is not valid."""
    taken: dict[str, str] = {}
    notices = []
    for name in kind.knobs():
        if name in query:
            try:
                kind.parse({**taken, name: query[name]}, where)
                taken[name] = query[name]
            except UserError as error:
                notices.append(f"The link's {name} was left out. {error}.")
    return kind.parse(taken, where), notices


def _arrive(page: str, kind: type[Config], comparing: bool) -> None:
    session, query = st.session_state, st.query_params.to_dict()
    views: dict[str, dict[str, Any]] = session.setdefault("views", {})  # values, not Configs
    arrived = session.get("page") != page
    left_before = "choice" in session if comparing else page in views
    session["comparing"], session["page"], session["view-kind"] = comparing, page, kind
    if arrived and not query and left_before:
        views.setdefault(page, kind().model_dump())
        session.setdefault(AUTO, "")
        session["version"] = session.get("version", 0) + 1
        session["lesson"] = ""  # who goes elsewhere by the bar of pages has left the course
        _write()
    elif arrived or query != session["address"]:
        session["lesson"] = query["lesson"] if re.fullmatch(r"o?\d{1,3}", query.get("lesson", "")) else ""  # the bar tells of it
        session["present"] = "1" if query.get("present") == "1" else ""
        found, notices = read(kind, query, page)
        notices += _unclear(query, "present" if comparing else f"present {AUTO}")
        views[page] = found.model_dump()
        known = {*kind.knobs(), *PRESENTING}
        if comparing:
            session["choice"], lines = Choice.from_query(query, known)
            notices += lines
        else:
            known.add(AUTO)
            session[AUTO] = "0" if query.get(AUTO) == "0" else ""
            notices += [f"The link's {name[:20]!r} means nothing here: left out." for name in query if name not in known]
        session["notices"], session["address"] = notices, query
        session["version"] = session.get("version", 0) + 1  # the widgets start anew


def _unclear(query: Mapping[str, str], switches: str) -> list[str]:
    """Return a line for each switch of an address that is neither 0 nor 1."""
    unclear = {name: query[name] for name in switches.split() if query.get(name, "0") not in ("0", "1")}
    return [f"The link's {name}={value[:20]!r} is neither 0 nor 1: left out." for name, value in unclear.items()]


def _view(page: str, kind: type[V]) -> V:
    return kind.parse(st.session_state["views"][page], where=page)


def _write() -> None:
    session = st.session_state
    query = session["choice"].to_query() if session["comparing"] else {AUTO: "0"} if session.get(AUTO) else {}
    query |= link(session["view-kind"].parse(session["views"][session["page"]], where=session["page"]))
    query |= {name: session[name] for name in PRESENTING if session.get(name)}
    session["address"], session["notices"] = query, []
    st.query_params.from_dict(query)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)  # a float as its shortest text that reads back as the same number
