"""The form's sliders reach every value that the declaration allows, on a scale of round numbers."""

import pytest

from genmodels import models
from pages.parts.widgets import log_scale

LOG_KNOBS = [(m, k) for m, kind in models.models().items() for k in kind.Settings.knobs().values() if k.log]


@pytest.mark.parametrize(("model", "knob"), LOG_KNOBS, ids=[f"{m}.{k.name}" for m, k in LOG_KNOBS])
def test_a_logarithmic_slider_runs_from_end_to_end_in_order_and_holds_the_default(model: str, knob: object) -> None:
    scale = log_scale(knob, (knob.default,))  # type: ignore[attr-defined, arg-type]
    assert scale[0] == knob.low  # type: ignore[attr-defined]
    assert scale[-1] == knob.high  # type: ignore[attr-defined]
    assert knob.default in scale  # type: ignore[attr-defined]
    assert scale == sorted(set(scale))
    ratios = [b / a for a, b in zip(scale[1:], scale[2:], strict=False)]
    assert max(ratios) <= 2.6
    for value in scale:
        assert models.model(model).Settings.parse({knob.name: value}, "x").model_dump()[knob.name] == value  # type: ignore[attr-defined]
