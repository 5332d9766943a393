"""Which course a window is in: the shipped one, or a list of its own; where its lessons are, and how one gets there."""

import re
from pathlib import Path

import streamlit as st

from genmodels.config import UserError
from pages.parts.course import Lesson, lesson_at
from pages.parts.shipped_course import COURSE

PAGES = Path(__file__).resolve().parent.parent
OPENING = "samples"
NAME = re.compile(r"(o?)(\d{1,3})")  # 3 is the third shipped lesson, o3 the third of the window's own list


def own() -> list[Lesson]:
    """Return this window's own list, to be changed in place."""
    lessons: list[Lesson] = st.session_state.setdefault("own-lessons", [])
    return lessons


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


def start(course: str, number: int, present: bool, auto: bool = True) -> None:
    """Open a lesson."""
    lessons, _ = find(f"{course}{number}")
    st.switch_page(page_file(lessons[number - 1].page), query_params=address(course, number, present, auto))


def collect(page: str, title: str) -> None:
    """Add what is shown now to this window's own list."""
    query = "&".join(f"{name}={value}" for name, value in st.query_params.to_dict().items())
    own().append(lesson_at(f"./{page}?{query}", title))
    st.toast(f"Lesson {len(own())} of your own list. The page *Lessons* has the list, and exports it.")
