"""The knobs under a model's name: turned, that model alone is another run, and what was shown stays until it has a picture."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmodels import models
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from pages.parts import jobs
from tests.pages.components import components
from tests.pages.shell import opened

PAGE = "compare/samples.py"
SHORT = {"data": "moons", "models": "gmm,vae", "gmm__steps": "3", "vae__steps": "3"}


def columns(at: AppTest) -> dict[str, dict[str, Any]]:
    """The columns of the board, by model."""
    (board,) = (part for part in components(at) if '"columns"' in part.proto.json)
    return {column["model"]: column for column in json.loads(board.proto.json)["columns"]}


@pytest.fixture
def finished(cache: Path) -> Path:
    """A cache with a mixture and a VAE of moons."""
    for model, steps in (("gmm", 3), ("vae", 3)):
        record(RunSpec.make("moons", model, {"steps": steps}), Store(cache))
    return cache


def test_every_front_knob_stands_in_its_column_with_its_value_among_what_it_offers(cache: Path) -> None:
    for names in (["gmm", "mfa", "autoencoder", "vae"], ["gan", "vae-gan", "flow-matching"]):
        for name, column in columns(opened(PAGE, auto="0", models=",".join(names))).items():
            spec = RunSpec.make("digits", name)
            front = [knob for knob in spec.settings.knobs().values() if knob.front]
            assert [knob["name"] for knob in column["knobs"]] == [knob.name for knob in front]
            for knob in column["knobs"]:
                assert knob["values"][knob["index"]] == getattr(spec.settings, knob["name"])
                assert len(knob["texts"]) == len(knob["values"])
                assert "Usually" in knob["help"]
    assert len(models.models()) == 7  # none is left out here


def test_on_a_projector_there_are_no_knobs(finished: Path) -> None:
    assert all(column["knobs"] == [] for column in columns(opened(PAGE, present="1", **SHORT)).values())


def test_what_was_shown_stays_as_a_ghost_until_the_new_run_has_a_picture(finished: Path) -> None:
    at = opened(PAGE, auto="0", **SHORT)
    last = columns(at)["vae"]["frames"][-1]
    at.query_params["vae.beta"] = "4"
    at.run()
    column = columns(at)["vae"]
    assert (column["state"], column["ghost"], column["frames"]) == ("missing", True, [last])
    assert column["summary"] == "2 latent dimensions, β = 4, learned σ"
    assert column["message"].startswith("Not trained yet: about")
    assert "ghost" not in columns(at)["gmm"]
    record(RunSpec.make("moons", "vae", {"steps": 3, "beta": 4}), Store(finished))
    column = columns(at.run())["vae"]
    assert "ghost" not in column
    assert column["frames"][-1] != last


def test_a_refused_run_keeps_the_old_picture_too(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(PAGE, **SHORT)
    monkeypatch.setenv("GENMODELS_RUN_SECONDS", "1")
    at.query_params["vae.steps"] = "100000"
    at.run()
    column = columns(at)["vae"]
    assert (column["state"], column["ghost"]) == ("failed", True)


def test_other_data_leave_no_ghost(finished: Path) -> None:
    at = opened(PAGE, auto="0", **SHORT)
    at.query_params.clear()
    at.query_params.update({"data": "ring", "models": "gmm,vae", "auto": "0"})
    at.run()
    assert all(column["frames"] == [] for column in columns(at).values())


def test_frames_that_the_browser_has_are_left_out_once(finished: Path) -> None:
    at = opened(PAGE, auto="0", **SHORT)
    whole = columns(at)
    at.session_state["session"].board.held = frozenset({whole["vae"]["framesName"], "another"})
    at.run()
    assert columns(at)["vae"] == whole["vae"] | {"frames": [], "held": True}
    assert columns(at)["gmm"] == whole["gmm"]
    assert columns(at.run()) == whole
    at.session_state["session"].board.held = frozenset({whole["vae"]["framesName"]})
    at.query_params["nearest"] = "1"  # other frames
    assert "held" not in columns(at.run())["vae"]


def turning() -> None:
    """A page on which the turn of a knob in the session arrives from the browser."""
    import streamlit as st

    from pages.parts import front_knobs, state
    from pages.parts.session import session

    state.load("samples")
    front_knobs.turn(st.session_state["sent"])
    st.text(f"{session().choice.changed} {session().board.turn} {sorted(map(len, session().work.requests))}")


def turned(sent: Any, **query: str) -> AppTest:
    """The page after this has arrived."""
    at = AppTest.from_function(turning)
    at.query_params.update({"data": "moons", "models": "gmm,vae", **query})
    at.session_state["sent"] = sent
    at.run()
    assert not at.exception
    return at


def test_a_turn_changes_that_setting_begins_the_run_and_is_in_the_address(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AUTO_SECONDS", 1e9)
    at = turned({"model": "vae", "name": "beta", "value": 4, "turn": 7})
    assert at.text[0].value == "{'vae': {'beta': 4.0}} 7 [64]"
    assert at.query_params["vae.beta"] == "4.0"


def test_a_turn_back_to_the_preset_is_no_change(cache: Path) -> None:
    at = turned({"model": "gmm", "name": "n_components", "value": 12, "turn": 1}, gmm__n_components="5", auto="0")
    assert at.text[0].value == "{} 1 []"


@pytest.mark.parametrize(("query", "seconds"), [({"auto": "0"}, 1e9), ({}, 0.0)], ids=["by hand", "long"])
def test_what_is_long_or_only_begun_by_hand_waits_for_its_button(
    cache: Path, monkeypatch: pytest.MonkeyPatch, query: dict[str, str], seconds: float
) -> None:
    monkeypatch.setattr(jobs, "AUTO_SECONDS", seconds)
    at = turned({"model": "vae", "name": "beta", "value": 4, "turn": 7}, **query)
    assert at.text[0].value == "{'vae': {'beta': 4.0}} 7 []"


@pytest.mark.parametrize(
    "sent",
    [
        None,
        "vae",
        {},
        {"model": "vae", "name": "beta", "value": 4, "turn": "x"},
        {"model": "gan", "name": "gamma", "value": 4, "turn": 1},
        {"model": "../vae", "name": "beta", "value": 4, "turn": 1},
        {"model": "vae", "name": "beta", "value": 400, "turn": 1},
        {"model": "vae", "name": "beta", "value": "<img>", "turn": 1},
        {"model": "vae", "name": "__class__", "value": [], "turn": 1},
    ],
    ids=str,
)
def test_a_turn_that_means_nothing_changes_nothing(cache: Path, sent: Any) -> None:
    assert turned(sent).text[0].value.startswith("{} ")
