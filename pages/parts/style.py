"""The few lines of CSS that Streamlit's theme has no option for."""

import streamlit as st

CSS = """
.stMainBlockContainer { max-width: 1288px; padding: 3.9rem 1.5rem 3rem; }
.stMainBlockContainer h1 { padding: 0; }
.stMainBlockContainer blockquote {
  border-left: 3px solid currentColor; color: inherit; opacity: 1;
  font-size: 1.02rem; padding: .1rem 0 .1rem .9rem; margin: .4rem 0;
}
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 3.7rem .75rem 2rem; }
  .st-key-title-row > :first-child { flex: 1 0 100%; }
}
"""


def apply() -> None:
    """Add the styles to the page."""
    st.html(f"<style>{CSS}</style>")
