"""2. Lessons: the course that follows the lecture, and lists of your own."""

import streamlit as st

from genmodels.config import UserError
from pages.parts import cards, course, lessons, prose, state
from pages.parts.session import session, widget_key
from pages.parts.shipped_course import COURSE

state.view("lessons", state.Nothing)
st.title("Lessons", anchor=False)
cards.notices(session().address.notices)
prose.markdown(
    "A lesson is a link: a page as it was left, a question, what there is to see. Arrow keys go forward and back, **R** reveals."
)


def table(rows: list[course.Lesson], prefix: str) -> None:
    """Draw a course and the two buttons that open its first lesson."""
    with st.container(horizontal=True):
        if st.button("Begin", key=widget_key("lessons", f"begin-{prefix}"), type="primary"):
            lessons.start(prefix, 1, present=False)
        if st.button("Present", key=widget_key("lessons", f"present-{prefix}"), help="Large, without controls: for a projector"):
            lessons.start(prefix, 1, present=True)
    links = [
        {
            "lesson": f"./{row.page}?" + course.link_query(lessons.address(prefix, i, False)),
            "title": row.title,
            "question": row.question,
        }
        for i, row in enumerate(rows, 1)
    ]
    link = st.column_config.LinkColumn("", display_text="open", width="small")
    st.dataframe(
        links, hide_index=True, column_config={"lesson": link}, height="content", key=widget_key("lessons", f"table-{prefix}")
    )


def lesson_of(row: dict[str, str | None]) -> course.Lesson:
    """Return the lesson of a row of the editor."""
    title, question, notice = (row.get(name) or "" for name in ("title", "question", "notice"))
    return course.lesson_at(row["link"] or "", title, question, notice)


st.subheader("The course", anchor=False)
table(COURSE, "")

st.subheader("Your own list", anchor=False)
prose.caption(
    "*Collect*, at the foot of every page, adds what you see there. This browser keeps the list; export it to take it along."
)
mine = lessons.own()
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
            lessons.set_own([lesson_of(row) for row in table_rows if row.get("link")])
            st.rerun()
        except UserError as error:
            cards.fault(error)
    st.download_button("Export the list", course.to_file(mine), "lessons.json", "application/json", on_click="ignore")
    table(mine, "o")
