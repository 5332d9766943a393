"""The bar below a page of a course: its lesson's question, what to notice, and the way to the others."""

from pathlib import Path

import streamlit as st

from genmodels.config import UserError
from pages.parts import cards, component, lessons, own_list, style
from pages.parts.course import Lesson
from pages.parts.session import session

HERE = Path(__file__).resolve().parent
KEY = "lesson-bar"

_MOUNT = component.mount(HERE, "lesson_bar")


def draw(page: str, title: str) -> None:
    """Follow the bar's last button, then draw the bar of the address's lesson, or else the buttons that present and collect."""
    own_list.keep()
    own = session().own_course
    target, own.target = own.target, None
    if target is not None:
        own.opened = None  # R just before the arrow was for the lesson that is left
        lessons.go(target)
    present = lessons.presenting()
    style.presenting(present)
    name = st.query_params.get("lesson", "")
    if not name:
        _tools(page, title, present)
        return
    try:
        course, number = lessons.find(name)
    except UserError as error:
        cards.notices([str(error)])
        return
    lessons.complete(page)
    lesson: Lesson = course[number - 1]
    opened, own.opened = own.opened, None
    if opened is not None:
        lessons.reveal(name, opened)
    texts = {"title": lesson.title, "question": lesson.question, "notice": lesson.notice}
    acts = {"plays": lesson.plays, "acts": lesson.acts, "revealed": lessons.is_revealed(lesson)}
    data = {"number": number, "total": len(course), "present": present, **texts, **acts}
    _MOUNT(KEY, data, go=lambda number: _go(int(number)), reveal=lambda opened: _reveal(bool(opened)))


def _go(number: int) -> None:
    session().own_course.target = number


def _reveal(opened: bool) -> None:
    session().own_course.opened = opened


def _tools(page: str, title: str, present: bool) -> None:
    with st.container(horizontal=True, key="lesson-tools"):
        if present:
            st.button("✕", key="leave-presenting", on_click=_present, args=(False,), help="Back to the controls")
            return
        st.button("Present", key="tool-present", on_click=_present, args=(True,), help="Large, without controls: for a projector")
        help = "Add this page as it is now to your own list of lessons"
        st.button("Collect", key="tool-collect", on_click=lessons.collect, args=(page, title), help=help)


def _present(yes: bool) -> None:
    if yes:
        st.query_params["present"] = "1"
    else:
        st.query_params.pop("present", None)
