"""Jobs: a run or a study asked for by any number of viewers is made once, in a worker, while at least one of them looks on.

Pages call `submit`, `watch`, `stop` and `state`; none of them waits for the network, except for the start of the workers at
the first `submit`. One thread of our own moves jobs from state to state. Progress is not here: it is the growing recording.
"""

import atexit
import json
import logging
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from distributed import Future
from distributed.scheduler import KilledWorker

from genmodels.config import UserError
from genmodels.findings import StudySpec
from genmodels.link import Link
from genmodels.runs import RunSpec
from genmodels.store import Store
from genmodels.worker import make, one_line, task_name

LEASE_SECONDS = 20.0  # a viewer not heard of for this long has left
JOBS_PER_VIEWER = 8
KEEP_SECONDS = 600.0  # how long the outcome of a job is remembered
TICK_SECONDS = 0.1
RETRY_SECONDS = 5.0  # a page that asks for four models waits once, not four times, for workers that cannot be had
ATTEMPTS = 3

State = Literal["queued", "running", "failed", "stopped", "finished"]
Work = RunSpec | StudySpec
DIED = "the worker that trained this died (killed, or out of memory); train it again"
LOST = "the training process ended, and this training with it; train it again"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JobState:
    """What a page shows of one job."""

    state: State
    position: int = 0  # in the queue, 1 is next; 0 unless queued
    error: str = ""  # one line if failed


@dataclass(eq=False)
class _Job:
    spec: Work
    state: State = "queued"
    error: str = ""
    seen: dict[str, float] = field(default_factory=dict)  # viewer -> when it was last heard of
    left: set[str] = field(default_factory=set)  # viewers who stopped it: their pages may go on looking at it
    future: Future | None = None  # once handed to the scheduler; held as long as somebody wants the run
    attempts: int = 0
    ended: float = 0.0

    @property
    def live(self) -> bool:
        return self.state in ("queued", "running")

    def watched(self, but: str = "") -> bool:
        now = time.monotonic()
        return any(now - seen < LEASE_SECONDS for viewer, seen in self.seen.items() if viewer != but)

    def end(self, state: State, error: str = "") -> None:
        self.state, self.error, self.ended = state, error, time.monotonic()
        self.drop_future()

    def drop_future(self) -> None:
        """Let go of the task: unless another server wants it too, its worker sees that at the next step and stops."""
        if self.future is not None:
            self.future.release()
        self.future = None


