"""One run of the comparison as the board draws it: finished, in training, or, until it has a picture, with the one before it."""

from typing import Any

from genmodels.runs import Run, RunSpec
from genmodels.views import board
from pages.parts import status
from pages.parts.jobs import Item, store
from pages.parts.session import session


def column(item: Item[RunSpec], nearest: bool, own: bool = True, knobs: bool = False) -> dict[str, Any]:
    """Return the column of a run, with its knobs if those are to be turned.

    Of a model's `own` run, which a knob replaces, the session remembers whose picture it shows; a pinned one is never replaced.
    """
    spec, pictures = item.spec, session().board.pictures
    payload = _own(item, nearest)
    if not own:
        return payload | {"knobs": []}
    if payload["frames"]:
        pictures[spec.dataset, spec.model] = spec
    elif before := pictures.get((spec.dataset, spec.model)):
        payload |= _ghost(before, nearest)
    return payload if knobs else payload | {"knobs": []}


def fault(item: Item[RunSpec], message: str) -> dict[str, Any]:
    """Return the column of a run that cannot be drawn."""
    return _blank(item.spec) | {"state": "failed", "message": message}


def _own(item: Item[RunSpec], nearest: bool) -> dict[str, Any]:
    """Return the column with what is recorded of the run itself, whether its training goes on or is paused."""
    if item.recording:
        return board.column(Run(item.recording, item.spec), nearest) | {"state": "finished"}
    growing = store().growing(item.spec.key) if item.state in ("queued", "running", "stopped") else None
    return (board.column(Run(growing, item.spec), nearest) if growing else _blank(item.spec)) | status.sentence(item)


def _ghost(before: RunSpec, nearest: bool) -> dict[str, Any]:
    """Return what stays of the run that was shown before: its last picture, its curves and its numbers."""
    recording = store().peek(before.key) or store().growing(before.key)
    if not recording:
        return {}
    payload = board.column(Run(recording, before), nearest)
    parts = {name: payload[name] for name in ("charts", "facts")}
    return parts | {"frames": payload["frames"][-1:], "marks": payload["marks"][-1:], "ghost": bool(payload["frames"])}


def _blank(spec: RunSpec) -> dict[str, Any]:
    return board.heading(spec) | {"step": 0, "steps": spec.steps}
