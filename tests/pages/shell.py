"""Opens pages through the shell, as a browser does by an address."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

# Each run of an AppTest looks through every installed package for components, which takes longer than any of our pages.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

PAGES = Path(__file__).resolve().parent.parent.parent / "pages"
FILES = sorted(str(p.relative_to(PAGES)) for folder in ("compare", "lecture", "labbook") for p in (PAGES / folder).glob("*.py"))


def opened(page: str, query: Mapping[str, str | list[str]] | None = None, **parts: str) -> AppTest:
    """Return the page after its first run, in which no exception was left; `__` in a name of `parts` stands for a dot."""
    at = AppTest.from_file(str(PAGES / "shell.py"), default_timeout=60)
    for name, value in {**(query or {}), **{name.replace("__", "."): value for name, value in parts.items()}}.items():
        at.query_params[name] = value
    at.switch_page(page)
    at.run()
    assert not at.exception
    return at


def words(text: str) -> str:
    """Return a text of the page as it is read: without the links of its terms to their meaning."""
    return re.sub(r"\[([^\]]*)\]\(#term-[^)]*\)", r"\1", text)