class Engine:
    """The jobs of one server."""

    def __init__(self, store: Store):
        self.store = store
        self._jobs: dict[str, _Job] = {}  # in the order of submission
        self._lock = threading.Lock()  # guards the jobs; never held while waiting for a disk or a network
        self._link: Link | None = None
        self._starting = threading.Lock()
        self._refusal: UserError | None = None  # why the last start failed, and when
        self._refused = 0.0
        self._wake = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="genmodels engine", daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Connect to the workers, starting them where they are ours; done already, or failed just before, it returns at once."""
        with self._starting:
            if self._closed:
                raise UserError("the server is shutting down: nothing new is trained")
            if self._link and not self._link.lost():
                return
            if self._refusal and time.monotonic() - self._refused < RETRY_SECONDS:
                raise UserError(str(self._refusal))
            self._drop_link()
            try:
                self._link, self._refusal = Link.from_environment(), None
            except UserError as refusal:
                self._refusal, self._refused = refusal, time.monotonic()
                raise

    def submit(self, spec: Work, viewer: str) -> None:
        """Have `spec` trained, unless it is there or in progress; the viewer's lease on it begins."""
        job = self._jobs.get(spec.key)
        there = self.store.peek(spec.key) is not None
        if not there and not (job and job.live):
            self._check_cap(viewer)
            self.start()
        with self._lock:
            job = self._jobs.get(spec.key)
            if not (job and job.live):
                self._jobs.pop(spec.key, None)  # so that a new attempt queues at the end
                job = self._jobs[spec.key] = _Job(spec)
                if there:
                    job.end("finished")
            job.left.discard(viewer)
            job.seen[viewer] = time.monotonic()
        self._wake.set()

    def watch(self, key: str, viewer: str) -> None:
        """Renew the viewer's lease; a page that shows the job calls this about once a second."""
        with self._lock:
            job = self._jobs.get(key)
            if job and job.live and viewer not in job.left:
                job.seen[viewer] = time.monotonic()

    def state(self, key: str) -> JobState | None:
        """Return what there is to show of the job, or None if no such job is known."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return None
            if job.state != "queued":
                return JobState(job.state, error=job.error)
            waiting = [k for k, other in self._jobs.items() if other.state == "queued"]
            return JobState("queued", position=waiting.index(key) + 1)

    def stop(self, key: str, viewer: str) -> None:
        """End this viewer's part in the job, and the job itself unless another viewer watches it."""
        with self._lock:
            job = self._jobs.get(key)
            if not job or not job.live:
                return
            job.left.add(viewer)
            job.seen.pop(viewer, None)
            if not job.watched():
                job.end("stopped")

    def forget(self, key: str) -> None:
        """Drop the outcome of a job that has ended."""
        with self._lock:
            if key in self._jobs and not self._jobs[key].live:
                del self._jobs[key]

    def close(self) -> None:
        """Stop all jobs and the workers that are ours."""
        self._closed = True
        self._wake.set()
        self._thread.join()
        with self._starting:
            with self._lock:
                for job in self._jobs.values():
                    if job.live:
                        job.end("stopped")
            self._drop_link()

    def _check_cap(self, viewer: str) -> None:
        with self._lock:
            n = sum(job.live and viewer in job.seen for job in self._jobs.values())
        if n >= JOBS_PER_VIEWER:
            raise UserError(
                f"you have {n} trainings running or waiting, and {JOBS_PER_VIEWER} are allowed at a time: "
                "stop one, or wait until one is finished"
            )

    def _drop_link(self) -> None:
        link, self._link = self._link, None
        with self._lock:
            failed = [job for job in self._jobs.values() if job.live]
            for job in failed:
                job.end("failed", LOST)
        for job in failed:
            self.store.discard_growing(job.spec.key)
        if link:
            link.close()

    def _run(self) -> None:
        while not self._closed:
            with self._lock:
                live = any(job.live for job in self._jobs.values())
            self._wake.wait(TICK_SECONDS if live else None)
            self._wake.clear()
            try:
                self._tick()
            except Exception:  # this thread must outlive whatever a broken connection throws
                log.exception("the engine stumbled; it goes on")
                time.sleep(TICK_SECONDS)

    def _tick(self) -> None:
        if self._starting.acquire(blocking=False):  # else a submit is at it
            try:
                if self._link is None or self._link.lost():
                    self._drop_link()
            finally:
                self._starting.release()
        with self._lock:
            self._expire()
            handed = [job for job in self._jobs.values() if job.live and job.future is not None]
        for job in handed:
            self._follow(job)
        self._dispatch()

    def _expire(self) -> None:
        now = time.monotonic()
        for key, job in list(self._jobs.items()):
            if job.live:
                job.seen = {viewer: seen for viewer, seen in job.seen.items() if now - seen < LEASE_SECONDS}
                if not job.seen:
                    job.end("stopped")
            elif now - job.ended > KEEP_SECONDS:
                del self._jobs[key]

    def _follow(self, job: _Job) -> None:
        """Move a job that was handed over to the state that its task is in."""
        future = job.future
        if future is None or not future.done():
            if job.state == "queued" and self.store.growing(job.spec.key):
                with self._lock:
                    job.state = "running" if job.live else job.state
            return
        error = self._error(job, future)
        if error:
            self.store.discard_growing(job.spec.key)  # a killed worker leaves it behind
        with self._lock:
            if job.future is not future:  # stopped in the meantime
                return
            if error is None:  # an earlier attempt, stopped just before this one was asked for, has ended in its place
                job.state = "queued"
                job.drop_future()
            else:
                job.end("failed" if error else "finished", error)

    def _error(self, job: _Job, future: Any) -> str | None:
        """Return the line that tells why the task failed, "" if its recording is there, None if it should be tried again."""
        if future.status == "finished":
            if self.store.peek(job.spec.key):
                return ""
            return (
                None
                if job.attempts < ATTEMPTS
                else f"it was trained, but {self.store.root} holds no recording of it; train it again"
            )
        if future.status == "cancelled":
            return LOST
        cause = future.exception()
        if isinstance(cause, UserError):
            return str(cause)
        return DIED if isinstance(cause, KilledWorker) else one_line(cause)

    def _dispatch(self) -> None:
        """Hand over as many jobs as there are free workers. The rest waits here: the queue is in order, no death takes it along."""
        link = self._link
        if not link or not any(job.live and job.future is None for job in list(self._jobs.values())):
            return
        capacity = link.capacity()
        with self._lock:
            capacity -= sum(job.future is not None for job in self._jobs.values())
            for key, job in self._jobs.items():
                if capacity > 0 and job.live and job.future is None and link.is_free(task_name(key)):
                    arguments = json.dumps(job.spec.to_json()), str(self.store.root), self.store.limit_bytes
                    job.future = link.submit(make, *arguments, key=task_name(key))
                    job.attempts += 1
                    capacity -= 1


_engine: Engine | None = None
_engine_lock = threading.Lock()


def engine() -> Engine:
    """Return the process's one engine, made on first use for the store that the environment names."""
    global _engine  # noqa: PLW0603 - one engine a process is the point
    with _engine_lock:
        if _engine is None:
            _engine = Engine(Store.from_environment())
        return _engine


@atexit.register
def shutdown() -> None:
    """Close the process's engine, if it was ever used."""
    global _engine  # noqa: PLW0603
    with _engine_lock:
        ours, _engine = _engine, None
    if ours:
        ours.close()
