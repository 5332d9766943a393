"""Runs before every page: page settings, navigation over pages/*/*.py, and one card for whatever a page lets fall."""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from pages.parts import cards, contents, jobs, lesson_bar, style  # noqa: E402 - the project's folder must be on the path first

st.set_page_config(page_title="genmodels", page_icon="🎲", layout="wide")
style.apply()
page = st.navigation(contents.pages(), position="top")
with cards.guard():
    lesson_bar.draw(page.url_path, page.title)
with cards.guard(), jobs.looking():
    page.run()
