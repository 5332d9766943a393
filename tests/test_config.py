"""Settings: what is outside a range is refused in one line that says what is allowed; equal settings have one canonical text."""

import itertools
import math
import types
from typing import Literal

import numpy as np
import pytest

from genmodels import models
from genmodels.config import Config, UserError, canonical_json, knob

KNOBS = [(kind, k) for kind in models.models().values() for k in kind.Settings.knobs().values()]
NUMBERS = [(kind, k) for kind, k in KNOBS if k.kind in ("int", "float")]
LONG = "\N{GREEK SMALL LETTER BETA}\n" * 100_000


def name(value):
    return getattr(value, "name", None)


def just_outside(knob):
    if knob.kind == "int":
        return knob.low - 1, knob.high + 1
    return math.nextafter(knob.low, -math.inf), math.nextafter(knob.high, math.inf)


def refusal(kind, values):
    with pytest.raises(UserError) as refused:
        kind.Settings.parse(values, where="here")
    message = str(refused.value)
    assert "\n" not in message
    assert len(message) < 500
    assert message.startswith("here: ")
    return message


@pytest.mark.parametrize(("kind", "knob"), NUMBERS, ids=name)
def test_a_range_ends_exactly_where_it_says(kind, knob):
    for end in (knob.low, knob.high):
        assert getattr(kind.Settings.parse({knob.name: end}, where="here"), knob.name) == end
    for value in just_outside(knob):
        message = refusal(kind, {knob.name: value})
        assert all(part in message for part in (f"{knob.name} = {value!r}", knob.allowed(), f"default {knob.default}"))


@pytest.mark.parametrize(("kind", "knob"), KNOBS, ids=name)
@pytest.mark.parametrize(
    "value", ["nan", "inf", "-inf", "1e400", "", "none", "tru\0e", "1,5", [], {}, None, b"\xff", math.nan, LONG]
)
def test_what_is_no_value_at_all_is_refused_in_one_line(kind, knob, value):
    message = refusal(kind, {knob.name: value})
    assert f"{knob.name} = " in message
    assert knob.allowed() in message


@pytest.mark.parametrize(("kind", "knob"), [(kind, k) for kind, k in NUMBERS if k.kind == "int"], ids=name)
@pytest.mark.parametrize("value", ["true", "1.5", 1.5, 10**30, "9" * 5000])
def test_a_whole_number_is_no_word_no_fraction_and_no_giant(kind, knob, value):
    assert knob.allowed() in refusal(kind, {knob.name: value})


@pytest.mark.parametrize("kind", models.models().values(), ids=name)
@pytest.mark.parametrize("unknown", ["self", "model_config", "__class__", "", LONG])
def test_an_unknown_setting_is_refused_with_the_list_of_those_there_are(kind, unknown):
    message = refusal(kind, {unknown: 1})
    assert "no setting named" in message
    assert message.endswith(", ".join(kind.Settings.knobs()))


@pytest.mark.parametrize(("kind", "knob"), KNOBS, ids=name)
def test_every_knob_has_a_help_sentence_and_another_value(kind, knob):
    assert knob.help.endswith(".")
    other = kind.Settings.parse({knob.name: knob.other_value()}, where="here")
    assert getattr(other, knob.name) != knob.default


@pytest.mark.parametrize("kind", models.models().values(), ids=name)
def test_text_and_number_are_one_setting(kind):
    defaults = {k.name: k.default for k in kind.Settings.knobs().values()}
    as_text = {name: str(value) for name, value in defaults.items()}
    assert kind.Settings.parse(as_text, where="here") == kind.Settings() == kind.Settings.parse(defaults, where="here")


@pytest.mark.parametrize("kind", models.models().values(), ids=name)
def test_one_to_three_knobs_of_every_model_stand_in_front(kind):
    assert 1 <= sum(k.front for k in kind.Settings.knobs().values()) <= 3


