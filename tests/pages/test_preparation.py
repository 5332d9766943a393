"""Prepare makes what the lessons of a course need: a mark a lesson, a pause, other pages meanwhile, what cannot be made."""

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import RunSpec
from genmodels.store import Store
from pages.parts import preparation
from pages.parts.course import Lesson
from pages.parts.session import KEY
from pages.parts.shipped_course import COURSE
from tests.pages.components import components
from tests.pages.shell import opened
from tests.untrained import untrained_run

SMALL = Lesson("Small", "", {"data": "moons", "models": "gmm,vae", "gmm.steps": "3", "vae.steps": "20"}, "Which?")
HUGE = Lesson("Huge", "", {"data": "moons", "models": "gmm,vae", "gmm.steps": "3", "vae.steps": "100000", "vae.hidden_dim": "1024"})
LOST = Lesson("Lost", "nowhere", {})


def opened_with(*own: Lesson) -> AppTest:
    """Return the page Lessons with these lessons as the viewer's own list."""
    at = opened("labbook/lessons.py")
    at.session_state[KEY].own_course.lessons = list(own)
    return at.run()


def marks(at: AppTest, course: str = "o") -> list[str]:
    """Return the marks of a course's lessons."""
    lists = [json.loads(part.proto.json) for part in components(at) if '"rows"' in part.proto.json]
    (one,) = [each for each in lists if (each["label"] == "The course") == (course == "")]
    return [row["mark"] for row in one["rows"]]


def until(at: AppTest, mark: str) -> None:
    """Run the page until its own list's first lesson has this mark."""
    deadline = time.monotonic() + 50
    while marks(at)[0] != mark:
        assert time.monotonic() < deadline, marks(at)
        time.sleep(0.1)
        at.run()
        assert not at.exception


def test_the_shipped_course_has_a_mark_a_lesson_and_one_total_time(cache: Path) -> None:
    for model in ("gmm", "vae"):
        untrained_run(RunSpec.make("digits", model), Store(cache))
    at = opened("labbook/lessons.py")
    assert len(marks(at, "")) == len(COURSE)
    assert marks(at, "")[0] == "2 of 3"
    assert [button.label for button in at.button if button.label.startswith("Prepare (about ")]
    untrained_run(RunSpec.make("digits", "gan"), Store(cache))
    assert marks(at.run(), "")[0] == "ready"


def test_a_list_is_made_ready_and_what_is_refused_is_said_with_its_lesson(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_RUN_SECONDS", "100")
    at = opened_with(SMALL, HUGE, LOST)
    assert marks(at) == ["0 of 2", "0 of 2", "failed"]
    at.button(key="lessons.prepare-o").click().run()
    assert [button.label for button in at.button if button.key == "lessons.pause-o"] == ["Pause"]
    until(at, "ready")
    at.run()
    assert marks(at) == ["ready", "failed", "failed"]
    lists = [json.loads(part.proto.json)["rows"] for part in components(at) if '"Your own list"' in part.proto.json]
    lines = [row["line"] for row in lists[0]]
    assert "100 s are allowed here" in lines[1]
    assert "no page 'nowhere'" in lines[2]
    assert not at.session_state[KEY].preparation.is_running


def test_a_preparation_pauses_goes_on_and_survives_a_change_of_page(cache: Path) -> None:
    at = opened_with(SMALL)
    at.button(key="lessons.prepare-o").click().run()
    at.button(key="lessons.pause-o").click().run()
    assert not at.session_state[KEY].preparation.keys
    at.button(key="lessons.prepare-o").click().run()
    assert len(at.session_state[KEY].preparation.keys) > 0
    at.switch_page("labbook/runs.py").run()
    deadline = time.monotonic() + 50
    while at.session_state[KEY].preparation.keys:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        at.run()
        assert not at.exception
    at.switch_page("labbook/lessons.py").run()
    assert marks(at) == ["ready"]


def test_what_lacks_a_need_that_failed_is_blocked_by_its_cause() -> None:
    runs = [RunSpec.make("moons", "gmm"), RunSpec.make("moons", "vae")]
    study = preparation.requirement(Lesson("", "scores", {"data": "moons", "models": "gmm,vae"})).specs
    assert {run.key for run in runs} <= {spec.key for spec in study}
    blocked = preparation._blocked([(spec, "too large" if spec == runs[1] else "") for spec in study])
    assert runs[0].key not in blocked
    assert [spec.label for spec in study if spec.key in blocked] == ["vae on moons", "scores of vae on moons"]
    assert set(blocked.values()) == {"too large"}
