"""A run as a viewer meets it: finished, growing, queued, failed, stopped or not yet trained."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import streamlit as st

from genmodels.config import UserError
from genmodels.engine.engine import engine
from genmodels.engine.jobs import JobState
from genmodels.runs import Run, RunSpec, Spec
from genmodels.store import Recording, Store
from genmodels.studies.findings import StudySpec
from genmodels.views import board as view
from pages.parts import state

AUTO_SECONDS = 60.0  # what trains by itself when a page asks for it
OVERRUN = 3.0  # times as long as that may take, by its own steps, what was begun so
SURE_SECONDS = 5.0  # after which its steps tell
STOP_HELP = "What is stopped waits ten minutes: asked for again, it goes on from there."


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
            if refusal := _refusal(self.spec):
                return blank | {"state": "failed", "message": refusal}
            wait = f"Not trained yet: {about(estimate(self.spec))}."
            return blank | {"state": "missing", "message": wait, "action": "Train"}
        if self.job.state == "running":
            growing = Run.growing(self.spec, store())
            drawn = view.column(growing, nearest) if growing else blank
            return drawn | {"state": "running", "left": f"{about(self.job.ends)} left", "provenance": note(self.spec)}
        if self.job.state == "queued":
            return blank | {"state": "queued", "message": f"{capital(queued(self.job))}. {note(self.spec)}"}
        if self.job.state == "stopped":
            return blank | {"state": "stopped", "message": f"{capital(stopped(self.spec, self.job))}.", "action": "Train"}
        return blank | {"state": "failed", "message": self.job.error, "action": "Try again"}

    def failed(self, message: str) -> dict[str, Any]:
        """Return the column of a run that cannot be drawn."""
        return view.heading(self.spec) | {"step": 0, "steps": self.spec.steps, "state": "failed", "message": message}


def about(seconds: float) -> str:
    """Return a time in words, no more exact than it is known."""
    return f"about {max(1, round(seconds))} s" if seconds < 90 else f"about {round(seconds / 60)} min"


def capital(text: str) -> str:
    """Return the text as a sentence begins."""
    return text[:1].upper() + text[1:]


def queued(job: JobState) -> str:
    """Say when a waiting job will be there."""
    if job.position == 1 and job.begins < 1:
        return f"about to begin; there in {about(job.ends)}"
    return f"number {job.position} in the queue; there in {about(job.ends)}"


def stopped(spec: Spec, job: JobState) -> str:
    """Say how far a stopped job was, and where it goes on; or why it was stopped, if its viewer did not do that."""
    if job.error:
        return job.error
    if not job.share:
        return "stopped before it began"
    if store().growing(spec.key):
        return f"stopped at {reached(spec, job)}, where it can be taken up again for ten minutes"
    return f"stopped at {reached(spec, job)}; asked for again, it starts from the beginning"


def reached(spec: Spec, job: JobState) -> str:
    """Return how far a job is, in the unit of its work."""
    return spec.position(job.share)


def note(spec: Spec) -> str:
    """Say why a job that is live was stopped in between, if it was."""
    return str(_notes().get(spec.key, ""))


def look(spec: RunSpec) -> Column:
    """Return what there is of a run, renewing this viewer's lease on it if it is being trained."""
    run = Run.find(spec, store())
    return Column(spec, run, _job(spec, run is not None))


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
    finding = store().find(spec.key)
    return Inquiry(spec, finding, _job(spec, finding is not None))


@contextmanager
def looking() -> Iterator[None]:
    """Draw a page: what this viewer looked at before and the page no longer asks about is let go, and what waits has its place."""
    viewer = state.viewer()  # asked now: once a page was told to stop, touching its session stops it again
    looked: set[str] = set()
    st.session_state["looked"], st.session_state["waits"] = looked, 0
    try:
        yield
    finally:
        engine().attend(viewer, looked)


def _job(spec: Spec, there: bool) -> JobState | None:
    """Return the job that makes this, if it is not there; one that stopped while its viewer did not look goes on by itself."""
    key, asked = spec.key, _asked()
    st.session_state.setdefault("looked", set()).add(key)
    if there:
        asked.discard(key)
        _notes().pop(key, None)
        return None
    job = engine().state(key)
    if key in _left():
        return JobState("stopped", error=_left()[key], share=job.share if job and job.state == "stopped" else 0.0)
    if key in _refused():
        return JobState("failed", error=_refused()[key])
    if key in asked and (job is None or job.state == "stopped"):
        _notes()[key] = _absence(spec, job)
        train(spec, by_itself=key in _by_itself())
        job = engine().state(key)
    if job and job.state == "running" and key in _by_itself() and (seconds := _overrun(spec, job.active)):
        stop(spec)
        _left()[key] = f"stopped by itself, for it takes {about(seconds)}, more than it seemed; asked for, it goes on"
        return JobState("stopped", error=_left()[key])
    engine().watch(key, state.viewer())
    if job and job.state == "failed":
        asked.discard(key)
    if job and job.state in ("finished", "stopped"):  # and yet not there: evicted, damaged, or stopped by others
        asked.discard(key)
        engine().forget(key)
        return None
    return job


