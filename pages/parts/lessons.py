"""The lessons of a window: those of the shipped course ("3") and of the viewer's own list ("o3"), and the way to each."""

import re
from pathlib import Path

import streamlit as st

from genmodels.config import UserError
from pages.parts.course import Lesson, from_file, lesson_at, to_file
from pages.parts.plain import plain
from pages.parts.session import session
from pages.parts.shipped_course import COURSE
from pages.parts.state import AUTO, PRESENTING

PAGES = Path(__file__).resolve().parent.parent
OPENING = "samples"
NAME = re.compile(r"(o?)(\d{1,3})")


def own() -> list[Lesson]:
    """Return the viewer's own list."""
    return list(session().own_course.lessons or [])


def set_own(course: list[Lesson]) -> None:
    """Make this the viewer's own list; one that a file could not hold raises `UserError`."""
    session().own_course.lessons = from_file(to_file(course).encode()) if course else []


def own_text() -> str | None:
    """Return the own list as the text of a file, "" if it is empty, None if this session has not had one yet."""
    course = session().own_course.lessons
    return course if course is None else to_file(course) if course else ""


def find(name: str) -> tuple[list[Lesson], int]:
    """Return the course and the number, from 1, of the lesson with this name, or raise `UserError`."""
    match = NAME.fullmatch(name)
    if not match:
        raise UserError(f"The link's lesson={name[:20]!r} is none: a number from 1 to {len(COURSE)}. The page is shown without it")
    course = own() if match[1] else COURSE
    if not course:
        raise UserError("The link is a lesson of a list that is not open in this window: open its file on the page Lessons")
    if not 1 <= int(match[2]) <= len(course):
        raise UserError(f"The link's lesson={name} is not there: the course has {len(course)}. The page is shown without it")
    return course, int(match[2])


def page_file(page: str) -> Path:
    """Return the file of the page with this name in the address, or raise `UserError`."""
    file = next((file for file in sorted(PAGES.glob(f"*/{page or OPENING}.py")) if file.parent.name != "parts"), None)
    if file is None:
        raise UserError(f"this dashboard has no page {page!r}: take the lesson out of the list, or collect its link anew")
    return file


def address(course: str, number: int, present: bool, auto: bool = True) -> dict[str, str]:
    """Return the parts of a lesson's address; `course` is "" for the shipped one, "o" for the viewer's own."""
    lesson = find(f"{course}{number}")[0][number - 1]
    extra = ({"present": "1"} if present else {}) | ({} if auto else {AUTO: "0"})
    return {**lesson.query, "lesson": f"{course}{number}"} | extra


def reveal(name: str, opened: bool) -> None:
    """Let the page show what the answer of this lesson speaks of, or be again as the lesson opens."""
    course, number = find(name)
    lesson, query = course[number - 1], st.query_params.to_dict()
    start = address(name.rstrip("0123456789"), number, presenting(), query.get(AUTO) != "0")
    st.query_params.from_dict(query | lesson.reveal if opened else start)


def is_revealed(lesson: Lesson) -> bool:
    """Whether the address has what changes with the lesson's answer."""
    query = st.query_params.to_dict()
    return bool(lesson.reveal) and all(query.get(name) == value for name, value in lesson.reveal.items())


def go(to: int) -> None:
    """Go to lesson number `to` of the address's course; 0 leaves the course."""
    if to == 0:
        for part in PRESENTING:
            st.query_params.pop(part, None)
    else:
        _follow(st.query_params.get("lesson", ""), to)


def complete(page: str) -> None:
    """Go to the lesson's own link if the address is of another page, or names the lesson alone."""
    query = st.query_params.to_dict()
    course, number = find(query["lesson"])
    lesson = course[number - 1]
    bare = query.keys() <= {*PRESENTING, AUTO} and query != session().address.query  # else a control was put back to its default
    if lesson.page != page or (bare and lesson.query):
        _follow(query["lesson"], number)


def _follow(name: str, number: int) -> None:
    """Open a lesson of the course of the lesson `name`, presented as the address says."""
    start("o" if name.startswith("o") else "", number, presenting(), st.query_params.get(AUTO) != "0")


def presenting() -> bool:
    """Whether the address asks to present; the page itself has not read it yet."""
    return st.query_params.get("present") == "1"


def start(course: str, number: int, present: bool, auto: bool = True) -> None:
    """Open a lesson."""
    lessons, _ = find(f"{course}{number}")
    st.switch_page(page_file(lessons[number - 1].page), query_params=address(course, number, present, auto))


def collect(page: str, title: str) -> None:
    """Add the open page as it is now to the viewer's own list."""
    query = "&".join(f"{name}={value}" for name, value in st.query_params.to_dict().items())
    try:
        set_own([*own(), lesson_at(f"./{page}?{query}", title)])
        st.toast(f"Lesson {len(own())} of your own list. The page *Lessons* has the list, and exports it.")
    except UserError as error:
        st.toast(f"Not added: {plain(error)}")
