"""Pinned runs and the strip of what was tried, on the page Side by side."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from pages.parts import board, strip
from pages.parts.session import KEY, Session
from tests.pages.shell import opened

PAGE = "compare/samples.py"
FIRST, SECOND, GMM = ({"beta": 0.1, "steps": 3}, {"beta": 10.0, "steps": 3}, {"steps": 3})
QUERY = {"data": "moons", "models": "gmm,vae", "auto": "0", "gmm.steps": "3", "vae.steps": "3"}


class Component:
    """Stands in for the browser's part: the payloads that it was drawn with, and what it sends at its next drawing."""

    def __init__(self) -> None:
        self.payloads: list[Any] = []
        self.events: list[tuple[str, str]] = []

    def __call__(self, key: str, data: Any, **listeners: Callable[[Any], object]) -> None:
        self.payloads.append(data)
        while self.events:
            name, value = self.events.pop()
            listeners[name](value)

    def send(self, at: AppTest, name: str, spec: RunSpec) -> AppTest:
        """Send an event, and run the page again as Streamlit does after a callback."""
        self.events.append((name, spec.key))
        return at.run().run()


@pytest.fixture
def runs(cache: Path) -> list[RunSpec]:
    """Two VAEs and a mixture, trained."""
    specs = [RunSpec.make("moons", *of) for of in (("vae", FIRST), ("vae", SECOND), ("gmm", GMM))]
    for spec in specs:
        record(spec, Store(cache))
    return specs


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> tuple[Component, Component]:
    """The board and the strip."""
    stands = Component(), Component()
    for module, stand in zip((board, strip), stands, strict=True):
        monkeypatch.setattr(module, "_MOUNT", stand)
    return stands


def columns(part: Component) -> list[tuple[str, str, bool, bool]]:
    return [(c["model"], c["differs"], c["pinned"], c["own"]) for c in part.payloads[-1]["columns"]]


def choice_of(at: AppTest) -> Any:
    own: Session = at.session_state[KEY]
    return own.choice


def test_a_pinned_run_stands_beside_the_one_whose_knob_has_moved(runs: list[RunSpec], parts: tuple[Component, Component]) -> None:
    at = opened(PAGE, QUERY | {"vae.beta": "0.1"})
    assert columns(parts[0]) == [("gmm", "", False, True), ("vae", "", False, True)]
    parts[0].send(at, "pin", runs[0])
    assert choice_of(at).pins == (runs[0],)
    assert columns(parts[0]) == [("gmm", "", False, True), ("vae", "", True, True)]
    assert at.query_params["pin1"] == "vae"
    at.query_params["vae.beta"] = "10"
    at.run()
    assert columns(parts[0])[1:] == [("vae", "β 10", False, True), ("vae", "β 0.1", True, False)]
    (words,) = [m.value for m in at.markdown if " changes so: " in m.value]
    assert words.startswith("> From β 0.1 to β 10 the VAE changes so: ELBO ")
    parts[0].send(at, "pin", runs[0])
    assert choice_of(at).pins == ()
    assert columns(parts[0])[1:] == [("vae", "", False, True)]


def test_a_pinned_run_without_its_like_says_what_is_unusual_of_it(runs: list[RunSpec], parts: tuple[Component, Component]) -> None:
    query = {"pin1": "vae", "pin1.beta": "10", "pin1.steps": "3"}
    opened(PAGE, QUERY | query | {"models": "gmm", "vae.steps": []})
    assert columns(parts[0])[1] == ("vae", "β 10, steps 3", True, False)


def test_a_fifth_column_and_a_lonely_one_are_refused_in_a_word(runs: list[RunSpec], parts: tuple[Component, Component]) -> None:
    at = opened(PAGE, QUERY | {"models": "gmm,mfa,vae,gan", "vae.beta": "0.1"})
    parts[0].events.append(("pin", runs[0].key))
    at.run()
    assert at.toast[0].value == "At most 4 columns, pinned runs among them: take a model or a pin away first."
    assert choice_of(at).pins == ()


def test_another_dataset_unpins_with_a_word(runs: list[RunSpec], parts: tuple[Component, Component]) -> None:
    at = opened(PAGE, QUERY | {"pin1": "vae", "pin1.beta": "10"})
    at.selectbox(key="dataset").set_value("ring").run()
    assert at.toast[0].value == "The pinned runs are on Moons: unpinned."
    assert choice_of(at).pins == ()
    assert "pin1" not in at.query_params


