"""What the server remembers of a window: one typed object, apart from every other window's, and nothing beside it but widgets."""

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.config import UserError
from pages.parts.choice import LAST_FRAME, Choice
from pages.parts.session import KEY, Session
from tests.pages.shell import PAGES


def page() -> None:
    import streamlit as st

    from pages.parts.session import session, set_widget, start_widget, widget_value

    session().own_data.names.append("moons")
    st.slider("fixed", 0, 9, key=set_widget("page", "fixed", 4))
    st.slider("free", 0, 9, key=start_widget("page", "free", 5))
    st.button("again", key="again")
    st.text(f"{widget_value('page', 'fixed')} {widget_value('page', 'free')} {session().take_rerun()}")


def test_a_session_lasts_from_run_to_run_and_is_no_other_windows() -> None:
    one, other = AppTest.from_function(page).run(), AppTest.from_function(page).run()
    one.run()
    sessions: list[Session] = [window.session_state[KEY] for window in (one, other)]
    assert [session.own_data.names for session in sessions] == [["moons", "moons"], ["moons"]]
    assert sessions[0].viewer != sessions[1].viewer
    assert sessions[0].viewer == one.run().session_state[KEY].viewer


def test_a_widget_that_is_set_goes_back_and_one_that_is_started_stays_where_its_viewer_put_it() -> None:
    window = AppTest.from_function(page).run()
    assert window.text[0].value == "4 5 False"
    window.slider(key="page.fixed").set_value(7)
    window.slider(key="page.free").set_value(7)
    assert window.run().text[0].value == "4 7 False"


def test_a_page_runs_again_once() -> None:
    window = AppTest.from_function(page).run()
    window.session_state[KEY].rerun = True
    assert [window.run().text[0].value for _ in range(2)] == ["4 5 True", "4 5 False"]


def test_streamlits_state_is_named_in_one_module() -> None:
    files = [file for file in PAGES.rglob("*.py") if "st.session_state" in file.read_text()]
    assert [file.name for file in files] == ["session.py"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"seed": -1}, r"seed = -1 is not allowed; give whole numbers from 0 to 2.14748e\+09 \(default 0\)"),
        ({"frame": LAST_FRAME + 1}, rf"frame = 24 is not allowed; give whole numbers from 0 to {LAST_FRAME}"),
        ({"budget": "endless"}, "budget = 'endless' is not allowed; give quick, standard, thorough"),
        ({"colour": "red"}, "no setting named 'colour'"),
    ],
)
def test_a_comparison_has_the_ranges_of_its_knobs(values: dict[str, object], words: str) -> None:
    with pytest.raises(UserError, match=words):
        Choice().with_values(**values)
