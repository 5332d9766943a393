"""The engine: a recording requested by any number of viewers is made once, in a worker, while at least one of them watches.

Pages call `submit`, `watch`, `stop` and `state`; only the first `submit` waits, for the workers. One thread updates the jobs.
"""

import atexit
import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import Any

from genmodels.config import UserError
from genmodels.engine import cluster
from genmodels.engine.connection import LOST, Connection, failure
from genmodels.engine.jobs import LEAVE_SECONDS, RECONNECT_SECONDS, Job, JobState, job_state, service_order, waits_for_worker
from genmodels.engine.worker import make, task_name
from genmodels.runs import Spec
from genmodels.runs.work import Part, parts
from genmodels.store import Recording, Store

JOBS_PER_VIEWER = 8  # requested by the viewer alone; what a page itself requests is bounded by the page
KEEP_SECONDS = 600.0  # how long the outcome of a job is remembered
TICK_SECONDS = 0.1
SWEEP_SECONDS = 10.0  # after a lost connection: workers may outlive it by seconds, and leave drafts when they end
MEASURE_SECONDS = 0.5  # between two measurements of a job's progress
RETRY_SECONDS = 5.0  # a page with four models waits once, not four times, for workers that cannot be had
ATTEMPTS = 3

VANISHED = "it was trained, but the cache holds no recording of it; train it again"
log = logging.getLogger(__name__)


