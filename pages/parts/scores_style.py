"""The style of the scores: a wide table on a projector, one block a score on a phone."""

from genmodels.views import colours
from pages.parts import state

MODELS = colours.css(".scores-part", ".scores-part.dark", ".scores-part .{}")
CSS = (
    MODELS
    + """
.scores-part { --ground: #fbfaf7; --quiet: #5f6168; --line: #d9d6cc; --wash: rgba(128,128,128,.32); }
.scores-part.dark { --ground: #14161b; --quiet: #a3a6ae; --line: #3a3f49; }
.scores-part p { margin: 0 0 .5rem; color: var(--quiet); font-size: .88rem; line-height: 1.4; }
table.scores { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .95rem; table-layout: fixed; }
table.scores th, table.scores td { border: 0; border-top: 1px solid var(--line); padding: .32rem .6rem .32rem 0; text-align: left;
  vertical-align: top; font-weight: 400; }
table.scores thead th { border-top: 0; color: var(--quiet); font-size: .85rem; vertical-align: bottom; }
table.scores thead th[class] { color: inherit; font-weight: 600; font-size: 1rem; }
table.scores thead th[class] span { display: inline-block; border-bottom: 4px solid var(--model); }
table.scores thead th:first-child { width: 17.5rem; }
table.scores .group th { padding-top: 1rem; font-weight: 600; border-top: 0; font-size: .95rem; }
table.scores .end { color: var(--quiet); }
table.scores b { font-weight: 600; } table.scores b[title] { cursor: help; }
table.scores small { color: var(--quiet); font-size: .8rem; margin-left: .35rem; }
table.scores summary { cursor: help; list-style: none; }
table.scores summary > span { text-decoration: underline dotted from-font; text-underline-offset: .18em; }
 table.scores summary::-webkit-details-marker { display: none; }
table.scores details { color: var(--quiet); font-size: .85rem; line-height: 1.35; }
table.scores summary { color: var(--ink, inherit); font-size: .95rem; }
.track { position: relative; display: block; height: 12px; margin: .15rem .3rem .1rem 0; max-width: 13rem;
  background: linear-gradient(var(--line), var(--line)) 0 50% / 100% 1px no-repeat; }
.track i { position: absolute; display: block; }
.track .real { top: 2px; height: 8px; min-width: 2px; background: var(--wash); }
.track .tick { top: 1px; width: 1px; height: 10px; background: var(--quiet); }
.track .band { top: 4px; height: 4px; background: var(--model); opacity: .45; }
.track .dot { top: 1px; width: 10px; height: 10px; margin-left: -5px; border-radius: 50%; background: var(--model); }
.track .dot.beyond { border-radius: 2px; }
.bins figure, .pairs figure { display: inline-block; margin: 0 .9rem .6rem 0; vertical-align: top; }
.bins img { display: block; height: 44px; image-rendering: pixelated; }
.pairs img { display: block; width: 56px; image-rendering: pixelated; margin-bottom: 3px; }
.scores-part figcaption { color: var(--quiet); font-size: .8rem; margin-top: .2rem; font-variant-numeric: tabular-nums; }
.scores-part h3 { font-size: 1.05rem; margin: .6rem 0 .3rem; padding: 0; }
.scores-part h3 span { border-bottom: 4px solid var(--model); }
.scores-part h4 { font-size: .9rem; margin: .5rem 0 .3rem; padding: 0; font-weight: 600; }
.scores-part img.ink { filter: invert(1); mix-blend-mode: multiply; }
.scores-part.dark img.ink { filter: none; mix-blend-mode: screen; }
.scores-columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); column-gap: 1.6rem; }
.scores-part.large table.scores, .scores-part.large summary { font-size: 1.25rem; }
.scores-part.large table.scores .group th, .scores-part.large thead th[class] { font-size: 1.3rem; }
.scores-part.large small, .scores-part.large details, .scores-part.large figcaption { font-size: 1.05rem; }
.scores-part.large p { font-size: 1.1rem; }
@media (max-width: 640px) {
  table.scores, table.scores tbody, table.scores thead { display: block; }
  table.scores tr { display: grid; grid-template-columns: repeat(var(--columns), minmax(0, 1fr));
    border-top: 1px solid var(--line); padding: .35rem 0; }
  table.scores th, table.scores td { border: 0; padding: 0 .3rem 0 0; overflow-wrap: anywhere; }
  table.scores tr > :first-child { grid-column: 1 / -1; width: auto; }
  table.scores thead { position: sticky; top: 3.6rem; background: var(--ground); z-index: 5; }
  table.scores thead th:first-child { display: none; } table.scores thead th[class] { font-size: .8rem; line-height: 1.25; }
  table.scores td { font-size: .85rem; } table.scores small { display: block; margin: 0; font-size: .72rem; }
  table.scores summary small { display: inline; }
  .track .dot { width: 8px; height: 8px; margin-left: -4px; top: 2px; }
}
"""
)


def framed(html: str, dark: bool) -> str:
    """Return a part of the page with its style, larger while presenting."""
    kind = f"scores-part{' dark' if dark else ''}{' large' if state.presenting() else ''}"
    return f'<style>{CSS}</style><div class="{kind}">{html}</div>'
