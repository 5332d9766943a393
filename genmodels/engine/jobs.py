"""One job, the order in which jobs are served, and how long each will still take: pure, without threads or network."""

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from genmodels.runs import Spec
from genmodels.runs.work import Part

LEASE_SECONDS = 150.0  # a page that is silent for this long has left; browsers let a page in the background speak once a minute
LEAVE_SECONDS = 1.0  # a page that is drawn anew renews what it shows within this time; it has left the rest
RECONNECT_SECONDS = 8.0  # how long a closed connection may be a mere interruption
PRIOR_PROGRESS = 0.05  # the progress after which a job's measured rate weighs as much as the estimate made before it

State = Literal["queued", "running", "failed", "stopped", "finished"]


@dataclass(frozen=True)
class JobState:
    """What a page shows of one job."""

    state: State
    position: int = 0  # in the queue, 1 is next; 0 unless queued
    error: str = ""  # one line if failed
    progress: float = field(default=0.0, compare=False)  # 0 to 1
    begins_in: float = field(default=0.0, compare=False)  # seconds until a worker takes it
    ends_in: float = field(default=0.0, compare=False)  # seconds until it is finished, the queue before it included
    running_for: float = field(default=0.0, compare=False)  # seconds since its worker took it, this time
    unwatched_for: float = field(
        default=0.0, compare=False
    )  # seconds for which no page has shown it, until now or until it stopped

    @property
    def is_live(self) -> bool:
        """Whether it is still to be finished."""
        return self.state in ("queued", "running")


@dataclass(eq=False)
class Job:
    """A recording that viewers have requested, and the state of the work on it."""

    spec: Spec
    estimate: float = 0.0  # of the whole, in seconds
    parts: Sequence[Part] = ()  # of the work: what was missing when it was submitted
    state: State = "queued"
    error: str = ""
    leases: dict[str, float] = field(default_factory=dict)  # viewer -> until when it counts as watching, monotonic seconds
    requesters: set[str] = field(default_factory=set)  # viewers who requested it themselves, not by opening a page
    stoppers: set[str] = field(default_factory=set)  # viewers who stopped it; their pages may go on showing it
    future: Any = None  # once dispatched to the scheduler; held as long as anybody wants the recording
    worker: str = ""  # the address of the one that has it, or has it paused
    attempts: int = 0
    part: int = 0  # the number of the part that was last seen growing
    progress: float = 0.0  # of the whole, 0 to 1
    earlier_seconds: float = 0.0  # of work on earlier parts
    seconds: float = 0.0  # of work so far
    watched_at: float = field(default_factory=time.monotonic)  # last
    started_at: float = 0.0  # when it was first seen running
    measured_at: float = 0.0  # when progress and seconds last were
    ended_at: float = 0.0

    @property
    def is_live(self) -> bool:
        """Whether it is still to be finished."""
        return self.state in ("queued", "running")

    @property
    def is_dispatched(self) -> bool:
        """Whether a worker has it, or is about to take it."""
        return self.is_live and self.future is not None

    def is_watched(self) -> bool:
        """Whether any viewer's lease has yet to end."""
        now = time.monotonic()
        return any(end > now for end in self.leases.values())

    def watch(self, viewer: str) -> None:
        """Renew a viewer's lease."""
        self.watched_at = time.monotonic()
        self.leases[viewer] = self.watched_at + LEASE_SECONDS

    def shorten_lease(self, viewer: str, seconds: float) -> None:
        """Let a viewer's lease end in so many seconds, unless it is renewed."""
        if viewer in self.leases:
            self.leases[viewer] = min(self.leases[viewer], time.monotonic() + seconds)

    def measure(self, part: int, status: Mapping[str, Any]) -> None:
        """Update progress and seconds from the status of the recording of a part."""
        if part != self.part:
            self.part, self.earlier_seconds = part, self.seconds
        self.progress = self.parts[part].overall(float(status["progress"]))
        self.seconds = self.earlier_seconds + float(status["seconds"])

    def end(self, state: State, error: str = "") -> None:
        """Set the final state and release the task."""
        self.state, self.error, self.ended_at = state, error, time.monotonic()
        self.release()

    def release(self) -> None:
        """Release the task: unless another server wants it too, its worker notices that at the next step and stops."""
        if self.future is not None:
            self.future.release()
        self.future = None

    def resume(self, stopped: "Job") -> None:
        """Continue a stopped job where it was paused."""
        self.worker, self.parts, self.part = stopped.worker, stopped.parts, stopped.part
        self.progress, self.earlier_seconds, self.seconds = stopped.progress, stopped.earlier_seconds, stopped.seconds

    def restart(self) -> None:
        """Forget the paused work: it begins anew in any worker."""
        self.worker, self.part, self.progress, self.earlier_seconds, self.seconds = "", 0, 0.0, 0.0, 0.0

    def seconds_left(self) -> float:
        """Return how long it still needs a worker: at the rate measured so far, and before there is one by the estimate."""
        return (1 - self.progress) * (PRIOR_PROGRESS * self.estimate + self.seconds) / (PRIOR_PROGRESS + self.progress)


def job_state(job: Job, jobs: Iterable[Job], slots: int) -> JobState:
    """Return what a page shows of one of the jobs."""
    now, jobs = time.monotonic(), list(jobs)
    position, begins_in, ends_in, running_for = 0, 0.0, 0.0, 0.0
    if job.state == "queued":
        queue = service_order(jobs)
        running = [other.seconds_left() for other in jobs if other.state == "running"]
        position = queue.index(job) + 1
        begins_in = start_times(slots, running, [other.seconds_left() for other in queue])[position - 1]
    if job.is_live:
        ends_in = begins_in + job.seconds_left()
    if job.state == "running":
        running_for = now - job.started_at
    return JobState(job.state, position, job.error, job.progress, begins_in, ends_in, running_for, now - job.watched_at)


def service_order(jobs: Iterable[Job]) -> list[Job]:
    """Return the queued jobs in the order of service: in rounds of one job a viewer, a job in progress counting as a turn.

    A job of several viewers comes with the first of them, and is a turn of each.
    """
    jobs = list(jobs)
    turns = Counter(viewer for job in jobs if job.is_dispatched for viewer in job.leases)
    rounds: list[tuple[bool, int, int, Job]] = []
    for number, job in enumerate(job for job in jobs if job.state == "queued"):
        first = min((turns[viewer] for viewer in job.leases), default=0)
        rounds.append((not job.is_dispatched, first, number, job))
        if not job.is_dispatched:
            turns.update(job.leases.keys())
    return [job for *_, job in sorted(rounds, key=lambda entry: entry[:3])]


def waits_for_worker(job: Job, active: Sequence[Job], slots: Mapping[str, int]) -> bool:
    """Whether the worker that has the job paused is busy, but will be free before another could redo the work so far.

    Where the wait is not worth it, the job restarts.
    """
    seconds = [other.seconds_left() for other in active if other.worker == job.worker]
    if not job.worker or len(seconds) < slots.get(job.worker, 1):
        return False
    if min(seconds) < job.seconds:
        return True
    job.restart()
    return False


def start_times(slots: int, running: Sequence[float], queue: Sequence[float]) -> list[float]:
    """Return in how many seconds each queued job starts: the slot that is free first takes the next.

    `running` is how long each job in progress still needs, `queue` how long each queued one will.
    """
    free = sorted(running)[-slots:] + [0.0] * max(0, slots - len(running))
    heapq.heapify(free)
    times = []
    for seconds in queue:
        times.append(heapq.heappop(free))
        heapq.heappush(free, times[-1] + seconds)
    return times