class Engine:
    """The jobs of one server."""

    def __init__(self, store: Store):
        self.store = store
        self._jobs: dict[str, Job] = {}  # in the order of submission
        self._lock = threading.Lock()  # guards the jobs; never held while waiting for a disk or a network
        self._connection: Connection | None = None
        self._starting = threading.Lock()
        self._start_error: UserError | None = None  # of the last start, and when
        self._start_failed_at = 0.0
        self._slots = 0  # when last asked for
        self.is_connected: Callable[[str], bool] = lambda viewer: True  # whether a viewer's page is open; the web server knows
        self._wake = threading.Event()
        self._sweep_until = 0.0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="genmodels engine", daemon=True)
        self._thread.start()

    def start(self) -> None:
        """Connect to the workers, starting them if they are this server's own; a recent failure is raised again at once."""
        with self._starting:
            if self._closed:
                raise UserError("the server is shutting down: nothing new is trained")
            if self._connection and not self._connection.lost():
                return
            if self._start_error and time.monotonic() - self._start_failed_at < RETRY_SECONDS:
                raise UserError(str(self._start_error))
            self._disconnect()
            try:
                self._connection, self._start_error = Connection.from_environment(), None
            except UserError as error:
                self._start_error, self._start_failed_at = error, time.monotonic()
                raise

    def submit(self, spec: Spec, viewer: str, estimate: float = 0.0, by_hand: bool = False) -> None:
        """Have a recording made, unless it is there or in progress; the viewer's lease begins. `estimate` is in seconds."""
        job = self._jobs.get(spec.key)
        there = self.store.peek(spec.key) is not None
        missing: list[Part] = []
        if not there and not (job and job.is_live):
            if by_hand:
                self._check_cap(viewer)
            self.start()
            missing = parts(spec, self.store)
        with self._lock:
            job = self._jobs.get(spec.key)
            if not (job and job.is_live):
                before = self._jobs.pop(spec.key, None)  # so that a new attempt queues at the end
                job = self._jobs[spec.key] = Job(spec, estimate, missing)
                if before and before.state == "stopped":
                    job.resume(before)
                if there:
                    job.end("finished")
            job.stoppers.discard(viewer)
            if by_hand:
                job.requesters.add(viewer)
            job.watch(viewer)
        self._wake.set()

    def watch(self, key: str, viewer: str) -> None:
        """Renew the viewer's lease; a page that shows the job calls this about once a second."""
        with self._lock:
            job = self._jobs.get(key)
            if job and job.is_live and viewer not in job.stoppers:
                job.watch(viewer)

    def attend(self, viewer: str, keys: Collection[str]) -> None:
        """End the viewer's leases on all but `keys`, a moment from now: watched again by then, a job goes on."""
        with self._lock:
            for key, job in self._jobs.items():
                if job.is_live and key not in keys:
                    job.shorten_lease(viewer, LEAVE_SECONDS)
        self._wake.set()

    def state(self, key: str) -> JobState | None:
        """Return what a page shows of the job, or None if no such job is known."""
        with self._lock:
            job = self._jobs.get(key)
            return job_state(job, self._jobs.values(), self._slots or cluster.slots()) if job else None

    def stop(self, key: str, viewer: str) -> None:
        """End this viewer's part in the job, and the job itself unless another viewer watches it."""
        with self._lock:
            job = self._jobs.get(key)
            if not job or not job.is_live:
                return
            job.stoppers.add(viewer)
            job.leases.pop(viewer, None)
            if not job.is_watched():
                job.end("stopped")

    def forget(self, key: str) -> None:
        """Drop the outcome of a job that has ended."""
        with self._lock:
            if key in self._jobs and not self._jobs[key].is_live:
                del self._jobs[key]

    def close(self) -> None:
        """Stop all jobs, and the workers that are this server's own."""
        self._closed = True
        self._wake.set()
        self._thread.join()
        with self._starting:
            with self._lock:
                for job in self._jobs.values():
                    if job.is_live:
                        job.end("stopped")
            self._disconnect()
        self.store.sweep()

    def _check_cap(self, viewer: str) -> None:
        with self._lock:
            n = sum(job.is_live and viewer in job.requesters and set(job.leases) == {viewer} for job in self._jobs.values())
        if n >= JOBS_PER_VIEWER:
            raise UserError(
                f"you have {n} trainings of your own running or waiting, and {JOBS_PER_VIEWER} are allowed at a time: "
                "stop one, or wait until one is finished"
            )

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        with self._lock:
            live = [job for job in self._jobs.values() if job.is_live]
            for job in live:
                job.end("failed", LOST)
        if live:
            self._sweep_until = time.monotonic() + SWEEP_SECONDS
        if connection:
            connection.close()

    def _discard(self, job: Job) -> None:
        """Remove what a worker that was killed left behind."""
        for key in {job.spec.key, *(part.spec.key for part in job.parts)}:
            self.store.discard_growing(key)

    def _run(self) -> None:
        self.store.sweep()  # what an earlier server left when it was killed
        while not self._closed:
            with self._lock:
                live = any(job.is_live for job in self._jobs.values())
            self._wake.wait(TICK_SECONDS if live or time.monotonic() < self._sweep_until else None)
            self._wake.clear()
            try:
                self._tick()
            except Exception:  # this thread must outlive whatever a broken connection raises
                log.exception("the engine stumbled; it goes on")
                time.sleep(TICK_SECONDS)

    def _tick(self) -> None:
        if self._starting.acquire(blocking=False):  # else a submit is connecting
            try:
                if self._connection is None or self._connection.lost():
                    self._disconnect()
            finally:
                self._starting.release()
        if time.monotonic() < self._sweep_until:
            self.store.sweep()
        with self._lock:
            self._expire()
            active = [job for job in self._jobs.values() if job.is_dispatched]
        for job in active:
            self._update(job)
        self._dispatch()

    def _expire(self) -> None:
        now = time.monotonic()
        for key, job in list(self._jobs.items()):
            if job.is_live:
                for viewer in job.leases:
                    if not self.is_connected(viewer):
                        job.shorten_lease(viewer, RECONNECT_SECONDS)
                job.leases = {viewer: end for viewer, end in job.leases.items() if end > now}
                if not job.leases:
                    job.end("stopped")
            elif now - job.ended_at > KEEP_SECONDS:
                del self._jobs[key]

    def _update(self, job: Job) -> None:
        """Move a dispatched job to the state of its task."""
        future = job.future
        if future is None or not future.done():
            self._measure(job)
            return
        error: str | None = failure(future)
        if not error and not self.store.peek(job.spec.key):
            error = None if job.attempts < ATTEMPTS else VANISHED
        if error:
            self._discard(job)
        with self._lock:
            if job.future is not future:  # stopped in the meantime
                return
            if error is None:  # the answer of an earlier attempt, which was stopped just before this one was submitted
                job.state = "queued"
                job.release()
            else:
                job.end("failed" if error else "finished", error)

    def _measure(self, job: Job) -> None:
        """Note whether the job has started, and from time to time its progress."""
        now = time.monotonic()
        if job.state == "running" and now - job.measured_at < MEASURE_SECONDS:
            return
        number, growing = self._growing_part(job)
        connection = self._connection
        worker = connection.worker_of(task_name(job.spec.key)) if growing and connection and not job.worker else ""
        status: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):  # it is finished, or swept, in this very moment
            status = growing.json("status.json") if growing else {}
        with self._lock:
            if growing and job.is_live:
                job.started_at = job.started_at or now
                job.state, job.measured_at, job.worker = "running", now, job.worker or worker
            if status:
                job.measure(number, status)

    def _growing_part(self, job: Job) -> tuple[int, Recording | None]:
        """Return the number of the part of a job that is being made, and its growing recording."""
        for number in range(job.part, len(job.parts)):
            if growing := self.store.growing(job.parts[number].spec.key):
                return number, growing
        return job.part, None

    def _dispatch(self) -> None:
        """Dispatch as many jobs as there are free workers; the others stay in this queue, which no worker's death affects."""
        connection = self._connection
        if not connection or not any(job.is_live and job.future is None for job in list(self._jobs.values())):
            return
        slots = connection.workers()
        self._slots = free = sum(slots.values())
        with self._lock:
            active = [job for job in self._jobs.values() if job.is_dispatched]
            free -= len(active)
            for job in service_order(self._jobs.values()):
                name = task_name(job.spec.key)
                if free > 0 and not job.is_dispatched and connection.is_free(name) and not waits_for_worker(job, active, slots):
                    arguments = json.dumps(job.spec.to_json()), str(self.store.root), self.store.limit_bytes
                    job.future = connection.submit(make, *arguments, key=name, worker=job.worker)
                    job.attempts += 1
                    active.append(job)
                    free -= 1


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
        engine, _engine = _engine, None
    if engine:
        engine.close()
