"""The table of contents. The docstring of each page opens with `N. Title: what it is for`."""

import re
from collections.abc import Mapping
from copy import copy
from functools import cache
from pathlib import Path
from typing import NamedTuple

import streamlit as st

PAGES = Path(__file__).resolve().parent.parent
SECTIONS = {"compare": "Compare", "lecture": "Lecture", "labbook": "Lab book"}
HEADLINE = re.compile(r'"""(\d+)\. ([^:\n]+): (.+?)(?:"""|\n)')


class Entry(NamedTuple):
    """One page: its section and number there, its title and what it is for."""

    section: str
    number: int
    title: str
    purpose: str
    file: Path


@cache
def entries() -> tuple[Entry, ...]:
    """Return all pages in order, read once per process, by a pattern: CPython 3.11 cannot parse source in several threads."""
    return tuple(sorted((_entry(folder, file) for folder in SECTIONS for file in (PAGES / folder).glob("*.py")), key=_place))


def _entry(folder: str, file: Path) -> Entry:
    match = HEADLINE.match(file.read_text())
    if not match:
        raise ValueError(f"{file}: its docstring must open with `N. Title: what it is for`")
    number, title, purpose = match.groups()
    return Entry(SECTIONS[folder], int(number), title, purpose, file)


def _place(entry: Entry) -> tuple[int, int]:
    return list(SECTIONS.values()).index(entry.section), entry.number


def pages() -> Mapping[str, list[st.Page]]:
    """Return the pages of each section for `st.navigation`, as copies: it marks the one that it runs."""
    sections: dict[str, list[st.Page]] = {}
    for section, page in _pages():
        sections.setdefault(section, []).append(copy(page))
    return sections


@cache
def _pages() -> tuple[tuple[str, st.Page], ...]:
    return tuple(
        (e.section, st.Page(e.file, title=e.title, help=e.purpose, url_path=e.file.stem, default=e is entries()[0]))
        for e in entries()
    )
