"""Every lesson of the course opens its page with its controls; an own list becomes a file and is read back the same."""

import json
from functools import cache as cache_once
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmodels import datasets
from genmodels.config import UserError
from genmodels.engine import preload
from genmodels.runs import RunSpec, Spec
from genmodels.runs.work import in_order
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from pages.parts import course, jobs, lessons
from pages.parts.course import Lesson
from pages.parts.preparation import requirement
from pages.parts.session import KEY
from pages.parts.shipped_course import COURSE
from pages.parts.views.base import needs
from tests.pages.components import components
from tests.pages.shell import PAGES, opened
from tests.untrained import untrained_run

pytestmark = pytest.mark.usefixtures("cache")

LIST = [Lesson("Ring", "ring", {"k": "3"}, "Why?", "Because."), Lesson("First", "", {"data": "moons", "vae.beta": "2"})]


STUDIED = (5, 6, 8, 14, 17, 18, 19, 24)  # the first lesson of each page that studies runs


@cache_once
def warm() -> set[str]:
    """The keys of what a warmed server has, with what that needed."""
    offline = [name for name, source in datasets.sources().items() if source.offline]
    return {each.key for spec in preload.opening(offline, "quick") for each in in_order(spec)}


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> list[Spec]:
    """The specs that pages ask about, in order."""
    specs: list[Spec] = []

    look = jobs.look
    monkeypatch.setattr(jobs, "look", lambda spec: (specs.append(spec), look(spec))[1])
    return specs


def opened_page(name: str, query: dict[str, str]) -> AppTest:
    """Return the page with this name in the address, opened."""
    return opened(str(lessons.page_file(name).relative_to(PAGES)), query)


def bar_of(at: AppTest) -> dict[str, Any]:
    """Return the data of the bar below the page."""
    (bar,) = [json.loads(part.proto.json) for part in components(at) if "question" in part.proto.json]
    return bar


@pytest.mark.parametrize("number", range(1, len(COURSE) + 1))
def test_the_number_of_a_lesson_alone_opens_its_page_as_it_was_left_without_a_fault_or_a_notice(
    number: int, cache: Path, wishes: list[Spec]
) -> None:
    lesson = COURSE[number - 1]
    at = opened_page("", {"lesson": str(number), "present": "1", "auto": "0"})
    assert not at.exception
    assert at.session_state[KEY].address.page == (lesson.page or "samples")
    assert {**at.query_params} == lessons.address("", number, present=True, auto=False)
    assert [e.value for e in at.error] == []
    assert [w.value for w in at.warning] == []
    assert lesson.question
    assert lesson.notice
    bar = bar_of(at)
    assert (bar["number"], bar["title"], bar["question"]) == (number, lesson.title, lesson.question)
    if number in STUDIED:  # with its runs there, the page asks for what is computed from them
        for spec in {spec.key: spec for spec in wishes if isinstance(spec, RunSpec)}.values():
            untrained_run(spec, Store(cache))
        at.run()
        assert any(isinstance(spec, StudySpec) for spec in wishes)
    declared = requirement(lesson).specs
    assert {spec.label for spec in wishes} <= {spec.label for spec in declared}
    assert {spec.key for spec in wishes} <= {spec.key for spec in declared}
    assert {spec.label for spec in declared if spec.key not in warm()} == set()
    assert lesson.evidence


def test_r_just_before_the_arrow_reveals_nothing_of_the_next_lesson() -> None:
    at = opened_page("", {"lesson": "8", "present": "1", "auto": "0"})
    at.session_state[KEY].own_course.opened = True
    at.session_state[KEY].own_course.target = 9
    at.run()
    assert {**at.query_params} == lessons.address("", 9, present=True, auto=False)


@pytest.mark.parametrize("number", [number for number, lesson in enumerate(COURSE, 1) if lesson.reveal])
def test_r_changes_what_the_page_shows_and_r_again_brings_it_back(number: int, cache: Path, wishes: list[Spec]) -> None:
    lesson = COURSE[number - 1]
    start = lessons.address("", number, present=True, auto=False)
    at = opened_page("", {"lesson": str(number), "present": "1", "auto": "0"})
    assert not bar_of(at)["revealed"]
    at.session_state[KEY].own_course.opened = True  # as the bar's callback does
    at.run()
    assert {**at.query_params} == start | lesson.reveal
    assert bar_of(at)["revealed"]
    assert [w.value for w in at.warning] == []
    assert {spec.key for spec in wishes} <= {spec.key for spec in requirement(lesson).specs}
    at.session_state[KEY].own_course.opened = False
    at.run()
    assert {**at.query_params} == start
    assert not bar_of(at)["revealed"]
    assert not at.exception


