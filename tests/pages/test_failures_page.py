"""Failures on demand: predict, run, reveal; each step is in the address, and nothing is told too early."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import record
from genmodels.store import Store
from genmodels.studies.failures import cases
from genmodels.studies.failures.study import indicator_specs
from tests.pages import shell
from tests.pages.components import components
from tests.pages.test_pages import opened

PAGE = "lecture/failures.py"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, use_cache: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache in which the first failure and its mended run are, of three updates each."""
    use_cache(tmp_path)
    case = cases.CASES["mode-collapse"]
    monkeypatch.setitem(cases.CASES, "mode-collapse", replace(case, common={**case.common, "steps": 3}))
    for spec in indicator_specs(cases.CASES["mode-collapse"], 0):
        record(spec, Store(tmp_path))
    return tmp_path


def words(at: AppTest) -> str:
    return "\n".join([*(shell.words(m.value) for m in at.markdown), *(s.value for s in at.header), *(m.value for m in at.metric)])


def test_predict_run_reveal_and_on_to_the_next() -> None:
    at = opened(PAGE, auto="0")
    assert at.button(key="run").disabled
    assert "Mode collapse" not in words(at)
    assert not components(at)  # nothing is drawn before a guess
    at.radio(key="failures.prediction").set_value("Grey noise").run()
    assert at.query_params["guess"] == "2"
    at.button(key="run").click().run()
    assert at.query_params["stage"] == "run"
    assert "It is not so" in words(at)
    assert "Mode collapse" not in words(at)
    assert "→" not in words(at)
    assert "generator learning rate 0.03" in at.caption[0].value
    at.button(key="reveal").click().run()
    assert {"Mode collapse", "Failures on demand"} <= {*(s.value for s in at.header), at.title[0].value}
    assert "**generator learning rate** 0.03 → **0.001**" in words(at)
    assert " → " in at.metric[0].value
    assert not at.exception
    at.button(key="next").click().run()
    assert at.query_params == {"auto": "0", "case": "d-too-strong"}


def test_a_link_restores_the_revealed_failure_with_the_right_guess() -> None:
    at = opened(PAGE, auto="0", stage="reveal", guess="1")
    assert "You are right" in words(at)
    assert "Mode collapse" in words(at)


def test_another_patient_begins_with_a_question() -> None:
    at = opened(PAGE, auto="0", stage="reveal", guess="1")
    at.button_group(key="failures.patient").set_value("holes").run()
    assert at.query_params == {"auto": "0", "case": "holes"}
    assert at.radio(key="failures.prediction").value is None


def test_hostile_parts_of_a_link_cost_themselves_alone() -> None:
    at = opened(PAGE, auto="0", case="<script>", stage="all", guess="7", chance="99", frame="-1")
    assert len(at.warning) == 5
    assert "The forger in a hurry" in words(at)
    assert not at.exception


def test_what_is_not_there_is_asked_for_before_anything_is_told() -> None:
    at = opened(PAGE, auto="0", case="learning-rate", stage="reveal")
    assert at.button(key="begin")
    assert "Learning rate too high" not in words(at)


def test_presenting_leaves_out_the_choice_of_patient() -> None:
    at = opened(PAGE, auto="0", present="1", case="holes")
    assert not at.get("button_group")
    assert at.radio(key="failures.prediction").options
