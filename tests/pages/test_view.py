"""A page's own controls: the address holds them, a wrong part costs itself and one line, nothing else is lost."""

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.config import Config, knob
from pages.parts.address import Reader, changes


class View(Config):
    k: int = knob(8, "Components.", ge=1, le=16)
    noise: float = knob(0.1, "Noise.", ge=0.001, le=1, log=True)
    grid: bool = knob(False, "Grid.")
    mode: str = knob("ab", "A text.", pattern="^[a-c]{0,4}$")


@pytest.mark.parametrize(
    ("query", "expected", "notices"),
    [
        ({}, {}, 0),
        ({"k": "3", "noise": "0.5", "grid": "true"}, {"k": 3, "noise": 0.5, "grid": True}, 0),
        ({"k": "99", "noise": "0.5"}, {"noise": 0.5}, 1),
        ({"k": "<script>", "noise": "nan", "grid": "perhaps", "mode": "zzz"}, {}, 4),
        ({"mode": "abc"}, {"mode": "abc"}, 0),
    ],
)
def test_the_nearest_valid_view_is_read_and_each_fault_told(query, expected, notices):
    reader = Reader(query)
    assert reader.controls(View, "page") == View(**expected)
    assert len(reader.notices) == notices


@pytest.mark.parametrize("values", [{}, {"k": 3}, {"noise": 0.123456789, "grid": True, "mode": ""}])
def test_a_link_reads_back_as_the_same_view(values):
    view = View(**values)
    reader = Reader(changes(view))
    assert reader.controls(View, "page") == view
    assert reader.notices == []


def page() -> None:
    import streamlit as st

    from genmodels.config import Config, knob
    from pages.parts import state, view_controls
    from pages.parts.session import session

    class Own(Config):
        k: int = knob(8, "Components.", ge=1, le=16)
        shown: str = knob("all", "What is shown.", pattern="^[a-z]*$")

    own = state.view("test", Own)
    view_controls.draw("test", own, "k")
    st.write(f"k = {own.k}, shown = {own.shown}, present = {state.presenting()}, auto = {state.auto()}")
    for line in session().address.notices:
        st.warning(line)


def test_a_control_changes_the_page_and_the_address_and_keeps_the_rest():
    at = AppTest.from_function(page)
    at.query_params["shown"] = "few"
    at.run()
    at.slider(key="test.k").set_value(5).run()
    assert at.markdown[0].value == "k = 5, shown = few, present = False, auto = True"
    assert at.query_params == {"k": "5", "shown": "few"}


def test_presenting_hides_the_controls_and_unknown_parts_are_told():
    at = AppTest.from_function(page)
    at.query_params["present"], at.query_params["auto"], at.query_params["nonsense"] = "1", "0", "1"
    at.run()
    assert at.markdown[0].value == "k = 8, shown = all, present = True, auto = False"
    assert not at.slider
    assert ["'nonsense'" in w.value for w in at.warning] == [True]
