"""The settings of a comparison: the popover tells what a training with them would take, and closes once it is asked for."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from tests.pages.shell import opened

PAGE = "compare/samples.py"
TINY = {"data": "moons", "models": "gmm,vae", "gmm__steps": "3", "vae__steps": "3", "auto": "0"}


@pytest.fixture
def form(cache: Path) -> AppTest:
    """The page with its popover open; the mixture is there, the VAE is not."""
    record(RunSpec.make("moons", "gmm", {"steps": 3}), Store(cache))
    at = opened(PAGE, **TINY)
    at.session_state["settings"] = True
    return at.run()


def slider(at: AppTest, name: str) -> str:
    """The key of a widget of the form."""
    (key,) = (widget.key for kind in ("slider", "select_slider", "number_input") for widget in at.get(kind) if name in widget.key)
    return str(key)


def estimates(at: AppTest) -> str:
    (words,) = (caption.value for caption in at.caption if "Gaussian mixture:" in caption.value)
    return str(words)


def test_the_estimate_is_of_the_values_as_they_are_now_and_of_what_is_missing(form: AppTest) -> None:
    assert estimates(form).startswith("Gaussian mixture: trained already · VAE: about")
    assert estimates(form).endswith(" s")
    form.select_slider(key=slider(form, "vae.steps")).set_value(100_000).run()
    assert estimates(form).startswith("Gaussian mixture: trained already · VAE: about ")
    assert estimates(form).endswith(" min")
    form.number_input(key=slider(form, "seed")).set_value(5).run()
    assert "Gaussian mixture: about" in estimates(form)
    assert "seed" not in form.query_params  # nothing is sent yet


def test_sent_it_changes_the_comparison_requests_what_is_missing_and_closes(form: AppTest) -> None:
    form.select_slider(key=slider(form, "vae.beta")).set_value(4.0).run()
    form.button(key="train-these").click().run()
    assert form.query_params["vae.beta"] == "4.0"
    assert form.session_state["settings"] is False
    assert not [button for button in form.button if button.key == "train-these"]
    assert form.session_state["session"].work.requests == {RunSpec.make("moons", "vae", {"steps": 3, "beta": 4.0}).key}


def test_values_that_are_not_valid_together_are_said_and_stay_to_be_mended(form: AppTest) -> None:
    form.get("selectbox")
    body = next(widget for widget in form.selectbox if widget.key and "vae.body" in widget.key)
    body.set_value("conv").run()
    assert "conv" in form.error[0].value
    form.button(key="train-these").click().run()
    assert form.session_state["settings"] is True
    assert "vae.body" not in form.query_params
