"""A page's picture never blanks: the one before stays while the next is made, after it was stopped, and when it failed."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.config import UserError
from genmodels.models.gmm import GMM
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies import ring
from genmodels.studies.findings import StudySpec
from pages.parts import ghost, ticks
from pages.parts.session import KEY
from tests.pages import rings, shell

LONG = 5  # a mixture of so many Gaussians stands beside a VAE that trains for long


def few_steps(k: int, budget: str) -> list[RunSpec]:
    return rings.few_steps(k, budget, {"gmm": 4, "vae": 100_000 if k == LONG else 8, "gan": 8})


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, use_cache: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store(tmp_path_factory.getbasetemp() / "ghost")
    use_cache(store.root)
    monkeypatch.setattr(ring, "specs", few_steps)
    monkeypatch.setattr(ticks, "_KEYS", {})  # of these few steps, not of what other tests have opened
    record(StudySpec.make("ring", few_steps(12, "quick")), store)
    return store


def opened(**query: str) -> AppTest:
    return shell.opened("lecture/ring.py", {"auto": "0"} | query)


def scene(at: AppTest) -> dict[str, Any]:
    (data,) = (c.proto for c in at.get("bidi_component") if "warp" in c.proto.id)
    content: dict[str, Any] = json.loads(data.json) if data.json else json.loads(data.mixed.json)
    return content


def mixture(at: AppTest) -> tuple[str, bool]:
    panel = scene(at)["panels"][0]
    return panel["title"], panel.get("isOld", False)


def words(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


def run_until(at: AppTest, is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, words(at)
        time.sleep(0.1)
        at.run()


def test_the_picture_before_stays_until_the_next_is_there() -> None:
    at = opened()
    assert mixture(at) == ("12 Gaussians", False)
    assert "progressbar" not in words(at)
    at.slider(key="ring.k").set_value(7).run()
    assert mixture(at) == ("12 Gaussians", True)
    assert "isOld" not in scene(at)["panels"][1]  # VAE and GAN are the same beside either
    assert "components K = 12. <b>components K = 7</b> is not there yet: about" in words(at)
    at.button(key="begin-ring").click().run()
    assert "components K = 12, while <b>components K = 7</b> is made: about" in words(at)
    assert at.button(key="stop-ring").label == "Pause"
    run_until(at, lambda: not scene(at).get("isOld"))
    assert mixture(at) == ("7 Gaussians", False)
    assert "while" not in words(at)
    assert not [button for button in at.button if button.key in ("stop-ring", "begin-ring")]


def test_a_fresh_window_shows_the_preset_while_the_picture_of_its_address_is_made() -> None:
    at = opened(k="9")
    assert mixture(at) == ("12 Gaussians", True)
    assert scene(at)["rows"][2]["name"] == "12 Gaussians by EM, on y"
    assert at.slider(key="ring.k").value == 9


def test_after_a_stop_the_picture_before_is_still_there() -> None:
    at = opened()
    at.slider(key="ring.k").set_value(LONG).run()
    at.button(key="begin-ring").click().run()
    run_until(at, lambda: mixture(at) == (f"{LONG} Gaussians", False))  # it is there sooner than its VAE
    run_until(at, lambda: "so far: step" in scene(at)["panels"][1]["note"])
    time.sleep(1.0)  # until the engine has measured how far it is
    at.run()
    assert scene(at)["isOld"]
    at.button(key="stop-ring").click().run()
    assert len(scene(at)["panels"]) == 3
    line = words(at).partition('progress-words">')[2]
    assert line.startswith(f"components K = 12. <b>components K = {LONG}</b> paused at step")
    assert at.button(key="begin-ring").label == "Continue"


def test_after_a_failure_the_picture_before_is_still_there_under_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise UserError("no mixture today")

    at = opened()
    monkeypatch.setattr(GMM, "fit", fail)
    at.slider(key="ring.k").set_value(8).run()
    at.button(key="begin-ring").click().run()
    run_until(at, lambda: bool(at.error))
    assert [error.value for error in at.error] == ["no mixture today"]
    assert mixture(at) == ("12 Gaussians", True)
    assert at.button(key="begin-ring").label == "Try again"
    at.slider(key="ring.k").set_value(12).run()
    assert mixture(at) == ("12 Gaussians", False)
    assert not at.error


def test_a_gesture_on_the_old_picture_is_kept_while_the_next_is_waited_for() -> None:
    at = opened(k="9", way="0.4", mark="2")
    assert (scene(at)["way"], scene(at)["mark"]) == (0.4, 2)
    assert at.session_state[KEY].views["ring"]["k"] == 9


def test_dots_under_a_slider_are_its_values_that_are_there_at_once(cache: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "FRESH_SECONDS", 0.0)
    at = opened()
    before = re.search(r'aria-label="At once: ([^"]*)"', words(at))
    assert before
    assert "12" in before[1].split(", ")
    assert "20" not in before[1].split(", ")
    assert words(at).count('<i style="left:') == len(before[1].split(", "))
    record(StudySpec.make("ring", few_steps(20, "quick")), cache)
    after = re.search(r'aria-label="At once: ([^"]*)"', words(at.run()))
    assert after
    assert set(after[1].split(", ")) == {*before[1].split(", "), "20"}
    assert f"calc(5.5px + {19 / 31:.4f} * (100% - 11.0px))" in words(at)


def test_dots_cost_a_rerun_one_reading_of_a_folder_at_most(cache: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    at, readings, keys = opened(), [], []
    usual_names, usual_make = Store.names, StudySpec.make
    monkeypatch.setattr(Store, "names", lambda store: readings.append(1) or usual_names(store))
    monkeypatch.setattr(StudySpec, "make", lambda *parts: keys.append(1) or usual_make(*parts))
    for _ in range(5):
        at.run()
    assert len(readings) <= 5
    assert len(keys) < 5 * 6  # of the picture itself; none for its 31 neighbours


OPENINGS = [
    ("ring", {}),
    ("autoencoders", {}),
    ("mixtures", {}),
    ("mixtures", {"part": "three uses"}),
    ("likelihood", {}),
    ("likelihood", {"model": "VAE"}),
    ("likelihood", {"part": "identity"}),
    ("likelihood", {"part": "gradient"}),
    ("adversarial", {}),
]


@pytest.mark.parametrize(("page", "query"), OPENINGS)
def test_the_controls_that_a_part_names_and_no_others_decide_what_it_is_drawn_from(
    page: str, query: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "specs", rings.USUAL)
    parts: list[tuple[ghost.Part[Any], Any]] = []
    monkeypatch.setattr(ghost, "draw", lambda part, view, paint: parts.append((part, view)))
    assert not shell.opened(f"lecture/{page}.py", {"auto": "0"} | query).exception
    assert parts
    for part, view in parts:
        knobs = {name: knob for name, knob in view.knobs().items() if knob.kind != "str" and name not in part.kinds}
        others = {name: part.changed(view, {name: knob.other_value()}) for name, knob in knobs.items()}
        before = [spec.key for spec in part.needs(view)]
        assert {name for name, other in others.items() if [spec.key for spec in part.needs(other)] != before} == set(part.sources)
        assert part.preset(view).model_dump().items() >= part.values(type(view)()).items()
