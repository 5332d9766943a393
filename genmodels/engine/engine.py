"""Jobs: a run or a study asked for by any number of viewers is made once, in a worker, while at least one of them looks on.

Pages call `submit`, `watch`, `stop` and `state`; none of them waits for the network, except for the start of the workers at
the first `submit`. One thread of our own moves jobs from state to state. What a job shows is not here: it is the growing recording.
"""

import atexit
import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import Any

from distributed.scheduler import KilledWorker

from genmodels.config import UserError
from genmodels.engine import cluster
from genmodels.engine.connection import Connection
from genmodels.engine.jobs import LEAVE_SECONDS, RECONNECT_SECONDS, Job, JobState, beginnings, service_order, waits_for_worker
from genmodels.engine.worker import make, one_line, task_name
from genmodels.runs import Spec
from genmodels.store import Store

JOBS_PER_VIEWER = 8  # asked for by hand, and by nobody else; what a page itself asks for is bounded by the page
KEEP_SECONDS = 600.0  # how long the outcome of a job is remembered
TICK_SECONDS = 0.1
MEASURE_SECONDS = 0.5  # between two looks at how far a job is
RETRY_SECONDS = 5.0  # a page that asks for four models waits once, not four times, for workers that cannot be had
ATTEMPTS = 3

DIED = "the worker that trained this died (killed, or out of memory); train it again"
LOST = "the training process ended, and this training with it; train it again"
VANISHED = "it was trained, but the cache holds no recording of it; train it again"
log = logging.getLogger(__name__)


