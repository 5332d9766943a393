"""A model's settings as a form, drawn from its Config: nothing is trained until the form is sent."""

from collections.abc import Mapping
from typing import Any

from genmodels.config import Knob
from pages.parts import widgets
from pages.parts.session import start_widget


def draw(knobs: Mapping[str, Knob], current: Mapping[str, Any], preset: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Draw one widget a knob, which starts at `current`, and return what the widgets hold."""
    return {name: _draw(knob, current[name], preset[name], prefix) for name, knob in knobs.items()}


def _draw(knob: Knob, current: Any, preset: Any, prefix: str) -> Any:
    help = f"{knob.help} Usually {widgets.number_text(preset)}."
    key = start_widget(prefix, knob.name, float(current) if knob.kind == "float" else current)
    return widgets.draw(knob, key, kept=(current, preset), buttons=0, ticks=200, help=help)