@pytest.mark.parametrize(("kind", "knob"), [(kind, k) for kind, k in KNOBS if k.kind != "str"], ids=name)
def test_a_scale_holds_its_ends_and_what_it_is_given_and_allowed_values_alone(kind, knob):
    odd = {"int": knob.default, "float": math.pi / 10 * (knob.high or 0)}.get(knob.kind, knob.default)
    scale = knob.scale((odd,))
    assert odd in scale
    assert len(set(scale)) == len(scale)
    if knob.kind in ("int", "float"):
        assert (scale[0], scale[-1]) == (knob.low, knob.high)
        assert scale == sorted(scale)
        assert all(isinstance(value, int if knob.kind == "int" else float) for value in scale)
    for value in scale:
        assert getattr(kind.Settings.parse({knob.name: value}, where="here"), knob.name) == value


def test_a_logarithmic_scale_has_round_numbers_and_whole_ones_powers_of_two_besides():
    knobs = models.model("vae").Settings.knobs()
    assert knobs["beta"].scale()[:6] == [0.0, 0.02, 0.024, 0.03, 0.04, 0.05]
    assert {0.1, 1.0, 4.0, 10.0} <= set(knobs["beta"].scale())
    assert knobs["latent_dim"].scale() == [*range(1, 11), 12, 16, 20, 24, 30, 32, 40, 50, 60, 64]


class Oven(Config):
    degrees: float = knob(200.0, "How hot.", ge=0, le=300)
    fan: bool = knob(False, "Whether air moves.")
    shelf: int = knob(0, "Which shelf.", ge=0, le=4)
    mode: Literal["top", "bottom"] = knob("top", "Where from.")


def test_the_canonical_text_is_fixed_and_knows_no_order():
    values = {"degrees": 180, "fan": True, "shelf": 3, "mode": "bottom"}
    texts = {Oven.parse(dict(order), "oven").canonical() for order in itertools.permutations(values.items())}
    assert texts == {'{"degrees":180.0,"fan":true,"mode":"bottom","shelf":3}'}


def test_canonical_json_refuses_what_json_has_not():
    assert canonical_json({"b": [1, 2.5], "a": "\u00e9"}) == '{"a":"\\u00e9","b":[1,2.5]}'
    with pytest.raises(ValueError, match="JSON"):
        canonical_json({"a": math.inf})


def test_a_knob_says_what_it_allows():
    assert {k.name: k.allowed() for k in Oven.knobs().values()} == {
        "degrees": "numbers from 0 to 300",
        "fan": "true or false",
        "shelf": "whole numbers from 0 to 4",
        "mode": "top, bottom",
    }
    assert {k.name: k.other_value() for k in Oven.knobs().values()} == {"degrees": 100, "fan": True, "shelf": 2, "mode": "bottom"}


def test_a_number_without_both_ends_is_a_fault_of_the_declaration():
    class Open(Config):
        size: int = knob(3, "How large.", ge=1)

    with pytest.raises(TypeError, match="size: a number needs both ends"):
        Open.knobs()


def test_settings_cannot_be_changed_after_the_fact():
    settings = Oven()
    with pytest.raises(ValueError, match="frozen"):
        settings.shelf = 2


def test_numpy_numbers_are_numbers():
    assert (
        Oven.parse({"degrees": np.float64(10), "shelf": np.int64(2)}, "oven").canonical() == Oven(degrees=10, shelf=2).canonical()
    )


SCRIPT = """
from genmodels.config import Config, knob

class View(Config):
    k: int = knob(1, "Components.", ge=1, le=8)
"""


def run(script):
    """The class that a script declares at one of its runs."""
    module = types.ModuleType("__main__")
    exec(script, module.__dict__)
    return module.View


def test_a_script_that_runs_again_has_the_settings_it_declared_before_and_a_changed_one_its_own():
    script = compile(SCRIPT, "page.py", "exec")
    assert run(script) is run(script)
    changed = run(compile(SCRIPT.replace("le=8", "le=9"), "page.py", "exec"))
    assert changed is not run(script)
    assert changed(k=9).k == 9
    with pytest.raises(UserError, match="whole numbers from 1 to 8"):
        run(script).parse({"k": 9}, "page")
