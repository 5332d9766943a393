"""Every page runs alone, through the shell, on an empty cache; and a page's fault is a card."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from tests.pages.components import components
from tests.pages.shell import FILES, opened, words

pytestmark = pytest.mark.usefixtures("cache")


def board_of(at: AppTest) -> str:
    (proto,) = components(at)
    return str(proto.proto)


@pytest.mark.parametrize("page", FILES)
def test_every_page_opens_on_an_empty_cache_without_a_fault(page: str) -> None:
    at = opened(page, auto="0")
    assert not at.exception
    assert [e.value for e in at.error] == []
    assert len(at.title) == 1


def test_side_by_side_offers_training_with_its_estimated_time() -> None:
    at = opened("compare/samples.py", auto="0", models="gmm,vae")
    assert "Not trained yet: about" in board_of(at)
    assert not at.button(key="train").disabled


@pytest.mark.parametrize("page", [page for page in FILES if page.startswith("compare/")])
def test_nearest_training_images_are_offered_only_where_they_are_shown(page: str) -> None:
    toggles = [toggle for toggle in opened(page, auto="0").toggle if toggle.key == "nearest"]
    assert len(toggles) == (page == "compare/samples.py")


def test_a_finished_run_is_shown_with_its_numbers_and_nothing_is_left_to_train(cache: Path) -> None:
    for model in ("gmm", "vae"):
        record(RunSpec.make("moons", model, {"steps": 3}), Store(cache))
    at = opened("compare/samples.py", auto="0", data="moons", models="gmm,vae", gmm__steps="3", vae__steps="3")
    assert at.button(key="train").disabled
    assert "3 updates" in board_of(at)
    assert any("knows its likelihood exactly" in words(m.value) for m in at.markdown)


def test_data_that_cannot_be_fetched_is_one_card_that_names_what_needs_no_download() -> None:
    at = opened("compare/samples.py", data="fashion-mnist")
    assert "Fashion-MNIST is not on this machine" in at.error[0].value
    assert any("Sketch faces" in caption.value for caption in at.caption)
    at.selectbox(key="dataset").set_value("moons").run()
    assert [e.value for e in at.error] == []


def test_the_runs_page_lists_what_is_there(cache: Path) -> None:
    spec = RunSpec.make("moons", "gmm", {"steps": 3}, seed=5)
    record(spec, Store(cache))
    at = opened("labbook/runs.py")
    (table,) = at.dataframe
    row = table.value.iloc[0]
    assert (row["seed"], row["settings"], row["key"]) == (5, "steps = 3", spec.key[:12])
    assert row["open"] == "./?data=moons&gmm.steps=3&seed=5"


def test_the_runs_of_a_link_are_listed_and_a_choice_is_in_the_address(cache: Path) -> None:
    for model in ("gmm", "vae"):
        record(RunSpec.make("moons", model, {"steps": 3}), Store(cache))
    at = opened("labbook/runs.py", model="vae")
    assert list(at.dataframe[0].value["model"]) == ["VAE"]
    at.button_group(key="runs.model").set_value("gmm").run()
    assert list(at.dataframe[0].value["model"]) == ["Gaussian mixture"]
    assert at.query_params == {"model": "gmm"}


def test_one_model_alone_is_refused_with_a_word() -> None:
    at = opened("compare/samples.py", auto="0", models="gmm,vae")
    at.button_group(key="models").set_value(["gmm"]).run()
    assert any("2 to 4" in t.value for t in at.toast)
    assert at.query_params["models"] == "gmm,vae"


def test_a_page_that_falls_is_a_card_and_not_a_traceback() -> None:
    def broken() -> None:
        from pages.parts import cards

        with cards.guard():
            raise ZeroDivisionError("secret path /home/somebody")

    at = AppTest.from_function(broken).run()
    assert not at.exception
    assert "ZeroDivisionError" in at.error[0].value
    assert "somebody" not in at.error[0].value
