"""The page of the adversarial game: it opens from its address alone, and a move is part of the address."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import record
from genmodels.store import Store
from genmodels.studies.adversarial import study
from genmodels.studies.findings import StudySpec
from pages.parts import jobs
from tests.pages import shell
from tests.pages.components import components

pytestmark = pytest.mark.usefixtures("cache")

SHORT = {"rounds": 12, "target": "one Gaussian"}


def opened(**query: str) -> AppTest:
    return shell.opened(
        "lecture/adversarial.py", {"auto": "0", "rounds": "12", "target": "one Gaussian", "against": "nothing", **query}
    )


def payloads(at: AppTest) -> list[dict[str, object]]:
    return [json.loads(element.proto.json) for element in components(at) if element.proto.json]


def test_without_its_games_the_page_offers_to_play_them() -> None:
    at = opened()
    assert at.button(key="begin").label.startswith("Begin (about")
    assert [e.value for e in at.error] == []
    assert not payloads(at)


def test_a_game_is_shown_with_its_moves_and_theory_beside_the_measured_numbers(cache: Path) -> None:
    for perfect in (False, True):
        record(StudySpec.make("adversarial", settings=SHORT | {"perfect": perfect}), Store(cache))
    at = opened(frame="9", moves="2d1g")
    assert not at.exception
    (bar,) = (c for c in payloads(at) if "words" in c)
    (stage,) = (c for c in payloads(at) if "columns" in c)
    assert (bar["words"], bar["frame"]) == ("played: D ×2, G ×1", 9)
    assert [column["title"] for column in stage["columns"]] == ["non-saturating", "the perfect generator"]
    assert len(bar["live"]) == 2
    assert bar["live"][0]["numbers"]["d_loss"] != stage["columns"][0]["numbers"]["d_loss"][9]
    assert [metric.label for metric in at.metric] == [
        "D's loss when G is right: theory says log 4 = 1.386",
        "D's accuracy when G is right: theory says 1/2",
    ]


@pytest.mark.parametrize("moves", ["0d", "5x", "d", "1000d", "1d" * 25, "<script>"])
def test_moves_that_are_none_are_left_out_with_a_word(cache: Path, moves: str) -> None:
    at = opened(truth="false", moves=moves)
    assert ["moves" in w.value for w in at.warning] == [True]
    assert [e.value for e in at.error] == []


def test_equal_losses_are_played_once(cache: Path) -> None:
    record(StudySpec.make("adversarial", settings=SHORT), Store(cache))
    at = opened(truth="false", against="non-saturating")
    (stage,) = (c for c in payloads(at) if "columns" in c)
    assert len(stage["columns"]) == 1


def test_another_loss_leaves_the_game_before_which_can_still_be_played_on(cache: Path) -> None:
    record(StudySpec.make("adversarial", settings=SHORT), Store(cache))
    at = opened(truth="false", frame="9")
    at.selectbox(key="adversarial.loss").set_value("hinge").run()
    (stage,) = (c for c in payloads(at) if "columns" in c)
    assert [(column["title"], column["isOld"]) for column in stage["columns"]] == [("non-saturating", True)]
    assert at.button(key="begin-adversarial").label == "Make it"
    at.query_params["moves"] = "1d"
    at.run()
    (bar,) = (c for c in payloads(at) if "words" in c)
    assert len(bar["live"]) == 1


def test_a_game_is_shown_as_it_is_played(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "WRITE_SECONDS", 0.0)
    record(StudySpec.make("adversarial", settings=SHORT), Store(cache))
    at = opened(truth="false")
    work = StudySpec.make("adversarial", settings=SHORT | {"loss": "hinge"}).work(Store(cache))
    while not any((cache / "growing").glob("*/finding.json")):
        next(work)
    for _ in range(5):
        next(work)
    monkeypatch.setattr(jobs.Item, "growing", lambda item: Store(cache).growing(item.spec.key))
    at.selectbox(key="adversarial.loss").set_value("hinge").run()
    (stage,) = (c for c in payloads(at) if "columns" in c)
    (column,) = stage["columns"]
    assert (column["title"], column["isGrowing"]) == ("hinge", True)
    assert len(column["frames"]) == 1
    assert len(column["marks"]) == len(column["numbers"]["d_loss"]) > 2
    work.close()
