"""A run as a viewer meets it: finished, growing, queued, failed, stopped or not yet trained."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from genmodels import findings
from genmodels.config import UserError
from genmodels.engine import JobState, Work, engine
from genmodels.findings import StudySpec
from genmodels.runs import Run, RunSpec, estimate_seconds
from genmodels.store import Recording, Store
from genmodels.views import board as view
from pages.parts import state

AUTO_SECONDS = 60.0  # what trains by itself when a page asks for it


@cache
def store() -> Store:
    """Return the server's store."""
    return Store.from_environment()


@dataclass(frozen=True)
class Column:
    """One model of the comparison and what there is of its run."""

    spec: RunSpec
    run: Run | None
    job: JobState | None

    @property
    def live(self) -> bool:
        """Whether this viewer is waiting for it."""
        return self.run is None and self.job is not None and self.job.state in ("queued", "running")

    def data(self, nearest: bool) -> dict[str, Any]:
        """Return the column as the board draws it."""
        if self.run:
            return view.column(self.run, nearest) | {"state": "finished"}
        blank = view.heading(self.spec) | {"step": 0, "steps": self.spec.steps}
        if not self.job:
            wait = f"Not trained yet: {about(estimate_seconds(self.spec, store()))}."
            return blank | {"state": "missing", "message": wait, "action": "Train"}
        if self.job.state == "running":
            growing = Run.growing(self.spec, store())
            return (view.column(growing, nearest) if growing else blank) | {"state": "running"}
        if self.job.state == "queued":
            line = f"Waiting: number {self.job.position} in the queue; once started, {about(estimate_seconds(self.spec, store()))}."
            return blank | {"state": "queued", "message": line}
        if self.job.state == "stopped":
            return blank | {"state": "stopped", "message": "Stopped; nothing of it was kept.", "action": "Train"}
        return blank | {"state": "failed", "message": self.job.error, "action": "Try again"}


def about(seconds: float) -> str:
    """Return a time in words, no more exact than it is known."""
    return f"about {max(1, round(seconds))} s" if seconds < 90 else f"about {round(seconds / 60)} min"


def look(spec: RunSpec) -> Column:
    """Return what there is of a run, renewing this viewer's lease on it if it is being trained."""
    run = Run.find(spec, store())
    return Column(spec, run, None if run else _job(spec.key))


@dataclass(frozen=True)
class Inquiry:
    """A study that a page shows, and what there is of its finding."""

    spec: StudySpec
    finding: Recording | None
    job: JobState | None

    @property
    def live(self) -> bool:
        """Whether this viewer is waiting for it."""
        return self.finding is None and self.job is not None and self.job.state in ("queued", "running")

    def growing(self) -> Recording | None:
        """Return what is there of a finding that is being made."""
        return store().growing(self.spec.key) if self.live else None


def inquire(spec: StudySpec) -> Inquiry:
    """Return what there is of a finding, renewing this viewer's lease on it if it is being made."""
    finding = findings.find(spec, store())
    return Inquiry(spec, finding, None if finding else _job(spec.key))


def _job(key: str) -> JobState | None:
    if key in _left():
        return JobState("stopped")
    if key in _refused():
        return JobState("failed", error=_refused()[key])
    engine().watch(key, state.viewer())
    job = engine().state(key)
    # Over, and yet not there by no wish of this viewer: evicted, damaged, or left alone while nobody looked.
    if job and job.state in ("finished", "stopped"):
        engine().forget(key)
        job = None
    return job


def estimate(spec: Work) -> float:
    """Return how long this should take, seconds."""
    return findings.estimate_seconds(spec, store()) if isinstance(spec, StudySpec) else estimate_seconds(spec, store())


def train(spec: Work) -> None:
    """Ask for a training or a study; what stands against it is shown in its place."""
    _left().discard(spec.key)
    _refused().pop(spec.key, None)
    try:
        engine().submit(spec, state.viewer())
    except UserError as error:
        _refused()[spec.key] = str(error)


def train_all(specs: Iterable[Work]) -> None:
    """Ask for several trainings or studies, the longest first: together they are finished sooner."""
    for spec in sorted(specs, key=lambda spec: -estimate(spec)):
        train(spec)


def stop(spec: Work) -> None:
    """End this viewer's part in a training: it ends altogether unless another viewer watches it."""
    _left().add(spec.key)
    engine().stop(spec.key, state.viewer())


def wants_training(item: Column | Inquiry) -> bool:
    """Whether this is a short run or study that nobody has asked for yet."""
    there = item.run if isinstance(item, Column) else item.finding
    return there is None and item.job is None and estimate(item.spec) <= AUTO_SECONDS


def _left() -> set[str]:
    left: set[str] = st.session_state.setdefault("left", set())
    return left


def _refused() -> dict[str, str]:
    refused: dict[str, str] = st.session_state.setdefault("refused", {})
    return refused
