"""What the server remembers of one browser window between runs of the script: one typed object under one key of Streamlit's state.

Streamlit itself requires a key for each widget; the functions below make and use those.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from genmodels.config import Config
from pages.parts.choice import Choice
from pages.parts.course import Lesson

KEY = "session"


class Nothing(Config):
    """The controls of a page that has none of its own."""


@dataclass
class Address:
    """The open page and its address, as it was last read or written."""

    page: str = ""
    kind: type[Config] = Nothing  # the class of the page's own controls
    comparing: bool = False  # whether the address holds a comparison
    query: Mapping[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)  # what was wrong in it
    version: int = 0  # counts the addresses that were opened: a widget with it in its key starts anew with each
    opened: Mapping[str, Any] = field(default_factory=dict)  # the page's own controls as the address was opened
    lesson: str = ""
    present: bool = False


@dataclass
class Work:
    """What this viewer has asked of the engine; the sets and the dictionaries' names are keys of specs."""

    requested: set[str] = field(default_factory=set)  # neither stopped nor finished yet
    automatic: set[str] = field(default_factory=set)  # begun by a page without being asked
    stopped: dict[str, str] = field(default_factory=dict)  # why, where the viewer did not stop it himself
    refused: dict[str, str] = field(default_factory=dict)  # why
    notes: dict[str, str] = field(default_factory=dict)  # why a job that is live was interrupted
    watched: set[str] = field(default_factory=set)  # what this run of the script has looked up
    waits: int = 0  # how many parts of the page have waited in this run of the script


@dataclass
class OwnData:
    """The datasets that this viewer has uploaded, drawn or opened by a link."""

    names: list[str] = field(default_factory=list)
    popover: int = 0  # another popover after each success: it is closed and empty
    fault: str = ""  # what was wrong with the last drawing


@dataclass
class OwnCourse:
    """This viewer's own list of lessons."""

    lessons: list[Lesson] | None = None  # None until the browser or the viewer has given one
    file: str = ""  # the uploaded file that was read last
    target: int | None = None  # the lesson that the bar's button asks for


@dataclass
class Session:
    """One window: what its viewer has chosen, where he is, and what he has asked for."""

    viewer: str
    choice: Choice = field(default_factory=Choice)
    compared: bool = False  # whether a comparison has been opened
    views: dict[str, dict[str, Any]] = field(default_factory=dict)  # by page, the values of its own controls
    auto: bool = True  # whether a page without a comparison begins what is missing
    rerun: bool = False  # whether a callback within a fragment has changed what the rest of the page shows
    address: Address = field(default_factory=Address)
    work: Work = field(default_factory=Work)
    own_data: OwnData = field(default_factory=OwnData)
    own_course: OwnCourse = field(default_factory=OwnCourse)

    def take_rerun(self) -> bool:
        """Return whether the whole page must run again, and forget it."""
        rerun, self.rerun = self.rerun, False
        return rerun


def session() -> Session:
    """Return this window's session."""
    if KEY not in st.session_state:
        context = get_script_run_ctx()  # the engine asks Streamlit by this id whether the window is open
        st.session_state[KEY] = Session(viewer=f"{context.session_id if context else ''} {uuid.uuid4().hex}")
    found: Session = st.session_state[KEY]
    return found


def widget_key(page: str, name: str) -> str:
    """Return the key of a page's widget; those that every comparison has belong to no page ("")."""
    return f"{page}.{name}" if page else name


def set_widget(page: str, name: str, value: Any) -> str:
    """Set a widget that is about to be drawn, and return its key."""
    key = widget_key(page, name)
    st.session_state[key] = value
    return key


def start_widget(page: str, name: str, value: Any) -> str:
    """Set a widget that is drawn for the first time, and return its key; afterwards it holds what the viewer does with it."""
    key = widget_key(page, name)
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def widget_value(page: str, name: str) -> Any:
    """Return what a widget holds."""
    return st.session_state[widget_key(page, name)]
