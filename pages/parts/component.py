"""Makes the components of the browser: html, css and JavaScript of a folder, with the styles and modules that they share."""

from pathlib import Path
from typing import Any

import streamlit as st

from genmodels.views import colours
from pages.parts import modules

SHARED = Path(__file__).resolve().parent / "shared"
MODELS = colours.css("[data-dark]", '[data-dark="true"]', '[data-model="{}"]')


def mount(folder: Path, name: str, *styles: str) -> Any:
    """Return the component of the files `name`.html, .css and .js in `folder`, to be called with its key and data.

    Before its css stand the colours of the models and the `styles` of shared/; its js is linked with the modules it imports.
    """
    return st.components.v2.component(
        f"genmodels_{name}",
        html=(folder / f"{name}.html").read_text(),
        css="\n".join([MODELS, *((SHARED / file).read_text() for file in styles), (folder / f"{name}.css").read_text()]),
        js=modules.link(folder / f"{name}.js"),
    )
