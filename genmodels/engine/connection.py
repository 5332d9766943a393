"""The connection to the workers: a child process, this process, or a scheduler elsewhere, as GENMODELS_SCHEDULER says."""

import contextlib
import os
import re
import subprocess
import time
from typing import Any, Self

from distributed import Client, Future, LocalCluster
from distributed.scheduler import KilledWorker

from genmodels.config import UserError
from genmodels.engine import cluster, paused
from genmodels.engine.worker import one_line

CONNECT_SECONDS = 5
DIED = "the worker that trained this died (killed, or out of memory); train it again"
LOST = "the training process ended, and this training with it; train it again"
ADDRESS = re.compile(r"tcp://(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}")


class Connection:
    """A dask client, with the processes that end with it; once lost it is replaced, not repaired."""

    def __init__(self, client: Client, child: "subprocess.Popen[bytes] | None" = None, cluster: LocalCluster | None = None):
        self._client = client
        self._child = child
        self._cluster = cluster

    @classmethod
    def from_environment(cls) -> Self:
        """Return a working connection, or raise one line that says why there is none."""
        name = os.environ.get("GENMODELS_SCHEDULER", "").strip()
        if not name:
            child, address = cluster.spawn()
            try:
                return cls(_connect(address), child=child)
            except BaseException:
                cluster.end(child)
                raise
        if name == "inproc":
            inside = cluster.local_cluster(processes=False, n_workers=1, threads_per_worker=cluster.slots())
            return cls(_connect(inside), cluster=inside)
        if ADDRESS.fullmatch(name):
            return cls(_connect(name))
        raise UserError(
            f"GENMODELS_SCHEDULER={name[:60]!r} is not allowed: leave it unset for a child process of the server, "
            "or give inproc, or tcp://host:port of a dask scheduler"
        )

    def lost(self) -> bool:
        """Whether the scheduler or the connection to it is gone."""
        return self._client.status != "running" or (self._child is not None and self._child.poll() is not None)

    def workers(self) -> dict[str, int]:
        """Return how many tasks each present worker can run at once; one short request to the scheduler."""
        try:
            return dict(self._client.sync(self._client.scheduler.ncores, callback_timeout=2))
        except OSError:
            return {}

    def worker_of(self, name: str) -> str:
        """Return the address of the worker that has a task, or ""; one short request to the scheduler."""
        try:
            tasks = self._client.sync(self._client.scheduler.processing, callback_timeout=2)
        except OSError:
            return ""
        return next((worker for worker, names in tasks.items() if name in names), "")

    def is_free(self, name: str) -> bool:
        """Whether no earlier task of this name is held: a new one would get the earlier one's result."""
        return name not in self._client.futures

    def submit(self, function: Any, *arguments: Any, key: str, worker: str = "") -> Future:
        """Submit a task, preferably for `worker` if that is still there; tasks of one name, from any servers, run once."""
        place = {"workers": [worker], "allow_other_workers": True} if worker else {}
        return self._client.submit(function, *arguments, key=key, pure=False, **place)

    def close(self) -> None:
        """Release this server's tasks and end the processes that are its own."""
        with contextlib.suppress(OSError):
            self._client.close(timeout=2)
        if self._cluster is not None:
            _wait_for_threads(self._cluster)
            paused.close_all()
            self._cluster.close(timeout=2)
        if self._child is not None:
            cluster.end(self._child)


def failure(future: Future) -> str:
    """Return why a task that is done failed, in one line, or "" if it did not."""
    if future.status == "finished":
        return ""
    if future.status == "cancelled":
        return LOST
    error = future.exception()
    if isinstance(error, UserError):
        return str(error)
    return DIED if isinstance(error, KilledWorker) else one_line(error)


def _connect(scheduler: Any) -> Client:
    try:
        return Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except OSError:
        raise UserError(
            f"no dask scheduler answers at {scheduler}: start one there (`dask scheduler`, and a `dask worker` for each GPU), "
            "or unset GENMODELS_SCHEDULER to train in a child process of this server"
        ) from None


def _wait_for_threads(cluster: LocalCluster) -> None:
    """Wait until the trainings of this process have noticed that they are stopped: a thread cannot be ended from outside."""
    deadline = time.monotonic() + 10  # usually a step, but the first step of a process imports for seconds
    while any(worker.state.executing_count for worker in cluster.workers.values()) and time.monotonic() < deadline:
        time.sleep(0.01)