def test_the_strip_appears_once_something_tried_is_in_no_column_and_brings_it_back(
    runs: list[RunSpec], parts: tuple[Component, Component]
) -> None:
    at = opened(PAGE, QUERY | {"vae.beta": "0.1"})
    assert parts[1].payloads == []
    at.query_params["vae.beta"] = "10"
    at.run()
    lines = [(line["title"], line["settings"], line["shown"]) for line in parts[1].payloads[-1]["lines"]]
    assert lines == [
        ("VAE", "β 10, steps 3", True),
        ("Gaussian mixture", "steps 3", True),
        ("VAE", "β 0.1, steps 3", False),
    ]
    assert all(line["scores"].startswith("error 0.") for line in parts[1].payloads[-1]["lines"])
    parts[1].send(at, "show", runs[0])
    assert choice_of(at).spec("vae") == runs[0]
    parts[1].send(at, "pin", runs[1])
    assert choice_of(at).specs() == [runs[2], runs[0], runs[1]]
    n = len(parts[1].payloads)
    at.run()
    assert len(parts[1].payloads) == n  # all of them are in a column


def test_the_strip_is_bounded_of_one_dataset_and_hidden_on_a_projector(
    runs: list[RunSpec], parts: tuple[Component, Component]
) -> None:
    at = opened(PAGE, QUERY | {"vae.beta": "0.1"})
    own: Session = at.session_state[KEY]
    own.tried |= {RunSpec.make("ring", "vae", seed=seed): {"key": ""} for seed in range(40)}
    own.tried.pop(runs[0])  # it is finished: it comes back
    at.run()
    assert len(at.session_state[KEY].tried) == strip.LENGTH
    assert parts[1].payloads == []
    at.query_params["vae.beta"] = "10"
    at.run()
    assert {line["key"] for line in parts[1].payloads[-1]["lines"]} == {spec.key for spec in runs}
    n = len(parts[1].payloads)
    at.query_params["present"] = "1"
    at.run()
    assert len(parts[1].payloads) == n
    assert not any(column["canPin"] for column in parts[0].payloads[-1]["columns"])


@pytest.mark.parametrize("page", ["compare/latents.py", "compare/gallery.py", "compare/scores.py"])
def test_pages_of_the_models_own_runs_name_the_pinned_ones_as_left_out(page: str, cache: Path) -> None:
    at = opened(page, {"auto": "0", "models": "vae", "pin1": "vae", "pin1.beta": "10"})
    assert "Pinned on *Side by side*, not compared here: VAE, β 10." in [caption.value for caption in at.caption]
    assert not any("Pinned" in caption.value for caption in opened(page, {"auto": "0"}).caption)


def test_a_run_of_the_page_runs_is_pinned_to_the_present_comparison_of_its_data(runs: list[RunSpec]) -> None:
    at = opened("labbook/runs.py")
    rows = at.dataframe[0].value
    first = next(i for i in range(len(rows)) if rows["model"][i] == "VAE" and "beta = 0.1" in rows["settings"][i])
    at.session_state["runs.table"] = {"selection": {"rows": [first], "columns": [], "cells": []}}
    at.run()
    press(at, "Pin beside")
    assert at.toast[0].value == "This run is on Moons: choose that dataset first."
    at.session_state[KEY].choice = choice_of(at).with_dataset("moons")
    press(at, "Pin beside")
    assert at.toast[0].value == "Pinned: it has a column on *Side by side*."
    at.switch_page(PAGE).run()
    assert choice_of(at).pins == (runs[0],)
    assert at.query_params["pin1"] == "vae"


def press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()


def test_a_pinned_run_is_neither_the_ghost_of_the_models_own_nor_has_one(
    runs: list[RunSpec], parts: tuple[Component, Component]
) -> None:
    at = opened(PAGE, QUERY | {"vae.beta": "0.1", "pin1": "vae", "pin1.beta": "10", "pin1.steps": "3"})
    at.query_params["vae.beta"] = "4"
    at.run()
    own, pinned = parts[0].payloads[-1]["columns"][1:]
    assert own["ghost"]
    assert own["facts"] != pinned["facts"]
    at.query_params["pin1.beta"] = "8"
    at.run()
    own, pinned = parts[0].payloads[-1]["columns"][1:]
    assert own["ghost"]
    assert pinned["state"] == "missing"
    assert not pinned.get("ghost")
    assert pinned["frames"] == pinned["knobs"] == []
