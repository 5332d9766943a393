"""One job, the order in which jobs are served, and how long each has still to go: pure, without threads or network."""

import heapq
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from genmodels.runs import Spec

LEASE_SECONDS = 150.0  # a page not heard of for this long has left; browsers let a page in the background speak once a minute
LEAVE_SECONDS = 1.0  # a page drawn anew names what it shows within this time; the rest it has left
RECONNECT_SECONDS = 8.0  # how long a closed connection may be a mere interruption
PRIOR_SHARE = 0.05  # the share of a job after which its measured rate counts as much as the estimate made before it

State = Literal["queued", "running", "failed", "stopped", "finished"]


@dataclass(frozen=True)
class JobState:
    """What a page shows of one job."""

    state: State
    position: int = 0  # in the queue, 1 is next; 0 unless queued
    error: str = ""  # one line if failed
    share: float = field(default=0.0, compare=False)  # done, 0 to 1
    begins: float = field(default=0.0, compare=False)  # seconds until a worker takes it
    ends: float = field(default=0.0, compare=False)  # seconds until it is finished, the queue before it included
    active: float = field(default=0.0, compare=False)  # seconds since its worker took it, this time
    unseen: float = field(default=0.0, compare=False)  # seconds since anybody looked at it, as it is or was when it stopped


@dataclass(eq=False)
class Job:
    """A run or study that somebody wants, and what has become of it."""

    spec: Spec
    seconds: float = 0.0  # as estimated, for the whole
    state: State = "queued"
    error: str = ""
    leases: dict[str, float] = field(default_factory=dict)  # viewer -> until when it counts as looking, monotonic seconds
    by_hand: set[str] = field(default_factory=set)  # viewers who asked for it themselves, not by opening a page
    left: set[str] = field(default_factory=set)  # viewers who stopped it: their pages may go on looking at it
    future: Any = None  # once handed to the scheduler; held as long as somebody wants the run
    worker: str = ""  # the address of the one that has it, or has it paused
    attempts: int = 0
    share: float = 0.0  # done, 0 to 1
    spent: float = 0.0  # seconds of work measured so far
    looked: float = field(default_factory=time.monotonic)  # when somebody last did
    began: float = 0.0  # when it was first seen running
    measured: float = 0.0  # when share and spent last were
    ended: float = 0.0

    @property
    def live(self) -> bool:
        """Whether it is still to be finished."""
        return self.state in ("queued", "running")

    @property
    def handed(self) -> bool:
        """Whether a worker has it, or is about to take it."""
        return self.live and self.future is not None

    def watched(self) -> bool:
        """Whether any viewer's lease has yet to end."""
        now = time.monotonic()
        return any(end > now for end in self.leases.values())

    def watch(self, viewer: str) -> None:
        """Renew a viewer's lease."""
        self.looked = time.monotonic()
        self.leases[viewer] = self.looked + LEASE_SECONDS

    def shorten(self, viewer: str, seconds: float) -> None:
        """Let a viewer's lease end so soon, unless it is renewed."""
        if viewer in self.leases:
            self.leases[viewer] = min(self.leases[viewer], time.monotonic() + seconds)

    def end(self, state: State, error: str = "") -> None:
        """Take no further part in it."""
        self.state, self.error, self.ended = state, error, time.monotonic()
        self.drop_future()

    def drop_future(self) -> None:
        """Let go of the task: unless another server wants it too, its worker sees that at the next step and stops."""
        if self.future is not None:
            self.future.release()
        self.future = None

    def follow(self, stopped: "Job") -> None:
        """Be the one that goes on with a stopped job, where it was paused."""
        self.worker, self.share, self.spent = stopped.worker, stopped.share, stopped.spent

    def seconds_left(self) -> float:
        """Return how long it still needs a worker: by the rate measured so far, and before there is one by the estimate."""
        return (1 - self.share) * (PRIOR_SHARE * self.seconds + self.spent) / (PRIOR_SHARE + self.share)


def service_order(jobs: Iterable[Job]) -> list[Job]:
    """Return the queued jobs as they will be taken: in rounds, of one job a viewer, who has had a turn for each job in progress.

    A job of several viewers comes with the first of them, and is a turn of each.
    """
    jobs = list(jobs)
    turns = Counter(viewer for job in jobs if job.handed for viewer in job.leases)
    rounds: list[tuple[bool, int, int, Job]] = []
    for number, job in enumerate(job for job in jobs if job.state == "queued"):
        first = min((turns[viewer] for viewer in job.leases), default=0)
        rounds.append((not job.handed, first, number, job))
        if not job.handed:
            turns.update(job.leases.keys())
    return [job for *_, job in sorted(rounds, key=lambda entry: entry[:3])]


def waits_for_worker(job: Job, handed: Sequence[Job], slots: Mapping[str, int]) -> bool:
    """Whether the worker that has the job paused is busy, but free before another could have made up for what was done.

    Where it is not worth the wait, the job is to begin anew.
    """
    there = [other.seconds_left() for other in handed if other.worker == job.worker]
    if not job.worker or len(there) < slots.get(job.worker, 1):
        return False
    if min(there) < job.spent:
        return True
    job.worker, job.share, job.spent = "", 0.0, 0.0
    return False


def beginnings(slots: int, running: Sequence[float], queue: Sequence[float]) -> list[float]:
    """Return in how many seconds each queued job begins: whichever slot is free first takes the next.

    `running` is how long each job in progress still needs, `queue` how long each queued one will.
    """
    free = sorted(running)[-slots:] + [0.0] * max(0, slots - len(running))
    heapq.heapify(free)
    times = []
    for seconds in queue:
        times.append(heapq.heappop(free))
        heapq.heappush(free, times[-1] + seconds)
    return times
