"""Runs before every page: page settings, navigation over pages/*/*.py, and one card for whatever a page lets fall."""

import ast
import re
import sys
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
if str(HERE.parent) not in sys.path:
    sys.path.insert(0, str(HERE.parent))

from pages.parts import cards, jobs, lesson_bar, style  # noqa: E402 - the project's folder must be on the path first

SECTIONS = {"compare": "Compare", "lecture": "Lecture", "labbook": "Lab book"}
HEADLINE = re.compile(r"(\d+)\. ([^:]+): (.+)")


def discover() -> dict[str, list[st.Page]]:
    """Return the pages of each section; a page's docstring opens with `N. Title: what it is for`."""
    sections: dict[str, list[st.Page]] = {}
    for folder, title in SECTIONS.items():
        pages = []
        for file in (HERE / folder).glob("*.py"):
            match = HEADLINE.match(ast.get_docstring(ast.parse(file.read_text())) or "")
            if not match:
                raise ValueError(f"{file}: its docstring must open with `N. Title: what it is for`")
            number, name, purpose = match.groups()
            opening = (folder, number) == ("compare", "1")
            pages.append((int(number), st.Page(file, title=name, help=purpose, url_path=file.stem, default=opening)))
        if pages:
            sections[title] = [page for _, page in sorted(pages, key=lambda entry: entry[0])]
    return sections


st.set_page_config(page_title="genmodels", page_icon="🎲", layout="wide")
style.apply()
page = st.navigation(discover(), position="top")
with cards.guard():
    lesson_bar.draw(page.url_path, page.title)
with cards.guard(), jobs.looking():
    page.run()
