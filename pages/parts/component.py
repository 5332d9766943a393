"""Makes the components of the browser: html, css and JavaScript of a folder, with the styles and modules that they share."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import streamlit as st

from genmodels.views import colours
from pages.parts import modules
from pages.parts.session import widget_value

SHARED = Path(__file__).resolve().parent / "shared"
MODELS = colours.css("[data-dark]", '[data-dark="true"]', '[data-model="{}"]')


Listener = Callable[[Any], object]


class Component(Protocol):
    """Draws a component; each listener is called with the value that the browser sends under the listener's name."""

    def __call__(self, key: str, data: Mapping[str, Any], **listeners: Listener) -> None:
        """Draw it with its data."""


def mount(folder: Path, name: str, *styles: str, content: str = "") -> Component:
    """Return the component of the files `name`.html, .css and .js in `folder`.

    Before its css stand the colours of the models and the `styles` of shared/; its js is linked with the modules it imports.
    `content` follows its html.
    """
    component = st.components.v2.component(
        f"genmodels_{name}",
        html=(folder / f"{name}.html").read_text() + content,
        css="\n".join([MODELS, *((SHARED / file).read_text() for file in styles), (folder / f"{name}.css").read_text()]),
        js=modules.link(folder / f"{name}.js"),
    )

    def draw(key: str, data: Mapping[str, Any], **listeners: Listener) -> None:
        calls = {f"on_{name}_change": partial(_call, listener, key, name) for name, listener in listeners.items()}
        component(key=key, data=data, **calls)

    return draw


def _call(listener: Listener, key: str, name: str) -> None:
    listener(widget_value("", key)[name])
