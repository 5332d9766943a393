"""A finished run in a line: its model, what of it is unusual, and one or two of its scores."""

from functools import lru_cache
from typing import Any

from genmodels.runs import Run
from genmodels.views.board import Fact, facts
from genmodels.views.names import unusual

SCORES = {"reconstruction error": "error", "sharpness": "sharpness", "modes found": "modes", "log p(x)": "log p(x)"}  # in words
MOST = 2  # scores in a line


@lru_cache(256)
def line(run: Run) -> dict[str, Any]:
    """Return the run for the browser: the first scores that it has, as the board writes them, and what they are."""
    scores = {fact.name: fact for fact in facts(run) if fact.number is not None}
    chosen = [scores[name] for name in SCORES if name in scores][:MOST]
    return {
        "key": run.spec.key,
        "model": run.spec.model,
        "title": run.spec.kind.title,
        "settings": unusual(run.spec) or "as preset",
        "scores": " · ".join(f"{SCORES[fact.name]} {fact.value}" for fact in chosen),
        "about": ", ".join(map(_in_full, chosen)),
    }


def _in_full(fact: Fact) -> str:
    return f"{fact.name} {fact.value} ({fact.note})"
