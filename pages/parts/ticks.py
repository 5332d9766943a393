"""Dots under a slider: its values whose picture is recorded, and thus there at once."""

import html
import time
from collections.abc import Sequence
from typing import Any, TypeVar

import streamlit as st

from pages.parts import jobs
from pages.parts.ghost import Part
from pages.parts.views.base import PageView
from pages.parts.widgets import number_text

V = TypeVar("V", bound=PageView)

FRESH_SECONDS = 2.0  # how long a reading of the store's folder serves all viewers
MAX_VIEWS = 8192
INSET = 5.5  # px between a slider's end and that of its track
STYLE = """
.ticks { position: relative; height: 0; top: -12px; pointer-events: none; }
.ticks i { position: absolute; width: 4px; height: 4px; margin-left: -2px; border-radius: 50%; }
.ticks i { background: currentColor; opacity: .55; }
"""


class _Names:
    """The names of the recordings of the server's store, read again when they are no longer fresh."""

    def __init__(self) -> None:
        self.root, self.read_at, self.names = "", 0.0, set[str]()

    def get(self) -> set[str]:
        """Return them."""
        store = jobs.store()
        if time.monotonic() - self.read_at > FRESH_SECONDS or self.root != str(store.root):
            self.root, self.read_at, self.names = str(store.root), time.monotonic(), store.names()
        return self.names


_NAMES = _Names()
_KEYS: dict[tuple[Any, ...], tuple[str, ...]] = {}  # of what each picture is drawn from; a key is costly, and never another


def draw(part: Part[V], view: V, name: str) -> None:
    """Draw the dots of a control; a reader of screens is told the values."""
    offers = view.knobs()[name].scale((getattr(view, name),))
    at_once = set(instant(part, view, name, offers))
    dots = "".join(
        f'<i style="left:calc({INSET}px + {i / max(1, len(offers) - 1):.4f} * (100% - {2 * INSET}px))"></i>'
        for i, value in enumerate(offers)
        if value in at_once
    )
    words = html.escape("At once: " + (", ".join(number_text(value) for value in offers if value in at_once) or "none yet"))
    st.html(f'<style>{STYLE}</style><div class="ticks" role="img" aria-label="{words}">{dots}</div>')


def instant(part: Part[V], view: V, name: str, offers: Sequence[Any]) -> list[Any]:
    """Return those of the values that a control offers whose picture is recorded."""
    names = _NAMES.get()
    return [value for value in offers if names.issuperset(_keys(part, view, name, value))]


def _keys(part: Part[V], view: V, name: str, value: Any) -> tuple[str, ...]:
    place = (*part.kind(view), *(part.values(view) | {name: value}).items())
    if place not in _KEYS:
        if len(_KEYS) >= MAX_VIEWS:
            _KEYS.clear()
        _KEYS[place] = tuple(spec.key for spec in part.needs(part.changed(view, {name: value})))
    return _KEYS[place]
