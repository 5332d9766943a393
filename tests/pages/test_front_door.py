"""The front door: on the opening page until it is dismissed, and never where a link leads to something particular."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.session import KEY
from tests.pages.shell import opened

pytestmark = pytest.mark.usefixtures("cache")

OPENING = "compare/samples.py"


def ways(at: AppTest) -> list[str]:
    return [button.label for button in at.button if str(button.key).startswith("door-")]


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The opening page without a query; nothing is trained for it."""
    monkeypatch.setattr("pages.parts.jobs.request_short", lambda items: None)
    return opened(OPENING)


def test_it_names_three_ways_and_says_what_this_is(at: AppTest) -> None:
    assert ways(at) == ["Start the course", "Compare", "Your own data"]
    assert "generative models" in at.markdown[0].value


def test_compare_dismisses_it_and_stays(at: AppTest) -> None:
    at.button(key="door-compare").click().run()
    assert ways(at) == []
    assert at.session_state[KEY].door == "dismissed"
    assert at.title[0].value == "Side by side"
    assert at.query_params == {}


def test_the_course_opens_with_its_first_lesson(at: AppTest) -> None:
    at.button(key="door-course").click().run()
    assert at.query_params["lesson"] == "1"
    assert ways(at) == []


def test_your_own_data_opens_the_upload(at: AppTest) -> None:
    assert not at.get("file_uploader")
    at.button(key="door-own").click().run()
    assert len(at.get("file_uploader")) == 1
    assert ways(at) == []


@pytest.mark.parametrize("query", [{"auto": "0"}, {"present": "1"}, {"lesson": "1"}, {"data": "moons", "auto": "0"}])
def test_a_link_that_says_what_to_show_has_no_door(query: dict[str, str]) -> None:
    assert ways(opened(OPENING, {"auto": "0", **query})) == []
