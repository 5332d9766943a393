"""Mixtures: from its address alone the page shows EM, what it settles, and the three uses."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures import study as mixtures
from genmodels.studies.mixtures import uses
from pages.parts import jobs
from tests.pages import shell


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, use_cache: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Store:
    """A cache with small findings of all that the tests open."""
    store = Store(tmp_path_factory.getbasetemp() / "mixtures")
    use_cache(store.root)
    monkeypatch.setattr(mixtures, "MAX_K", 5)
    monkeypatch.setattr(mixtures, "STEPS", 8)
    for toy in ("pinwheel", "gaussians-8", "ring"):
        for start in ("random points", "k-means"):
            record(StudySpec.make("mixtures", [], {"toy": toy, "start": start}), store)
    record(StudySpec.make("mixture-uses", uses.specs("digits", 3)), store)
    return store


def opened(**query: str) -> AppTest:
    return shell.opened("lecture/mixtures.py", {"groups": "3", **query})


def replay(at: AppTest) -> dict[str, object]:
    data = next(c.proto for c in at.get("bidi_component") if "em-replay" in c.proto.id)
    return json.loads(data.json) if data.json else json.loads(data.mixed.json)


def settled(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_the_page_settles_its_questions(cache: Store) -> None:
    at = opened()
    assert [e.value for e in at.error] == []
    points = {
        toy: mixtures.Curve.read(record(StudySpec.make("mixtures", [], {"toy": toy}), cache)).points
        for toy in ("pinwheel", "gaussians-8")
    }
    numbers = settled(at)
    assert float(numbers["Largest fall in an EM step"].removesuffix(" nats")) < 1e-9
    assert numbers["BIC's choice on 8 Gaussians"] == "≥ 5"  # of the five that are tried here
    assert numbers["Clusters: adjusted Rand"] == f"{points['pinwheel'][4].rand:.2f}"
    assert any("EM" in m.value and "\\sum_z" in m.value for m in at.markdown)
    assert sum("viewBox" in str(c.proto) and "components K" in str(c.proto) for c in at.get("bidi_component")) == 2


def test_the_three_uses_stand_alone_with_their_measures() -> None:
    at = opened(part="three uses")
    assert [e.value for e in at.error] == []
    assert any("adjusted Rand" in element.proto.body for element in at.get("html"))
    assert not at.metric


def test_the_address_chooses_points_components_and_step() -> None:
    at = opened(toy="gaussians-8", k="3", start="k-means", frame="2")
    data = replay(at)
    assert len(data["weights"][0]) == 3
    assert data["frame"] == 2
    assert "BIC's choice here" not in settled(at)
    assert not any(s.key == "mixtures.draw" for s in at.slider)  # k-means has one start


def test_a_slider_changes_the_fit_and_the_address() -> None:
    at = opened()
    at.slider(key="mixtures.k").set_value(2).run()
    assert len(replay(at)["weights"][0]) == 2
    assert at.query_params["k"] == "2"


def test_points_without_classes_have_a_dash_and_presenting_hides_the_controls() -> None:
    at = opened(toy="ring", present="1")
    assert settled(at)["Clusters: adjusted Rand"] == "—"
    assert not at.slider
    assert not at.selectbox


def test_a_wrong_part_of_the_address_costs_itself_and_a_line() -> None:
    at = opened(k="99", toy="<script>", frame="-1")
    assert len(at.warning) == 3
    assert len(replay(at)["weights"][0]) == 5


def test_on_an_empty_cache_the_study_is_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path))
    jobs.store.cache_clear()
    at = opened(auto="0")
    assert at.button(key="begin").label.startswith("Begin (about")
    assert "EM, step by step" in at.info[0].value


def test_another_covariance_leaves_the_picture_and_the_numbers_before(cache: Store) -> None:
    at = opened(auto="0")
    before = replay(at)
    at.button_group(key="mixtures.shape").set_value("diag").run()
    assert replay(at)["means"] == before["means"]
    assert replay(at)["isOld"]
    assert "covariance Σ full. <b>covariance Σ diag</b> is not there yet" in " ".join(e.proto.body for e in at.get("html"))
    assert settled(at)["Clusters: adjusted Rand"]  # the old numbers too


def test_what_is_being_fitted_is_shown_as_soon_as_its_k_is_there(cache: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened(auto="0", k="3")
    work = StudySpec.make("mixtures", [], {"shape": "diag"}).work(cache)
    while not any((cache.root / "growing").glob("*/fit-03.json")):
        next(work)
    monkeypatch.setattr(jobs.Item, "growing", lambda item: cache.growing(item.spec.key))
    at.button_group(key="mixtures.shape").set_value("diag").run()
    assert not replay(at)["isOld"]
    assert {row[1] for row in replay(at)["covariances"][-1]} == {0.0}  # along the axes: it is the new one
    work.close()
