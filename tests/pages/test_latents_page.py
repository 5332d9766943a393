"""The page of the latent space: what it asks for, what it shows, and what its address holds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.engine.jobs import JobState
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.latents import study as latents
from pages.parts import jobs
from tests.pages import shell
from tests.pages.components import components

SETTINGS = {"auto": "0", "data": "moons", "models": "gmm,vae", "gmm__steps": "3", "vae__steps": "3"}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, use_cache: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Path:
    use_cache(tmp_path)
    for name, n in (("N_EXAMPLES", 60), ("N_TRAIN", 80), ("N_PRIOR", 15), ("N_SEEDS", 20)):
        monkeypatch.setattr(latents, name, n)
    return tmp_path


def opened(**query: str) -> AppTest:
    return shell.opened("compare/latents.py", **query)


def run(model: str) -> RunSpec:
    return RunSpec.make("moons", model, {"steps": 3})


def drawn(at: AppTest, number: int = 0) -> dict[str, object]:
    """What the browser is told."""
    found: dict[str, object] = json.loads(components(at)[number].proto.json)
    return found


def columns(at: AppTest) -> list[dict[str, object]]:
    return drawn(at)["columns"]  # type: ignore[return-value]


def studied(cache: Path, *models: str) -> None:
    for model in models:
        record(run(model), Store(cache))
        record(StudySpec.make("latents", [run(model)]), Store(cache))


def test_an_untrained_model_is_a_card_with_its_time_and_a_button() -> None:
    assert [(c["state"], c["action"]) for c in columns(opened(**SETTINGS))] == [("missing", "Train")] * 2


def test_points_open_as_they_are_with_their_numbers_and_the_sentence(cache: Path) -> None:
    studied(cache, "gmm", "vae")
    at = opened(**SETTINGS)
    mixture, vae = columns(at)
    assert (mixture["state"], vae["state"]) == ("finished", "finished")
    assert vae["axes"] == ["z₁", "z₂"]
    assert "likeliest component" in str(mixture["what"])
    assert any("held-out examples is told by the" in shell.words(m.value) for m in at.markdown)


def test_while_a_map_is_made_the_whole_page_sends_the_pictures_that_its_dots_show(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = RunSpec.make("digits", "vae", {"steps": 3})
    record(StudySpec.make("latents", [spec]), Store(cache))
    monkeypatch.setattr(jobs, "_job", lambda spec: JobState("running"))
    at = opened(auto="0", data="digits", models="vae", vae__steps="3", map="t-SNE")
    assert {c["state"] for c in columns(at)} == {"running"}
    assert str(drawn(at)["sprite"]).startswith("data:image/")


def test_a_map_that_is_not_there_says_so_and_is_not_begun_unasked(cache: Path) -> None:
    studied(cache, "gmm", "vae")
    at = opened(**SETTINGS, map="t-SNE")
    assert [c["message"] for c in columns(at)] == ["t-SNE of the codes: not there yet, about 4 s."] * 2


def test_a_map_that_is_there_is_shown_with_all_its_frames(cache: Path) -> None:
    studied(cache, "gmm", "vae")
    record(StudySpec.make("latent-map", [run("vae")], {"perplexity": 10.0}), Store(cache))
    vae = columns(opened(**SETTINGS, map="t-SNE", perplexity="10.0"))[1]
    assert (vae["state"], len(vae["frames"]), vae["marks"][-1]) == ("finished", 29, 700)  # type: ignore[arg-type, index]


def test_the_controls_change_the_address_and_the_map(cache: Path) -> None:
    studied(cache, "gmm", "vae")
    at = opened(**SETTINGS)
    at.button_group(key="latents.map").set_value("PCA").run()
    assert at.query_params["map"] == "PCA"
    assert [c["axes"][0].split(" (")[0] for c in columns(at)] == ["axis 1", "axis 1"]  # type: ignore[index]
    assert "prior" in columns(at)[1]["frames"][0]  # type: ignore[index]
    at.toggle(key="latents.prior").set_value(False).run()
    assert at.query_params["prior"] == "false"
    assert "prior" not in columns(at)[1]["frames"][0]  # type: ignore[index]


def test_a_link_restores_the_picked_examples_with_what_each_model_makes_of_them(cache: Path) -> None:
    studied(cache, "gmm", "vae")
    at = opened(**SETTINGS, picks="3.20.9999")
    assert drawn(at)["picks"] == [3, 20]
    strips = [c["strip"] for c in columns(at)]
    assert all(strips)
    assert strips[0] != strips[1]


def test_a_model_without_samples_shows_a_word_and_the_others_their_map(cache: Path) -> None:
    record(RunSpec.make("moons", "autoencoder", {"steps": 3}), Store(cache))
    query = SETTINGS | {"models": "gmm,autoencoder", "autoencoder__steps": "3", "map": "with samples"}
    query.pop("vae__steps")
    states = {c["model"]: c for c in columns(opened(**query))}
    assert (states["autoencoder"]["state"], states["gmm"]["state"]) == ("none", "missing")
    assert "no p(z)" in str(states["autoencoder"]["message"])


@pytest.mark.slow
def test_the_panel_is_asked_for_by_name_and_shows_nine_maps(cache: Path) -> None:
    studied(cache, "gmm", "vae")
    record(StudySpec.make("latent-seeds", [run("vae")]), Store(cache))
    at = opened(**SETTINGS, trust="vae")
    assert len(drawn(at, 1)["columns"]) == 9  # type: ignore[arg-type]


def test_presenting_shows_maps_and_no_controls(cache: Path) -> None:
    studied(cache, "gmm", "vae")
    at = opened(**SETTINGS, present="1")
    assert not at.toggle
    assert len(columns(at)) == 2


def test_data_that_cannot_be_fetched_is_one_card() -> None:
    assert "not on this machine" in opened(data="fashion-mnist").error[0].value