def _absence(spec: Spec, job: JobState | None) -> str:
    """Say why a job that nobody stopped had stopped."""
    if not job or not job.share:
        return ""  # nothing of it was there to be lost
    how = "it goes on from there" if store().growing(spec.key) else "it starts from the beginning"
    return f"Nobody looked at it for {job.unseen:.0f} s, so it stopped at {reached(spec, job)}; {how}."


def estimate(spec: Spec) -> float:
    """Return how long this should take, seconds."""
    return spec.estimate(store())


def _refusal(spec: RunSpec) -> str:
    """Say why this training is more than the host allows, if it is."""
    try:
        spec.check_limits()
    except UserError as error:
        return str(error)
    return ""


def _overrun(spec: Spec, active: float) -> float | None:
    """Return how long a growing recording takes in all, by what it has taken so far, if that is too long to go on by itself.

    What passed without a sign of life counts, but not from before its worker took it, `active` seconds ago: it was paused then.
    """
    growing = store().growing(spec.key)
    try:
        status = growing.json("status.json") if growing else {}
        silence = time.time() - (growing.path / "status.json").stat().st_mtime if growing else 0.0
        spent = status["seconds"] + min(silence, active) if growing else 0.0
    except OSError:  # it is finished, or swept, in this very moment
        return None
    if spent < SURE_SECONDS:
        return None
    seconds = spec.projection(store(), spent, status["progress"])
    return seconds if seconds > OVERRUN * AUTO_SECONDS else None


def train_short(items: Iterable["Column | Inquiry"]) -> None:
    """Begin by themselves the short runs and studies that nobody has asked for yet; what turns out to be long is stopped again."""
    short = [item.spec for item in items if _wants_training(item)]
    train_all(short, by_itself=True)


def train(spec: Spec, by_hand: bool = False, by_itself: bool = False) -> None:
    """Ask for a training or a study; what stands against it is shown in its place."""
    _left().pop(spec.key, None)
    (_by_itself().add if by_itself else _by_itself().discard)(spec.key)
    _refused().pop(spec.key, None)
    _asked().add(spec.key)
    try:
        spec.check_limits()
        engine().submit(spec, state.viewer(), estimate(spec), by_hand)
    except UserError as error:
        _refused()[spec.key] = str(error)


def train_all(specs: Iterable[Spec], by_hand: bool = False, by_itself: bool = False) -> None:
    """Ask for several trainings or studies, the longest first: together they are finished sooner."""
    for spec in sorted(specs, key=lambda spec: -estimate(spec)):
        train(spec, by_hand, by_itself)


def stop(spec: Spec) -> None:
    """End this viewer's part in a training: it ends altogether unless another viewer watches it."""
    _left()[spec.key] = ""
    _asked().discard(spec.key)
    engine().stop(spec.key, state.viewer())


def _wants_training(item: Column | Inquiry) -> bool:
    """Whether this is a short run or study that nobody has asked for yet."""
    there = item.run if isinstance(item, Column) else item.finding
    return there is None and item.job is None and estimate(item.spec) <= AUTO_SECONDS


def _left() -> dict[str, str]:
    """Return what this viewer has stopped, or had stopped for it: by key, why, or nothing where that is known."""
    left: dict[str, str] = st.session_state.setdefault("left", {})
    return left


def _by_itself() -> set[str]:
    """Return what a page began for this viewer without being asked."""
    begun: set[str] = st.session_state.setdefault("by itself", set())
    return begun


def _refused() -> dict[str, str]:
    refused: dict[str, str] = st.session_state.setdefault("refused", {})
    return refused


def _asked() -> set[str]:
    """What this viewer has asked for and neither stopped nor seen finished."""
    asked: set[str] = st.session_state.setdefault("asked", set())
    return asked


def _notes() -> dict[str, str]:
    notes: dict[str, str] = st.session_state.setdefault("notes", {})
    return notes
