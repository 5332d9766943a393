"""The components of the browser on a page: all but the one that keeps a viewer's list of lessons, which is on every page."""

from typing import Any

from streamlit.testing.v1 import AppTest


def components(at: AppTest) -> list[Any]:
    """Return them from top to bottom."""
    return [part for part in at.get("bidi_component") if "own-list" not in part.proto.id]
