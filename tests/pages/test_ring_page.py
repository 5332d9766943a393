"""Ring: from its address alone the page shows the maps and how far each model falls short of the truth."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies import ring
from genmodels.studies.findings import StudySpec
from pages.parts import jobs
from tests.pages import rings, shell


def few_steps(k: int, budget: str) -> list[RunSpec]:
    return rings.few_steps(k, budget, {"gmm": 8, "vae": 8, "gan": 8})


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, use_cache: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Store:
    store = Store(tmp_path_factory.getbasetemp() / "ring")
    use_cache(store.root)
    monkeypatch.setattr(ring, "specs", few_steps)
    for k in (12, 1):
        record(StudySpec.make("ring", few_steps(k, "quick")), store)
    return store


def log_likelihoods(k: int, cache: Store) -> ring.LogLikelihoods:
    return ring.RingFinding.read(record(StudySpec.make("ring", few_steps(k, "quick")), cache)).log_likelihoods


def opened(**query: str) -> AppTest:
    return shell.opened("lecture/ring.py", query)


def scene(at: AppTest) -> dict[str, object]:
    data = next(c.proto for c in at.get("bidi_component") if "warp" in c.proto.id)
    return json.loads(data.json) if data.json else json.loads(data.mixed.json)


def test_the_page_tells_how_far_each_model_falls_short(cache: Store) -> None:
    at = opened()
    assert [e.value for e in at.error] == []
    nats = log_likelihoods(12, cache)
    assert {metric.label: metric.value for metric in at.metric} == {
        "Gaussian on x lacks": "0.000 nats",
        "Gaussian on y lacks": f"{nats.true - nats.gaussian:.2f} nats",
        "Mixture of 12 lacks": f"{nats.true - nats.gmm:.2f} nats",
        "VAE lacks at most": f"{nats.true - nats.vae:.2f} nats",
    }
    assert nats.true - nats.gaussian == pytest.approx(1.794, abs=0.01)
    assert any("\\lVert" in m.value for m in at.markdown)


def test_the_address_chooses_the_way_the_step_and_the_mixture() -> None:
    data = scene(opened(way="0.35", mark="3", k="1"))
    assert (data["way"], data["mark"]) == (0.35, 3)
    assert len(data["panels"][0]["ellipses"]) == 1
    assert data["rows"][2]["name"] == "1 Gaussian by EM, on y"


def test_one_gaussian_by_em_is_the_gaussian_in_closed_form(cache: Store) -> None:
    nats = log_likelihoods(1, cache)
    assert nats.gmm == pytest.approx(nats.gaussian, abs=1e-4)


def test_presenting_hides_the_controls_and_a_wrong_part_costs_a_line() -> None:
    at = opened(present="1", k="0", way="nan")
    assert not at.slider
    assert len(at.warning) == 2
    assert scene(at)["way"] == 1.0


def test_on_an_empty_cache_the_runs_are_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_CACHE", str(tmp_path))
    jobs.store.cache_clear()
    at = opened(auto="0")
    assert at.button(key="begin").label.startswith("Begin (about")
    assert len(at.info) == 3
