"""The page of scores: on tiny trained runs it shows a table between real and noise, its pictures, curves and the same as CSV."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.engine.jobs import JobState
from genmodels.metrics import c2st
from genmodels.metrics.probes import features
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies.scores import study as scores
from genmodels.studies.scores.finding import BinShares, ScoreTable
from genmodels.views.scores.lines import ScoredRun
from genmodels.views.scores.spreadsheet import csv_text
from pages.parts import jobs
from tests.pages.test_pages import opened
from tests.pages.test_parts import spoil

pytestmark = pytest.mark.usefixtures("cache")

PAGE = "compare/scores.py"
TINY = {"auto": "0", "data": "digits", "models": "gmm,vae", "gmm__steps": "2", "vae__steps": "5"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[RunSpec]]:
    """Two models with two seeds each, trained for a moment and scored, once for all tests."""
    root, steps = tmp_path_factory.mktemp("scored") / "cache", {"gmm": 2, "vae": 5}
    specs = [RunSpec.make("digits", model, {"steps": n}, seed) for model, n in steps.items() for seed in (0, 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(c2st, "STEPS", 20)
        patch.setattr(features, "STEPS", 50)
        for spec in specs:
            record(scores.spec(spec), Store(root))
    return root, specs


@pytest.fixture
def scored(cache: Path, made: tuple[Path, list[RunSpec]]) -> list[RunSpec]:
    shutil.copytree(made[0], cache, dirs_exist_ok=True)
    return made[1]


def table_of(spec: RunSpec, cache: Path) -> ScoreTable:
    recording = Store(cache).find(scores.spec(spec).key)
    assert recording
    return ScoreTable.read(recording)


def html_of(at: AppTest) -> str:
    return "".join(element.proto.body for element in at.get("html"))


def test_untrained_models_are_offered_with_their_time(cache: Path) -> None:
    at = opened(PAGE, **TINY)
    assert at.button(key="begin").label.startswith("Begin (about")
    assert len([info for info in at.info if "not there yet" in info.value]) == 2
    together = opened(PAGE, **TINY, seeds="3")
    assert [info.value for info in together.info] == ["0 of 6 trained."]
    assert together.button(key="begin").label.startswith("Begin (about")


def test_while_several_train_both_buttons_that_stop_are_there(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_job", lambda spec: JobState("running"))
    at = opened(PAGE, **TINY)
    assert not at.error
    assert [button.label for button in at.button].count("Pause") == 2  # in the row of choices and above the cards


def test_the_table_its_pictures_and_its_csv_are_those_of_the_findings(scored: list[RunSpec], cache: Path) -> None:
    at = opened(PAGE, **TINY)
    assert [e.value for e in at.error] == []
    shown = html_of(at)
    tables = [table_of(spec, cache) for spec in scored[::2]]
    for words in ("Fréchet ratio", "Precision", "log p(x)", "Reconstruction error", "360 samples of each model"):
        assert words in shown
    rmse = tables[0]["reconstruction"]
    assert f'<b title="{rmse.note}">{rmse.value:.3f}</b>' in shown
    assert shown.count("its nearest training picture") == 24
    assert len(at.get("plotly_chart")) == 4
    assert all(chart.proto.alt for chart in at.get("plotly_chart"))
    read = list(csv.DictReader(io.StringIO(csv_text([[ScoredRun(spec, table)] for spec, table in zip(scored[::2], tables)]))))
    assert len(read) == sum(len(table) for table in tables)
    assert [button.label for button in at.get("download_button")] == ["Download as CSV"]


def test_two_seeds_are_a_mean_and_a_range_and_the_address_holds_them(scored: list[RunSpec], cache: Path) -> None:
    at = opened(PAGE, **TINY)
    at.slider(key="scores.seeds").set_value(2).run()
    assert at.query_params["seeds"] == "2"
    values = [table_of(spec, cache)["recall"].value for spec in scored[:2]]
    assert "mean of 2 trainings, seeds 0 to 1" in html_of(at)
    assert f"<b>{sum(values) / 2:.3f}</b>" in html_of(at)
    assert f"<small>{min(values):.3f} to {max(values):.3f}</small>" in html_of(at)


@pytest.mark.parametrize("what", ["run", "scores"])
def test_one_failed_model_is_a_column_of_dashes_and_the_others_scores_stand(
    what: str, scored: list[RunSpec], cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gmm, _, vae, _ = scored
    shutil.rmtree(Store(cache).find(scores.spec(vae).key).path)
    if what == "run":
        shutil.rmtree(Run.find(vae, Store(cache)).recording.path)
    monkeypatch.setattr(jobs, "_job", lambda spec: JobState("failed", error="the VAE fell over"))
    at = opened(PAGE, **TINY)
    shown = html_of(at)
    precision = table_of(gmm, cache)["precision"].value
    assert f"<b>{precision:.3f}</b>" in shown
    assert '<b title="the VAE fell over">—</b>' in shown
    assert [error.value.endswith(": the VAE fell over") for error in at.error] == [True]
    assert at.button(key="begin").label == "Try again"


def test_presenting_hides_the_controls_and_wrong_parts_of_the_address_cost_a_line(scored: list[RunSpec]) -> None:
    at = opened(PAGE, **TINY, present="1", seeds="99")
    assert not at.slider
    assert any("seeds = '99' is not allowed" in warning.value for warning in at.warning)
    assert "Fréchet ratio" in html_of(at)


def test_data_that_cannot_be_fetched_is_one_card(cache: Path) -> None:
    at = opened(PAGE, auto="0", data="fashion-mnist")
    assert "Fashion-MNIST is not on this machine" in at.error[0].value
    assert len(at.title) == 1


def test_a_broken_part_leaves_the_table_and_the_curves(scored: list[RunSpec], cache: Path) -> None:
    finding = Store(cache).find(scores.spec(scored[0]).key)
    assert finding is not None
    spoil(finding, f"{BinShares.stem}.json", b"{}")
    at = opened(PAGE, **TINY)
    assert not at.exception
    assert len(at.error) == 1
    assert "Fréchet ratio" in html_of(at)
    assert len(at.get("plotly_chart")) == 4