ELSEWHERE = {  # addresses that no lesson of the course has, of pages that read more by them
    "latents": {"data": "moons", "models": "vae,gan", "map": "with samples", "trust": "vae", "start": "2"},
    "gallery": {"sweep": "1", "models": "vae,vae-gan"},
    "scores": {"data": "ring", "models": "gmm,vae", "seeds": "2", "seed": "4294967295"},
    "mixtures": {"toy": "moons", "shape": "tied", "draw": "3"},
    "ring": {"k": "3", "effort": "thorough"},
    "likelihood": {"model": "VAE", "picture": "2"},
    "adversarial": {"against": "hinge", "k": "2", "truth": "0"},
    "samples": {"data": "moons", "vae.beta": "3", "models": "vae,gan"},
}


@pytest.mark.parametrize("page", ELSEWHERE)
def test_what_a_page_declares_to_need_is_what_it_asks_for_at_any_address(page: str, cache: Path, wishes: list[Spec]) -> None:
    at = opened_page(page if page != "samples" else "", {**ELSEWHERE[page], "auto": "0"})
    for spec in {spec.key: spec for spec in wishes if isinstance(spec, RunSpec)}.values():
        untrained_run(spec, Store(cache))
    at.run()
    assert not at.exception
    declared = needs(page, ELSEWHERE[page])
    assert {spec.label for spec in wishes} <= {spec.label for spec in declared}
    assert {spec.key for spec in wishes} <= {spec.key for spec in declared}


@pytest.mark.parametrize("name", ["0", "999", "o1", "-1", "x", "1e9", "../etc"])
def test_a_lesson_that_is_not_there_costs_one_line_and_the_page_is_shown(name: str) -> None:
    at = opened_page("", {"lesson": name, "auto": "0"})
    assert not at.exception
    assert len([w for w in at.warning if "lesson" in w.value]) == 1
    assert at.title[0].value == "Side by side"


def test_a_list_goes_into_a_file_and_comes_back_the_same() -> None:
    assert course.from_file(course.to_file(LIST).encode()) == LIST


@pytest.mark.parametrize("lesson", LIST)
def test_a_link_is_read_with_or_without_the_dashboards_own_address(lesson: Lesson) -> None:
    for start in ("./", "https://genmodels.example/", "http://localhost:8501/", "/"):
        same = course.lesson_at(lesson.link().replace("./", start), lesson.title)
        assert (same.page, same.query) == (lesson.page, lesson.query)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no list of lessons"),
        (b"[" * 5000, "no list of lessons"),
        (b'{"format": "other", "lessons": []}', "no list of lessons"),
        (json.dumps({"format": course.FORMAT, "lessons": []}).encode(), "0 lessons, allowed are 1 to 200"),
        (json.dumps({"format": course.FORMAT, "lessons": [{}] * 201}).encode(), "201 lessons"),
        (json.dumps({"format": course.FORMAT, "lessons": [{"title": 3}]}).encode(), "lesson 1 of the file holds something"),
        (json.dumps({"format": course.FORMAT, "lessons": [{"page": "../app"}]}).encode(), "names the page '../app'"),
        (json.dumps({"format": course.FORMAT, "lessons": [{"script": ""}]}).encode(), "is not title, page"),
        (b" " * 300_000, "300,000 bytes"),
    ],
)
def test_a_file_that_is_no_list_is_one_line(content: bytes, words: str) -> None:
    with pytest.raises(UserError, match=words):
        course.from_file(content)


@pytest.mark.parametrize("link", ["javascript:alert(1)//x<y", "./<script>", "/../../x y"])
def test_a_link_elsewhere_is_refused(link: str) -> None:
    with pytest.raises(UserError, match="no link to a page"):
        course.lesson_at(link)


def test_a_page_is_collected_as_it_stands_and_begins_from_the_list_of_ones_own() -> None:
    at = opened_page("", {"data": "moons", "models": "gmm,vae", "auto": "0"})
    at.button(key="tool-collect").click().run()
    at.switch_page("labbook/lessons.py").run()
    assert not at.exception
    assert at.session_state[KEY].own_course.lessons == [
        Lesson("Side by side", "", {"data": "moons", "models": "gmm,vae", "auto": "0"})
    ]
    assert [button.proto.label for button in at.get("download_button")] == ["Export the list"]
    at.button(key="lessons.begin-o").click().run()
    assert not at.exception
    assert at.query_params["lesson"] == "o1"
    assert at.query_params["data"] == "moons"
    bar = bar_of(at)
    assert (bar["number"], bar["total"]) == (1, 1)


def test_a_control_that_is_put_back_as_usual_stays_so_within_a_lesson() -> None:
    at = opened_page("mixtures", lessons.address("", 5, present=False, auto=False))
    at.button_group(key="mixtures.part").set_value("EM").run()
    assert dict(at.query_params) == {"lesson": "5", "auto": "0"}
    assert at.run().button_group(key="mixtures.part").value == "EM"


def test_on_a_projector_a_page_has_no_controls_and_a_way_back() -> None:
    at = opened_page("ring", {"present": "1", "auto": "0"})
    assert not at.slider
    assert not at.selectbox
    at.button(key="leave-presenting").click().run()
    assert "present" not in at.query_params
    assert at.slider
