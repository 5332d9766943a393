"""A failure as words and as columns of the board: the failing run, and the mended one."""

from typing import Any

from genmodels import models
from genmodels.runs import Run
from genmodels.studies.failures import FailureFinding
from genmodels.studies.failures.case import Case
from genmodels.views import board, tiles

NOISE_NOTE = "decoder of z ~ N(0, I), for which nothing has prepared it; at the end of the training"
VEIL = "One setting mends this. Which?"


def settings_text(case: Case) -> str:
    """Return model, data and settings in one line of Markdown, which does not say which of them makes the failure."""
    source, kind = case.failing().source, case.failing().kind
    settings = {**case.common, **case.cause}
    parts = [f"{knob.label} {value_text(settings[name])}" for name, knob in kind.Settings.knobs().items() if name in settings]
    return f"**{kind.title}** on {source.title}: " + ", ".join(parts)


def cure_text(case: Case) -> str:
    """Return the setting that mends it, before and after, in Markdown."""
    if case.cure_model:
        kinds = models.model(case.model), models.model(case.cure_model)
        return " → ".join(f"**{kind.title}**" for kind in kinds)
    knobs = models.model(case.model).Settings.knobs()
    return "; ".join(
        f"**{knobs[name].label}** {value_text(case.cause[name])} → **{value_text(value)}**" for name, value in case.cure.items()
    )


def value_text(value: Any) -> str:
    """Return a setting's value as text."""
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def scene(case: Case, runs: list[Run], findings: list[FailureFinding], mended: bool, frame: int) -> dict[str, Any]:
    """Return the board's payload of both runs, at this snapshot or at the last."""
    progress = snapshot_progress(runs)
    return {
        "scene": board.scene(case.dataset),
        "columns": columns(runs, findings, mended),
        "shares": progress,
        "nearest": False,
        "frame": min(frame, len(progress) - 1),
    }


def columns(runs: list[Run], findings: list[FailureFinding], mended: bool) -> list[dict[str, Any]]:
    """Return the failing run as a column of the board, and beside it the mended one, or a veil until that is revealed."""
    failing, cured = (_column(run, finding) for run, finding in zip(runs, findings, strict=True))
    failing["title"] += ", as set"
    if mended:
        cured["title"] += ", mended"
        return [failing, cured]
    veil = board.heading(runs[0].spec) | {"title": "Mended", "summary": "", "samplesNote": "not shown yet", "step": 0, "steps": 1}
    return [failing, veil | {"state": "missing", "message": VEIL}]


def snapshot_progress(runs: list[Run]) -> list[float]:
    """Return the snapshot steps of the longest run as fractions of its steps: the positions of the slider."""
    longest = max(runs, key=lambda run: run.spec.steps)
    return [step / longest.spec.steps for step in longest.status().snapshot_steps]


def _column(run: Run, finding: FailureFinding) -> dict[str, Any]:
    """Return a run's column; of a model without p(z) the last samples are decodes of noise."""
    column = board.column(run, nearest=False) | {"state": "finished"}
    if finding.decoded is None:
        return column
    *before, last = column["frames"]
    samples = {"samples": tiles.images_url(finding.decoded)}
    return column | {"canSample": True, "samplesNote": NOISE_NOTE, "frames": [*before, last | samples]}
