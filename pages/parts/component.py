"""How a component of the browser is made: its html, css and js, and before them what it shares with others (shared/)."""

from pathlib import Path
from typing import Any

import streamlit as st

from genmodels.views import colours

SHARED = Path(__file__).resolve().parent / "shared"
MODELS = colours.css("[data-dark]", '[data-dark="true"]', '[data-model="{}"]')


def mount(folder: Path, name: str, *shared: str) -> Any:
    """Return the component of the files `name`.html, .css and .js in `folder`, to be called with its key and data.

    Before its css stand the colours of the models and each file of shared/ that is named and ends in .css, before its js those
    that end in .js: plain text, one after the other, so that their functions and rules are at hand.
    """
    return st.components.v2.component(
        f"genmodels_{name}",
        html=(folder / f"{name}.html").read_text(),
        css="\n".join([MODELS, *texts(shared, ".css"), (folder / f"{name}.css").read_text()]),
        js="\n".join([*texts(shared, ".js"), (folder / f"{name}.js").read_text()]),
    )


def texts(shared: tuple[str, ...], kind: str) -> list[str]:
    """Return the shared files of one kind, in the order in which they are named."""
    return [(SHARED / file).read_text() for file in shared if file.endswith(kind)]
