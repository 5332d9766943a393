"""What the server remembers of one browser window between runs of the script: one typed object in Streamlit's session state.

Streamlit also keeps the value of each widget there, under a key; the functions at the end make those keys and use them.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from genmodels.config import Config
from genmodels.runs import RunSpec, Spec
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
    initial: Mapping[str, Any] = field(default_factory=dict)  # the page's own controls when the address was opened
    lesson: str = ""
    present: bool = False


@dataclass
class Work:
    """What this viewer has asked of the engine, by the keys of the specs."""

    requests: set[str] = field(default_factory=set)  # neither stopped nor finished
    automatic: set[str] = field(default_factory=set)  # started by a page, not by the viewer
    stops: dict[str, str] = field(default_factory=dict)  # key -> reason; "" where the viewer stopped it
    refusals: dict[str, str] = field(default_factory=dict)  # key -> reason
    notes: dict[str, str] = field(default_factory=dict)  # key -> why a job that runs was interrupted before
    lookups: set[str] = field(default_factory=set)  # what this run of the script has asked about
    waits: int = 0  # how many parts of the page have waited in this run of the script


@dataclass
class Pictures:
    """The pictures that the pages of the lecture have drawn last, each by its kind."""

    values: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)  # of the controls that decide from what it is drawn
    begins: dict[tuple[str, ...], tuple[Any, float]] = field(default_factory=dict)  # the values waited for, and since when (s)
    wishes: dict[tuple[str, ...], dict[str, Any]] = field(default_factory=dict)  # the values whose picture the viewer asked for


@dataclass
class Board:
    """What the board of this window shows."""

    pictures: dict[tuple[str, str], RunSpec] = field(default_factory=dict)  # dataset, model -> the run whose picture was last shown
    turn: int = 0  # the number of the last turn of a knob that was answered
    held: frozenset[str] = frozenset()  # names of the frames that the browser said it has, for the next drawing alone
    draws: int = 0  # how often it was drawn: the browser asks again once it has an answer, also one with nothing new


@dataclass
class OwnData:
    """The datasets that this viewer has uploaded, drawn or opened by a link."""

    names: list[str] = field(default_factory=list)
    popover: int = 0  # another popover after each success: it is closed and empty
    fault: str = ""  # why the last drawing or upload was refused


@dataclass
class OwnCourse:
    """This viewer's own list of lessons."""

    lessons: list[Lesson] | None = None  # None until the browser or the viewer has given one
    file: str = ""  # the uploaded file that was read last
    target: int | None = None  # the lesson that a button of the bar leads to; 0 leaves the course
    opened: bool | None = None  # whether the answer of the lesson was opened or closed just now
    chosen: tuple[str, int, bool] | None = None  # course and number of the lesson to open, and whether it is presented


@dataclass
class Preparation:
    """A course that is being made ready for this viewer."""

    course: str  # "" for the shipped one, "o" for the viewer's own
    specs: Mapping[str, Spec]  # by key, in the order in which the lessons need them
    is_running: bool = True
    blocked: Mapping[str, str] = field(default_factory=dict)  # key -> why it cannot be made

    @property
    def keys(self) -> set[str]:
        """The keys of what is being made."""
        return set(self.specs) if self.is_running else set()


@dataclass
class Session:
    """One window: what its viewer compares, the open page, and the work requested."""

    viewer: str
    choice: Choice = field(default_factory=Choice)
    compared: bool = False  # whether a comparison has been opened
    tried: dict[RunSpec, dict[str, Any]] = field(default_factory=dict)  # finished runs that were shown, the latest first: lines
    views: dict[str, dict[str, Any]] = field(default_factory=dict)  # by page, the values of its own controls
    door: Literal["", "open", "absent", "dismissed"] = ""  # the front door; "" until the opening page has been drawn
    auto: bool = True  # whether a page without a comparison begins what is missing
    rerun: bool = False  # whether a callback of a fragment has changed what the rest of the page shows
    address: Address = field(default_factory=Address)
    work: Work = field(default_factory=Work)
    pictures: Pictures = field(default_factory=Pictures)
    board: Board = field(default_factory=Board)
    own_data: OwnData = field(default_factory=OwnData)
    own_course: OwnCourse = field(default_factory=OwnCourse)
    preparation: Preparation | None = None

    def take_rerun(self) -> bool:
        """Return whether the whole page must run again, and reset it."""
        rerun, self.rerun = self.rerun, False
        return rerun


def session() -> Session:
    """Return this window's session."""
    if KEY not in st.session_state:
        context = get_script_run_ctx()  # its session_id tells `state.connected` whether the window is open
        st.session_state[KEY] = Session(viewer=f"{context.session_id if context else ''} {uuid.uuid4().hex}")
    own: Session = st.session_state[KEY]
    return own


def through_history() -> bool:
    """Whether the browser's Back or Forward has begun this run of the script."""
    context = get_script_run_ctx()
    return bool(context and context.is_history_navigation)


def widget_key(page: str, name: str) -> str:
    """Return the key of a page's widget; the widgets above every comparison have no page ("")."""
    return f"{page}.{name}" if page else name


def set_widget(page: str, name: str, value: Any) -> str:
    """Set a widget that is about to be drawn, and return its key."""
    key = widget_key(page, name)
    st.session_state[key] = value
    return key


def start_widget(page: str, name: str, value: Any) -> str:
    """Set a widget that is drawn for the first time, and return its key; later runs leave the viewer's value."""
    key = widget_key(page, name)
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def widget_value(page: str, name: str) -> Any:
    """Return what a widget holds."""
    return st.session_state[widget_key(page, name)]


def widget_or_none(page: str, name: str) -> Any:
    """Return what a widget holds, None where it has not been drawn."""
    return st.session_state.get(widget_key(page, name))


def clear_widget(page: str, name: str) -> None:
    """Forget what a widget holds: drawn again, it starts anew."""
    st.session_state.pop(widget_key(page, name), None)