class Engine:
    """The jobs of one server."""

    def __init__(self, store: Store):
        self.store = store
        self._jobs: dict[str, Job] = {}  # in the order of submission
        self._lock = threading.Lock()  # guards the jobs; never held while waiting for a disk or a network
        self._link: Connection | None = None
        self._starting = threading.Lock()
        self._refusal: UserError | None = None  # why the last start failed, and when
        self._refused = 0.0
        self._slots = 0  # as last seen
        self.is_connected: Callable[[str], bool] = lambda viewer: True  # whether a viewer's page is open; the web server knows
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
                self._link, self._refusal = Connection.from_environment(), None
            except UserError as refusal:
                self._refusal, self._refused = refusal, time.monotonic()
                raise

    def submit(self, spec: Spec, viewer: str, seconds: float = 0.0, by_hand: bool = False) -> None:
        """Have `spec` trained, unless it is there or in progress; the viewer's lease on it begins. `seconds` is an estimate."""
        job = self._jobs.get(spec.key)
        there = self.store.peek(spec.key) is not None
        if not there and not (job and job.live):
            if by_hand:
                self._check_cap(viewer)
            self.start()
        with self._lock:
            job = self._jobs.get(spec.key)
            if not (job and job.live):
                before = self._jobs.pop(spec.key, None)  # so that a new attempt queues at the end
                job = self._jobs[spec.key] = Job(spec, seconds)
                if before and before.state == "stopped":
                    job.follow(before)
                if there:
                    job.end("finished")
            job.left.discard(viewer)
            if by_hand:
                job.by_hand.add(viewer)
            job.watch(viewer)
        self._wake.set()

    def watch(self, key: str, viewer: str) -> None:
        """Renew the viewer's lease; a page that shows the job calls this about once a second."""
        with self._lock:
            job = self._jobs.get(key)
            if job and job.live and viewer not in job.left:
                job.watch(viewer)

    def attend(self, viewer: str, keys: Collection[str]) -> None:
        """Let go of all that the viewer looked at before and is not in `keys`; watched again at once, it stays."""
        with self._lock:
            for key, job in self._jobs.items():
                if job.live and key not in keys:
                    job.shorten(viewer, LEAVE_SECONDS)
        self._wake.set()

    def state(self, key: str) -> JobState | None:
        """Return what there is to show of the job, or None if no such job is known."""
        with self._lock:
            job = self._jobs.get(key)
            if job is None:
                return None
            unseen = time.monotonic() - job.looked
            if job.state == "running":
                active = time.monotonic() - job.began
                return JobState("running", share=job.share, ends=job.seconds_left(), active=active, unseen=unseen)
            if job.state != "queued":
                return JobState(job.state, error=job.error, share=job.share, unseen=unseen)
            queue = service_order(self._jobs.values())
            running = [other.seconds_left() for other in self._jobs.values() if other.state == "running"]
            times = beginnings(self._slots or cluster.slots(), running, [other.seconds_left() for other in queue])
            place = queue.index(job)
            ends = times[place] + job.seconds_left()
            return JobState("queued", place + 1, share=job.share, begins=times[place], ends=ends, unseen=unseen)

    def stop(self, key: str, viewer: str) -> None:
        """End this viewer's part in the job, and the job itself unless another viewer watches it."""
        with self._lock:
            job = self._jobs.get(key)
            if not job or not job.live:
                return
            job.left.add(viewer)
            job.leases.pop(viewer, None)
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
        self.store.sweep()

    def _check_cap(self, viewer: str) -> None:
        with self._lock:
            n = sum(job.live and viewer in job.by_hand and set(job.leases) == {viewer} for job in self._jobs.values())
        if n >= JOBS_PER_VIEWER:
            raise UserError(
                f"you have {n} trainings of your own running or waiting, and {JOBS_PER_VIEWER} are allowed at a time: "
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
        self.store.sweep()  # what an earlier server was killed over
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
            handed = [job for job in self._jobs.values() if job.handed]
        for job in handed:
            self._follow(job)
        self._dispatch()

    def _expire(self) -> None:
        now = time.monotonic()
        for key, job in list(self._jobs.items()):
            if job.live:
                for viewer in job.leases:
                    if not self.is_connected(viewer):
                        job.shorten(viewer, RECONNECT_SECONDS)
                job.leases = {viewer: end for viewer, end in job.leases.items() if end > now}
                if not job.leases:
                    job.end("stopped")
            elif now - job.ended > KEEP_SECONDS:
                del self._jobs[key]

    def _follow(self, job: Job) -> None:
        """Move a job that was handed over to the state that its task is in."""
        future = job.future
        if future is None or not future.done():
            self._measure(job)
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

    def _measure(self, job: Job) -> None:
        """Note whether the job has begun, and every so often how far it is."""
        now = time.monotonic()
        if job.state == "running" and now - job.measured < MEASURE_SECONDS:
            return
        growing = self.store.growing(job.spec.key)
        link = self._link
        worker = link.worker_of(task_name(job.spec.key)) if growing and link and not job.worker else ""
        status: dict[str, Any] = {}
        with contextlib.suppress(OSError, ValueError):  # it is finished, or swept, in this very moment
            status = growing.json("status.json") if growing else {}
        with self._lock:
            if growing and job.live:
                job.began = job.began or now
                job.state, job.measured, job.worker = "running", now, job.worker or worker
            if status:
                job.share = float(status["progress"])
                job.spent = float(status["seconds"])

    def _error(self, job: Job, future: Any) -> str | None:
        """Return the line that tells why the task failed, "" if its recording is there, None if it should be tried again."""
        if future.status == "finished":
            if self.store.peek(job.spec.key):
                return ""
            return None if job.attempts < ATTEMPTS else VANISHED
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
        slots = link.workers()
        self._slots = free = sum(slots.values())
        with self._lock:
            handed = [job for job in self._jobs.values() if job.handed]
            free -= len(handed)
            for job in service_order(self._jobs.values()):
                name = task_name(job.spec.key)
                if free > 0 and not job.handed and link.is_free(name) and not waits_for_worker(job, handed, slots):
                    arguments = json.dumps(job.spec.to_json()), str(self.store.root), self.store.limit_bytes
                    job.future = link.submit(make, *arguments, key=name, worker=job.worker)
                    job.attempts += 1
                    handed.append(job)
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
        ours, _engine = _engine, None
    if ours:
        ours.close()
