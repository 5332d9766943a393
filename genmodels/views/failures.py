"""A failure as words and as columns of the board: as it was set, and mended."""

from typing import Any

from genmodels import models
from genmodels.runs import Run
from genmodels.store import Recording
from genmodels.studies.failures.case import Case
from genmodels.views import board, tiles

NOISE_NOTE = "decoder of z ~ N(0, I), for which nothing has prepared it; at the end of the training"
VEIL = "One setting mends this. Which?"


def given(case: Case) -> str:
    """Return model, data and settings in one line of Markdown; which of them makes the failure is not told."""
    source, kind = case.failing().source, case.failing().kind
    chosen = {**case.common, **case.cause}
    parts = [f"{knob.label} {value_text(chosen[name])}" for name, knob in kind.Settings.knobs().items() if name in chosen]
    return f"**{kind.title}** on {source.title}: " + ", ".join(parts)


def change(case: Case) -> str:
    """Return the setting that mends it, before and after, in Markdown."""
    if case.cured_by:
        kinds = models.model(case.model), models.model(case.cured_by)
        return " → ".join(f"**{kind.title}**" for kind in kinds)
    knobs = models.model(case.model).Settings.knobs()
    return "; ".join(
        f"**{knobs[name].label}** {value_text(case.cause[name])} → **{value_text(value)}**" for name, value in case.cure.items()
    )


def value_text(value: Any) -> str:
    """Return a setting as it is written on the page."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def scene(case: Case, runs: list[Run], findings: list[Recording], mended: bool, frame: int) -> dict[str, Any]:
    """Return what the board draws of both runs, at this frame or at the last."""
    marks = shares(runs)
    drawn = {"scene": board.scene(case.dataset), "columns": columns(runs, findings, mended), "shares": marks, "nearest": False}
    return drawn | {"frame": min(frame, len(marks) - 1)}


def columns(runs: list[Run], findings: list[Recording], mended: bool) -> list[dict[str, Any]]:
    """Return the failing run as a column of the board, and beside it the mended one, or a veil until that is revealed."""
    shown = [_column(run, finding) for run, finding in zip(runs, findings, strict=True)]
    shown[0]["title"] += ", as set"
    if mended:
        shown[1]["title"] += ", mended"
        return shown
    veil = board.heading(runs[0].spec) | {"title": "Mended", "summary": "", "samplesNote": "not shown yet", "step": 0, "steps": 1}
    return [shown[0], veil | {"state": "missing", "message": VEIL}]


def shares(runs: list[Run]) -> list[float]:
    """Return the marks of the longest run, as shares of it: what the slider runs over."""
    longest = max(runs, key=lambda run: run.spec.steps)
    return [mark / longest.spec.steps for mark in longest.status()["snapshot_steps"]]


def _column(run: Run, finding: Recording) -> dict[str, Any]:
    """Return a run's column; a model without p(z) is given what noise decodes to."""
    column = board.column(run, nearest=False) | {"state": "finished"}
    if not finding.has("decoded.safetensors"):
        return column
    sheet = tiles.images_url(finding.tensors("decoded.safetensors")["x"])
    *before, last = column["frames"]
    return column | {"canSample": True, "samplesNote": NOISE_NOTE, "frames": [*before, last | {"samples": sheet}]}
