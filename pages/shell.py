"""Runs before every page: page settings, navigation over pages/*/*.py, and one card for whatever a page lets fall."""

import streamlit as st

from pages.parts import browser_window, cards, contents, jobs, lesson_bar, preparation, style

st.set_page_config(page_title="genmodels", page_icon="🎲", layout="wide")
style.apply()
browser_window.draw()
page = st.navigation(contents.pages(), position="top")
with cards.guard():
    lesson_bar.draw(page.url_path, page.title)
with jobs.visit():
    with cards.guard():
        page.run()
    with cards.guard():
        preparation.keep(page.url_path)
