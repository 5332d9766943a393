"""Estimating p(x): from its address alone the page shows each of its three parts, with the number that settles it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.likelihood import brute_force, subject
from tests.pages import shell


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, use_cache: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch) -> Store:
    """A cache with small findings of all that the tests open."""
    store = Store(tmp_path_factory.getbasetemp() / "likelihood-page")
    use_cache(store.root)
    monkeypatch.setattr(brute_force, "SIZES", [1, 10, 100, 1000])
    monkeypatch.setattr(brute_force, "REPEATS", 4)
    spec = RunSpec.make("digits", "vae", {"latent_dim": 2, "steps": 60, "hidden_dim": 16, "depth": 2, "noise": 0.0})
    monkeypatch.setattr(subject, "vae_spec", lambda seed=0: spec)
    for runs, settings in brute_force.BruteForce.opening():
        record(StudySpec.make("brute-force", runs, settings), store)
    record(StudySpec.make("elbo-identity", [spec], {}), store)
    record(StudySpec.make("elbo-gradient", [], {"dim": "4"}), store)
    return store


def opened(**query: str) -> AppTest:
    at = shell.opened("lecture/likelihood.py", query)
    assert [error.value for error in at.error] == []
    return at


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def test_brute_force_fails_in_sixteen_dimensions_and_q_does_not() -> None:
    at = opened(dim="16")
    numbers = metrics(at)
    assert float(numbers["Error, z from P(z)"].split()[0]) > 5
    assert float(numbers["Error, z from Q(z|X)"].split()[0]) < 0.3
    assert numbers["Effective sample, z from P(z)"].startswith("1 of 1,000")
    assert any("errs **low**" in words.value for words in at.markdown)
    assert len(at.get("plotly_chart")) == 4


def test_the_vae_is_held_against_its_own_integral() -> None:
    at = opened(model="VAE")
    assert "Error, z from Q(z|X)" in metrics(at)
    assert not [box for box in at.selectbox if box.label == "latent dimensions"]  # it has two


def test_the_identity_adds_up_on_the_page() -> None:
    at = opened(part="identity")
    figure, _, power = metrics(at)["Left side less right"].split()[0].partition("·10")
    assert int(figure) < 10
    assert int(power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) < -3
    bars = json.loads(at.get("plotly_chart")[0].proto.spec)["data"][0]
    ends = [base + length for base, length in zip(bars["base"], bars["y"], strict=True)]
    assert ends[1] == pytest.approx(ends[3], abs=1e-3)


def test_gradients_are_shown_with_their_scatter_and_controls_stay_hidden_when_presenting() -> None:
    at = opened(part="gradient", dim="4", present="1")
    assert float(metrics(at)["Codes that one is worth"]) > 2
    assert not at.button_group
    assert not at.slider


def test_a_change_of_a_control_goes_into_the_address() -> None:
    at = opened()
    at.button_group(key="likelihood.part").set_value("identity").run()
    assert at.query_params["part"] == "identity"
    assert "Left side less right" in metrics(at)


def test_a_hostile_address_opens_the_page_with_a_notice() -> None:
    at = opened(dim="3", picture="-1", width="nan", part="<b>", auto="0")
    assert len(at.warning) == 4
    assert metrics(at)


def test_the_charts_of_the_picture_before_stay_while_another_is_asked_for() -> None:
    at = opened(auto="0", part="gradient", dim="4")
    before = [chart.proto.spec for chart in at.get("plotly_chart")]
    at.slider(key="likelihood.picture").set_value(5).run()
    assert [chart.proto.spec for chart in at.get("plotly_chart")] == before
    assert at.button(key="begin-likelihood").label == "Make it"
    words = " ".join(element.proto.body for element in at.get("html"))
    assert "picture X = 3. <b>picture X = 5</b> is not there yet: about" in words
