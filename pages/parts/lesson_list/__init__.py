"""The list of a course's lessons: number, title as a link in the same window, question, and how far the lesson is ready."""

from collections.abc import Sequence
from pathlib import Path

from pages.parts import component, lessons
from pages.parts.course import Lesson, link_query
from pages.parts.preparation import Mark
from pages.parts.session import session

HERE = Path(__file__).resolve().parent

_MOUNT = component.mount(HERE, "lesson_list")


def draw(course: str, label: str, rows: Sequence[Lesson], marks: Sequence[Mark]) -> None:
    """Draw the lessons of the course with this prefix; a click on a title opens it at the next run of the script."""
    data = [_row(course, number, lesson, mark) for number, (lesson, mark) in enumerate(zip(rows, marks, strict=True), 1)]
    _MOUNT(f"lesson-list-{course}", {"label": label, "rows": data}, open=lambda number: _open(course, int(number)))


def _row(course: str, number: int, lesson: Lesson, mark: Mark) -> dict[str, object]:
    href = f"./{lesson.page}?" + link_query(lessons.address(course, number, False))
    texts = {"title": lesson.title, "question": lesson.question, "href": href}
    return texts | {"number": number, "state": mark.state, "mark": mark.words, "line": mark.line}


def _open(course: str, number: int) -> None:
    session().own_course.chosen = course, number, False
