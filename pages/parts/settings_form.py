"""A model's settings as part of a form, drawn from its Config."""

from collections.abc import Mapping
from typing import Any

from genmodels.config import Knob, number_text
from pages.parts import widgets
from pages.parts.session import start_widget, widget_value


def draw(knobs: Mapping[str, Knob], current: Mapping[str, Any], preset: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Draw a widget for each knob, which starts at `current`, and return the widgets' values."""
    return {name: _draw(knob, current[name], preset[name], prefix) for name, knob in knobs.items()}


def values(knobs: Mapping[str, Knob], prefix: str) -> dict[str, Any]:
    """Return what the widgets of a drawn form hold."""
    return {name: widget_value(prefix, name) for name in knobs}


def _draw(knob: Knob, current: Any, preset: Any, prefix: str) -> Any:
    help = f"{knob.help} Usually {number_text(preset)}."
    key = start_widget(prefix, knob.name, float(current) if knob.kind == "float" else current)
    return widgets.draw(knob, key, values=(current, preset), buttons=0, ticks=200, help=help)
