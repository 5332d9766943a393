"""The components of the browser on a page: all but those that every page has, which take no room on it."""

from typing import Any

from streamlit.testing.v1 import AppTest


def components(at: AppTest) -> list[Any]:
    """Return them from top to bottom."""
    return [part for part in at.get("bidi_component") if not any(name in part.proto.id for name in ("own-list", "browser-window"))]
