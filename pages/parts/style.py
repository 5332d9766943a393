"""CSS for what Streamlit's theme has no option for."""

import streamlit as st

CSS = """
.stMainBlockContainer { max-width: 1288px; padding: 3.9rem 1.5rem calc(3rem + var(--lesson-height, 0px)); }
.stMain { scroll-padding: 3.75rem 0 var(--lesson-height, 0px); } /* no bar covers what has the focus: see lesson_bar.js */
.stMainBlockContainer h1 { padding: 0; }
a[href^="#term-"] { /* a term that opens its meaning */
  color: inherit !important; text-decoration: underline dotted from-font !important; text-underline-offset: .18em; cursor: help;
}
.st-key-browser-window, .st-key-own-list { position: absolute; } /* they take no row of the page */
[data-testid=stMarkdownContainer] table { display: block; max-width: 100%; overflow-x: auto; } /* wide ones scroll in themselves */
[data-testid=stMetricLabel], [data-testid=stMetricLabel] * { white-space: normal !important; } /* a name is never cut */
.stMainBlockContainer blockquote {
  border-left: 3px solid currentColor; color: inherit; opacity: 1;
  font-size: 1.02rem; padding: .1rem 0 .1rem .9rem; margin: .4rem 0;
}
/* the border marks the selection: the primary colour is too dark for text on a dark ground */
[data-testid=stButtonGroup] button[data-selected=true], [data-testid=stSliderThumbValue] { color: inherit !important; }
@media (max-width: 640px) {
  .stMainBlockContainer { padding: 3.7rem .75rem calc(2rem + var(--lesson-height, 0px)); }
  .st-key-title-row > :first-child { flex: 1 0 100%; }
  .stMainBlockContainer .st-key-lesson-tools { display: none; }
}
@media (prefers-reduced-motion: reduce) { .stMain * { transition: none !important; } }
.st-key-about-row { min-height: 2.9rem; flex-wrap: nowrap; } /* as high with what was tried as without: nothing below moves */
.st-key-about-row > :first-child { flex: 0 1 auto; min-width: 14rem; }
.st-key-about-row > :last-child:not(:first-child) { flex: 1 1 50%; min-width: 0; }
@media (max-width: 640px) { .st-key-about-row { flex-wrap: wrap; } }
.st-key-front-door {
  padding: .6rem .9rem; border-radius: 8px; background: rgba(128, 128, 128, .1); flex-wrap: wrap; row-gap: .4rem;
}
.st-key-front-door > :first-child { flex: 1 1 22rem; }
.st-key-door-ways { flex-wrap: wrap; gap: .5rem; }
@media (max-width: 640px) { /* the first row of pictures stays in view */
  .stMainBlockContainer .st-key-front-door { padding: .35rem .6rem; row-gap: .25rem; }
  .st-key-front-door p { font-size: .9rem; line-height: 1.3; }
  .st-key-front-door button { min-height: 2rem; padding: 0 .5rem; }
}
.st-key-lesson-tools {
  position: fixed; right: 4rem; top: 14px; z-index: 999991; width: auto; gap: .3rem; /* in the header, where it covers nothing */
}
.st-key-lesson-tools button { min-height: 2rem; padding: 0 .6rem; }
"""

PRESENTING = """
[data-testid=stHeader], [data-testid=stToolbar] { display: none; }
.stMain:focus-visible::before { display: none !important; } /* no frame after a click on the page and the clicker's key */
.stMainBlockContainer {
  padding: .5rem 2rem max(9rem, calc(2rem + var(--lesson-height, 0px))); max-width: none; font-size: 1.2rem;
}
.stMainBlockContainer p, .stMainBlockContainer li { font-size: 1.25rem; line-height: 1.45; }
.stMainBlockContainer h1 { font-size: 1.6rem; }
.stMainBlockContainer [data-testid=stMetricValue], .stMainBlockContainer [data-testid=stMetricValue] p { font-size: 1.7rem; }
.stMainBlockContainer [data-testid=stCaptionContainer] p { font-size: 1rem; }
"""


def apply() -> None:
    """Add the styles to the page."""
    st.html(f"<style>{CSS}</style>")


def presenting(yes: bool) -> None:
    """Show the page as on a projector: large, without the bar of pages."""
    st.html(f"<style>{PRESENTING if yes else ''}</style>")
