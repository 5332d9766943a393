"""Autoencoder to VAE: from its address alone the page shows both planes, the numbers and where it is decoded."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.metrics.probes import features
from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies import autoencoders
from genmodels.studies.findings import StudySpec
from tests.pages import shell


def few(dim: int) -> list[RunSpec]:
    settings = {"latent_dim": dim, "steps": 40, "hidden_dim": 16}
    return [RunSpec.make("digits", model, settings) for model in ("autoencoder", "vae")]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, use_cache: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Store:
    """A cache with small findings of all that the tests open."""
    store = Store(tmp_path_factory.getbasetemp() / "autoencoders-page")
    use_cache(store.root)
    monkeypatch.setattr(features, "STEPS", 20)
    monkeypatch.setattr(autoencoders, "plane_specs", lambda dataset, seed=0: few(2))
    monkeypatch.setattr(autoencoders, "longer_specs", lambda dataset, seed=0: few(4))
    for beta in (1.0, 4.0):
        record(StudySpec.make("code-plane", few(2), {"beta": beta}), store)
    record(StudySpec.make("code-samplers", few(4)), store)
    return store


def opened(**query: str) -> AppTest:
    at = shell.opened("lecture/autoencoders.py", query)
    assert [error.value for error in at.error] == []
    return at


def plane(cache: Store, beta: float) -> autoencoders.PlaneFinding:
    return autoencoders.PlaneFinding.read(record(StudySpec.make("code-plane", few(2), {"beta": beta}), cache))


def planes_of(at: AppTest) -> dict:
    payloads = [json.loads(part.proto.json) for part in at.get("bidi_component") if "planes" in part.proto.json]
    assert len(payloads) == 1
    return payloads[0]


def test_the_address_alone_says_what_is_drawn_and_where_it_is_decoded() -> None:
    payload = planes_of(opened(beta="4", show="sheet", picture="sample", sampler="mixture", vae="250-1000"))
    assert (payload["show"], payload["picture"]) == ("sheet", "sample")
    assert payload["spots"] == {"autoencoder": [0.5, 0.5], "vae": [0.25, 1.0]}
    assert payload["planes"][0]["samples"]["note"].startswith("z of 10 Gaussians")


def test_the_knob_is_told_in_both_units(cache: Store) -> None:
    at = opened(beta="4")
    sigma = plane(cache, 4.0).sigma
    words = " ".join(part.value for part in at.markdown)
    assert rf"\beta=4$ at the decoder's $\sigma={sigma:.3f}" in words
    assert rf"\sigma\sqrt\beta={sigma * math.sqrt(4):.3f}" in words
    assert "of the grey scale" in words
    assert "of the grey scale" not in " ".join(part.value for part in opened().markdown)  # at 1 both units are one


def test_the_three_ratios_are_those_of_the_finding(cache: Store) -> None:
    at = opened()
    finding = plane(cache, 1.0)
    expected = [finding.autoencoder.ratios[1], finding.vae.ratios[0], finding.vae.ratios[2]]
    assert [metric.value.split(" ± ")[0] for metric in at.metric] == [f"{ratio.mean:.1f}" for ratio in expected]


def test_presenting_has_no_controls_and_a_hostile_address_costs_its_parts_alone() -> None:
    at = opened(present="1", vae="2000-1", autoencoder="1-2-3", beta="inf", pictures="../etc")
    assert len(at.warning) == 4
    assert not at.button_group
    assert planes_of(at)["tall"]


def test_the_planes_of_the_beta_before_stay_and_go_on_decoding_while_another_is_asked_for() -> None:
    at = opened(auto="0", beta="4")
    before = planes_of(at)["planes"]
    at.select_slider(key="autoencoders.beta").set_value("10").run()
    assert planes_of(at)["planes"] == before
    words = " ".join(element.proto.body for element in at.get("html")).partition('progress-words">')[2]
    assert words.startswith("β = 4. <b>β = 10</b> is not there yet: about")
    assert len(at.metric) > 0
    at.button_group(key="autoencoders.show").set_value("sheet").run()
    assert planes_of(at)["show"] == "sheet"
