"""Every knob has the widget of its kind; logarithmic sliders reach every value that the declaration allows, by round numbers."""

import itertools

import pytest
from streamlit.testing.v1 import AppTest

from genmodels import models
from genmodels.config import Knob

LOG_KNOBS = [(m, k) for m, kind in models.models().items() for k in kind.Settings.knobs().values() if k.log]


@pytest.mark.parametrize(("model", "knob"), LOG_KNOBS, ids=[f"{m}.{k.name}" for m, k in LOG_KNOBS])
def test_a_logarithmic_slider_runs_from_end_to_end_in_order_and_holds_the_default(model: str, knob: Knob) -> None:
    scale = knob.scale((knob.default,))
    assert scale[0] == knob.low
    assert scale[-1] == knob.high
    assert knob.default in scale
    assert scale == sorted(set(scale))
    ratios = [b / a for a, b in itertools.pairwise(scale[1:])]
    assert max(ratios) <= 2.6
    for value in scale:
        assert models.model(model).Settings.parse({knob.name: value}, "x").model_dump()[knob.name] == value


def page() -> None:
    from typing import Literal

    import streamlit as st

    from genmodels.config import Config, knob
    from pages.parts import settings_form, state, view_controls

    class Own(Config):
        grid: bool = knob(False, "Grid.")
        mode: Literal["a", "b", "c"] = knob("a", "Mode.")
        k: int = knob(8, "Components.", ge=1, le=16)
        noise: float = knob(0.1, "Noise.", ge=0.001, le=1, log=True)
        share: float = knob(0.5, "Share.", ge=0, le=1)

    own = state.view("test", Own)
    view_controls.draw("test", own, *Own.knobs())
    with st.form("form"):
        values = settings_form.draw(Own.knobs(), {**own.model_dump(), "noise": 0.123}, Own().model_dump(), "form")
        st.form_submit_button("Send")
    st.text(values)


def test_a_knob_has_the_widget_of_its_kind_on_the_page_and_in_the_form() -> None:
    at = AppTest.from_function(page).run()
    keys = {kind: [widget.key for widget in at.get(kind)] for kind in ("toggle", "selectbox", "slider", "select_slider")}
    assert keys == {
        "toggle": ["test.grid", "form.grid"],
        "selectbox": ["form.mode"],
        "slider": ["test.k", "test.share", "form.k", "form.share"],
        "select_slider": ["test.noise", "form.noise"],
    }
    assert at.button_group(key="test.mode").value == "a"
    assert 0.123 in map(float, at.select_slider(key="form.noise").options)
    assert at.slider(key="test.share").step == 2 * at.slider(key="form.share").step == 0.01
    assert at.text[0].value == str({"grid": False, "mode": "a", "k": 8, "noise": 0.123, "share": 0.5})


def test_what_a_form_was_sent_with_stays_when_the_page_runs_again() -> None:
    at = AppTest.from_function(page).run()
    at.slider(key="form.k").set_value(3)
    at.button[0].click().run()
    at.slider(key="test.k").set_value(5).run()
    assert at.slider(key="form.k").value == 3
    assert at.query_params == {"k": "5"}
