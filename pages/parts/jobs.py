"""What there is of a recording for this viewer, and how it is requested and stopped."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Generic, Literal, TypeVar

from genmodels.config import UserError
from genmodels.engine.engine import engine
from genmodels.engine.jobs import JobState
from genmodels.runs import Spec
from genmodels.store import Recording, Store
from pages.parts import status
from pages.parts.session import session

S = TypeVar("S", bound=Spec)
S_co = TypeVar("S_co", bound=Spec, covariant=True)

AUTO_SECONDS = 60.0  # a page requests by itself what is estimated to take less
OVERRUN = 3.0  # times as long as that it may take, judged by its progress, before it is stopped
SURE_SECONDS = 5.0  # of work, after which its progress is a reliable measure
STOP_HELP = "What is paused is kept for ten minutes, and continues where it was."


@cache
def store() -> Store:
    """Return the server's store."""
    return Store.from_environment()


@dataclass(frozen=True)
class Item(Generic[S_co]):
    """A spec, its recording if that is finished, else the state of the job that makes it, if there is one."""

    spec: S_co
    recording: Recording | None
    job: JobState | None

    @property
    def state(self) -> Literal["finished", "missing", "queued", "running", "failed", "stopped"]:
        """The state of the recording for this viewer."""
        if self.recording:
            return "finished"
        return self.job.state if self.job else "missing"

    @property
    def is_live(self) -> bool:
        """Whether this viewer is waiting for it."""
        return self.state in ("queued", "running")

    @property
    def progress(self) -> float:
        """The progress of the work on it, 0 to 1."""
        return 1.0 if self.recording else self.job.progress if self.job else 0.0

    @property
    def ends_in(self) -> float:
        """The seconds until it is there, 0 if nobody is making it."""
        return self.job.ends_in if self.job and self.is_live else 0.0

    @property
    def error(self) -> str:
        """Why it failed or was stopped, if that is known."""
        return self.job.error if self.job else ""

    @property
    def note(self) -> str:
        """Why the work on it was interrupted before, if it was."""
        return session().work.notes.get(self.spec.key, "")

    def estimate(self) -> float:
        """Return how long it should take, in seconds."""
        return self.spec.estimate(store())

    def growing(self) -> Recording | None:
        """Return the recording as far as it is written, if it is being made."""
        return store().growing(self.spec.key) if self.is_live else None

    def is_resumable(self) -> bool:
        """Whether work on it is paused, and could continue."""
        return store().growing(self.spec.key) is not None

    def refusal(self) -> str:
        """Return why the host does not allow it, "" if it does."""
        try:
            self.spec.check_limits()
        except UserError as error:
            return str(error)
        return ""


def look(spec: S) -> Item[S]:
    """Return what there is of a recording, renewing this viewer's lease on the job that makes it."""
    recording = store().find(spec.key)
    session().work.lookups.add(spec.key)
    if recording is None:
        return Item(spec, None, _job(spec))
    session().work.requests.discard(spec.key)
    session().work.notes.pop(spec.key, None)
    return Item(spec, recording, None)


@contextmanager
def visit() -> Iterator[None]:
    """Run a page; afterwards end this viewer's leases on all jobs that the page has not looked at."""
    work, viewer = session().work, session().viewer  # read now: once a page is stopped, access to its session stops it again
    preparation = session().preparation
    work.lookups, work.waits = preparation.keys if preparation else set(), 0
    lookups = work.lookups
    try:
        yield
    finally:
        engine().attend(viewer, lookups)


def request(spec: Spec, by_hand: bool = False, automatic: bool = False) -> None:
    """Have a recording made; a refusal becomes the state of its item."""
    work = session().work
    work.stops.pop(spec.key, None)
    (work.automatic.add if automatic else work.automatic.discard)(spec.key)
    work.refusals.pop(spec.key, None)
    work.requests.add(spec.key)
    try:
        spec.check_limits()
        engine().submit(spec, session().viewer, spec.estimate(store()), by_hand)
    except UserError as error:
        work.refusals[spec.key] = str(error)


def request_all(specs: Iterable[Spec], by_hand: bool = False, automatic: bool = False) -> None:
    """Have several recordings made, the longest first: together they are finished sooner."""
    for spec in sorted(specs, key=lambda spec: -spec.estimate(store())):
        request(spec, by_hand, automatic)


def request_short(items: Iterable[Item[Spec]]) -> None:
    """Request what is estimated to be short and was never requested; what turns out to be long is stopped again."""
    request_all([item.spec for item in items if item.state == "missing" and item.estimate() <= AUTO_SECONDS], automatic=True)


def reset(spec: Spec) -> None:
    """Forget that a recording failed, was refused or was stopped: it can be asked for anew."""
    work = session().work
    work.stops.pop(spec.key, None)
    work.refusals.pop(spec.key, None)
    engine().forget(spec.key)


def stop(spec: Spec) -> None:
    """End this viewer's part in a job: it ends altogether unless another viewer watches it."""
    session().work.stops[spec.key] = ""
    session().work.requests.discard(spec.key)
    engine().stop(spec.key, session().viewer)


def _job(spec: Spec) -> JobState | None:
    """Return the job that makes a missing recording; one that stopped while its viewer was away is requested again."""
    key, work = spec.key, session().work
    job = engine().state(key)
    if key in work.stops:
        return JobState("stopped", error=work.stops[key], progress=job.progress if job else 0.0)
    if key in work.refusals:
        return JobState("failed", error=work.refusals[key])
    if key in work.requests and (job is None or job.state == "stopped"):
        work.notes[key] = _absence(spec, job)
        request(spec, automatic=key in work.automatic)
        job = engine().state(key)
    if job and job.state == "running" and key in work.automatic and (seconds := _overrun(spec, job.running_for)):
        stop(spec)
        work.stops[key] = f"stopped by itself, for it takes {status.about(seconds)}, more than it seemed; asked for, it goes on"
        return JobState("stopped", error=work.stops[key])
    engine().watch(key, session().viewer)
    if job and not job.is_live:
        work.requests.discard(key)
    if job and job.state in ("finished", "stopped"):  # and yet missing: evicted, damaged, or stopped by others
        engine().forget(key)
        return None
    return job


def _absence(spec: Spec, job: JobState | None) -> str:
    """Return why a job that nobody stopped had stopped."""
    if not job or not job.progress:
        return ""  # no work was interrupted
    end = "it goes on from there" if store().growing(spec.key) else "it starts from the beginning"
    return f"Nobody looked at it for {job.unwatched_for:.0f} s, so it stopped at {spec.position(job.progress)}; {end}."


def _overrun(spec: Spec, running_for: float) -> float | None:
    """Return how long a growing recording takes in all, judged by its progress, if that is too long to be automatic.

    The silence since the last status counts, but not from before the worker took it: it was paused then.
    """
    growing = store().growing(spec.key)
    if not growing:
        return None
    try:
        content = growing.json("status.json")
        silence = time.time() - (growing.path / "status.json").stat().st_mtime
    except OSError:  # it is finished, or swept, in this very moment
        return None
    seconds = content["seconds"] + min(silence, running_for)
    if seconds < SURE_SECONDS:
        return None
    total = spec.projection(store(), seconds, content["progress"])
    return total if total > OVERRUN * AUTO_SECONDS else None
