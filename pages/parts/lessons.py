"""Which course a window is in: the shipped one, or a list of its own; where its lessons are, and how one gets there."""

import re
from pathlib import Path

import streamlit as st

from genmodels.config import UserError
from pages.parts.course import Lesson, from_file, lesson_at, to_file
from pages.parts.plain import plain
from pages.parts.session import session
from pages.parts.shipped_course import COURSE
from pages.parts.state import PRESENTING

PAGES = Path(__file__).resolve().parent.parent
OPENING = "samples"
NAME = re.compile(r"(o?)(\d{1,3})")  # 3 is the third shipped lesson, o3 the third of the window's own list


def own() -> list[Lesson]:
    """Return this window's own list."""
    return list(session().own_course.lessons or [])


def set_own(course: list[Lesson]) -> None:
    """Make this the window's own list; one that its file could not hold raises one line."""
    session().own_course.lessons = from_file(to_file(course).encode()) if course else []


def own_text() -> str | None:
    """Return the own list as the text of a file, "" where it is empty; None as long as this session has not had one."""
    course = session().own_course.lessons
    return to_file(course) if course else None if course is None else ""


def find(name: str) -> tuple[list[Lesson], int]:
    """Return the course and the number, from 1, of the lesson that an address calls `name`, or raise one line."""
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
    """Return the file of the page with this address, or raise one line."""
    found = sorted(PAGES.glob(f"*/{page or OPENING}.py"))
    found = [file for file in found if file.parent.name != "parts"]
    if not found:
        raise UserError(f"this dashboard has no page {page!r}: take the lesson out of the list, or collect its link anew")
    return found[0]


def address(course: str, number: int, present: bool, auto: bool = True) -> dict[str, str]:
    """Return the parts of the address of a lesson; `course` is "" for the shipped one, "o" for the window's own."""
    lesson = find(f"{course}{number}")[0][number - 1]
    extra = ({"present": "1"} if present else {}) | ({} if auto else {"auto": "0"})
    return {**lesson.query, "lesson": f"{course}{number}"} | extra


def go(to: int) -> None:
    """Go to lesson number `to` of the course that the address is in; 0 leaves the course."""
    if to == 0:
        for part in ("lesson", "present"):
            st.query_params.pop(part, None)
        return
    course = "o" if st.query_params.get("lesson", "").startswith("o") else ""
    start(course, to, st.query_params.get("present") == "1", st.query_params.get("auto") != "0")


def complete(page: str) -> None:
    """Go to a lesson's own link where the address is of another page, or names the lesson and nothing else."""
    query = st.query_params.to_dict()
    match = NAME.fullmatch(query["lesson"])
    assert match
    lesson = find(query["lesson"])[0][int(match[2]) - 1]
    bare = query.keys() <= {*PRESENTING, "auto"} and query != session().address.query  # not what a control has left of it
    if lesson.page != page or (bare and lesson.query):
        start(match[1], int(match[2]), query.get("present") == "1", query.get("auto") != "0")


def start(course: str, number: int, present: bool, auto: bool = True) -> None:
    """Open a lesson."""
    lessons, _ = find(f"{course}{number}")
    st.switch_page(page_file(lessons[number - 1].page), query_params=address(course, number, present, auto))


def collect(page: str, title: str) -> None:
    """Add what is shown now to this window's own list."""
    query = "&".join(f"{name}={value}" for name, value in st.query_params.to_dict().items())
    try:
        set_own([*own(), lesson_at(f"./{page}?{query}", title)])
        st.toast(f"Lesson {len(own())} of your own list. The page *Lessons* has the list, and exports it.")
    except UserError as error:
        st.toast(f"Not added: {plain(error)}")
