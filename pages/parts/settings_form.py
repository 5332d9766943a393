"""A model's settings as part of a form, drawn from its Config."""

from collections.abc import Mapping
from typing import Any

from genmodels.config import Knob
from pages.parts import widgets
from pages.parts.session import start_widget


def draw(knobs: Mapping[str, Knob], current: Mapping[str, Any], preset: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Draw a widget for each knob, which starts at `current`, and return the widgets' values."""
    return {name: _draw(knob, current[name], preset[name], prefix) for name, knob in knobs.items()}


def _draw(knob: Knob, current: Any, preset: Any, prefix: str) -> Any:
    help = f"{knob.help} Usually {widgets.number_text(preset)}."
    key = start_widget(prefix, knob.name, float(current) if knob.kind == "float" else current)
    return widgets.draw(knob, key, values=(current, preset), buttons=0, ticks=200, help=help)
