"""One run of the comparison, finished, in training or missing, as the board draws it."""

from typing import Any

from genmodels.runs import Run, RunSpec
from genmodels.views import board
from pages.parts import status
from pages.parts.jobs import Item


def column(item: Item[RunSpec], nearest: bool) -> dict[str, Any]:
    """Return the column of a run."""
    if item.recording:
        return board.column(Run(item.recording, item.spec), nearest) | {"state": "finished"}
    growing = item.growing() if item.state == "running" else None
    return (board.column(Run(growing, item.spec), nearest) if growing else _blank(item)) | status.sentence(item)


def fault(item: Item[RunSpec], message: str) -> dict[str, Any]:
    """Return the column of a run that cannot be drawn."""
    return _blank(item) | {"state": "failed", "message": message}


def _blank(item: Item[RunSpec]) -> dict[str, Any]:
    return board.heading(item.spec) | {"step": 0, "steps": item.spec.steps}
