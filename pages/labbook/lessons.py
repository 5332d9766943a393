"""2. Lessons: the course that follows the lecture, and lists of your own."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from genmodels.config import UserError
from genmodels.runs import Spec
from pages.parts import cards, copy_link, course, jobs, lesson_list, lessons, list_link, preparation, prose, state, status
from pages.parts.plain import plain
from pages.parts.preparation import Requirement
from pages.parts.session import session, widget_key
from pages.parts.shipped_course import COURSE
from pages.parts.views.lessons import View

PAGE = preparation.PAGE
view = state.view(PAGE, View)
chosen, session().own_course.chosen = session().own_course.chosen, None
if chosen:
    lessons.start(*chosen)
st.title("Lessons", anchor=False)
cards.notices(session().address.notices)
prose.markdown(
    f"{len(COURSE)} lessons follow the lecture, slide by slide. Each is a page as it was left, a question, and what there is to "
    "see. Begin with the first: **→** and **←** lead on, **R** reveals."
)


def table(rows: list[course.Lesson], prefix: str, label: str) -> None:
    """Draw a course: what begins, presents and prepares it, and its lessons; it alone again while it is being made ready."""
    required, active = preparation.requirements(prefix), preparation.is_active(prefix)

    @st.fragment(run_every=preparation.POLL_SECONDS if active else None)
    def moving_part() -> None:
        with cards.guard():
            left = preparation.advance() if preparation.is_active(prefix) else None
            missing = preparation.missing(required)
            draw_buttons(prefix, required, missing, left)
            lesson_list.draw(prefix, label, rows, preparation.marks(required, missing))
            if session().own_course.chosen or active != (left is not None):
                st.rerun()

    moving_part()


def draw_buttons(prefix: str, required: Sequence[Requirement], missing: Sequence[Spec], left: float | None) -> None:
    """Draw the buttons above a course, and how far it is ready."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Begin", key=widget_key(PAGE, f"begin-{prefix}"), type="primary"):
            session().own_course.chosen = prefix, 1, False
        if st.button("Present", key=widget_key(PAGE, f"present-{prefix}"), help="Large, without controls: for a projector"):
            session().own_course.chosen = prefix, 1, True
        if left is not None:
            st.button("Pause", key=widget_key(PAGE, f"pause-{prefix}"), on_click=preparation.pause, help=jobs.STOP_HELP)
        elif missing:
            words = f"Prepare ({status.about(preparation.seconds(tuple(missing)))})"
            help = "Make what the lessons show and is not there yet. You may go on meanwhile, on any page."
            st.button(words, key=widget_key(PAGE, f"prepare-{prefix}"), on_click=preparation.begin, args=(prefix,), help=help)
    total = len({spec.key for one in required for spec in one.specs})
    if left is not None:
        n = total - len(missing)
        st.progress(n / total, f"{n} of {total} recordings, {status.about(left)} left")


def lesson_of(row: dict[str, str | None], lesson: course.Lesson | None) -> course.Lesson:
    """Return the lesson of a row of the editor; `lesson` is the one that has had this link."""
    texts = {name: row.get(name) or "" for name in ("title", "question", "notice")}
    return replace(lesson, **texts) if lesson else course.lesson_at(row["link"] or "", **texts)


def link_of_list() -> None:
    """Offer the list that the address holds; it takes the place of the viewer's own only when asked to."""
    offer = list_link.from_text(view.list)
    with st.container(border=True):
        prose.markdown(
            f"**This link holds a list of {len(offer)} lessons.** " + " · ".join(plain(lesson.title) for lesson in offer[:8])
        )
        help = f"It takes the place of your own, which has {len(lessons.own())}: export that before." if lessons.own() else None
        st.button("Take it as my list", type="primary", key=widget_key(PAGE, "take"), on_click=take, args=(offer,), help=help)


def take(offer: list[course.Lesson]) -> None:
    lessons.set_own(offer)
    state.save_view(PAGE, list="")


def copy_button() -> None:
    """Draw the button that copies a link to the viewer's own list."""
    try:
        copy_link.draw("lessons", {"list": list_link.to_text(lessons.own())})
    except UserError as error:
        prose.caption(plain(f"No link: {error}."))


if view.list:
    with cards.guard():
        link_of_list()
table(COURSE, "", "The course")

st.subheader("Your own list", anchor=False)
prose.caption(
    "*Collect*, in the head of every page, adds what you see there. This browser keeps the list; a file or a link takes it along."
)
mine = lessons.own()
if mine:
    table(mine, "o", "Your own list")
upload = st.file_uploader("Open a list", type="json", key=widget_key("lessons", "file"), max_upload_size=1)
if upload and session().own_course.file != upload.file_id:
    try:
        lessons.set_own(course.from_file(upload.getvalue()))
        session().own_course.file = upload.file_id
        st.rerun()  # the head of the page sends the list to the browser
    except UserError as error:
        cards.fault(error)
if mine:
    rows = [{"title": row.title, "link": row.link(), "question": row.question, "notice": row.notice} for row in mine]
    key = widget_key("lessons", f"{len(mine)}-{session().own_course.file}")  # an editor of its own for each list
    table_rows = st.data_editor(rows, num_rows="dynamic", key=key, hide_index=True)
    if table_rows != rows:
        try:
            known = {row.link(): row for row in mine}
            lessons.set_own([lesson_of(row, known.get(row["link"])) for row in table_rows if row.get("link")])
            st.rerun()
        except UserError as error:
            cards.fault(error)
    with st.container(horizontal=True, vertical_alignment="center"):
        copy_button()
        st.download_button("Export the list", course.to_file(mine), "lessons.json", "application/json", on_click="ignore")
