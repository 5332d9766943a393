"""The training processes: a scheduler with one worker process per slot, in a child of the web server that ends with it.

Both ends of the pipe between them are here. `python -m genmodels.engine.cluster` prints its address as one line of JSON, then waits
for its standard input to close. Trainings run in processes, not threads: the interpreter's lock limits small steps of torch, and a
worker that dies ends one training only.
"""

import contextlib
import json
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import dask
from distributed import LocalCluster
from distributed.utils import get_mp_context

from genmodels.config import UserError

MAX_SLOTS = 64
START_SECONDS = 30.0
CLOSE_SECONDS = 4.0

SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,  # a death is shown, not hidden behind retries
    "distributed.admin.low-level-log-length": 400,
    "distributed.worker.profile.enabled": False,  # it would interrupt the training a hundred times a second
    # By default dask returns freed memory to the system at once, 64 KB by 64 KB; a training needs it again at the next step, and
    # page faults took a third of its time. Keep it instead (bytes; 32 MB is the most that glibc accepts for the second).
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**30,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
    "distributed.scheduler.http.routes": [],  # nobody reads them
    "distributed.worker.http.routes": [],
}


def slots() -> int:
    """Return how many jobs run at once: GENMODELS_SLOTS, else one per core and at most four."""
    text = os.environ.get("GENMODELS_SLOTS", "").strip()
    if not text:
        return min(4, os.cpu_count() or 1)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_SLOTS):
        raise UserError(f"GENMODELS_SLOTS={text!r} is not allowed: give a whole number from 1 to {MAX_SLOTS}, or leave it unset")
    return int(text)


def local_cluster(**options: Any) -> LocalCluster:
    """Return a cluster on this machine that other machines cannot reach: it unpickles whatever it receives."""
    dask.config.set(SETTINGS)  # permanently: a scheduler and its workers read them repeatedly
    loopback = "127.0.0.1:0"  # without an address, each would serve its dashboard on a fixed port, or on every interface
    return LocalCluster(
        dashboard_address=loopback,
        worker_dashboard_address=loopback,
        scheduler_kwargs={"dashboard": False},
        memory_limit=0,
        **options,
    )


def spawn() -> tuple["subprocess.Popen[bytes]", str]:
    """Start this module as a child and return it with its scheduler's address."""
    slots()  # a wrong number is reported here, not in the child's log
    above = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH")
    # -P: a file torch.py in the working folder shadows nothing. A session of its own: Ctrl+C reaches the server alone, which then
    # ends its child in order. Errors go where the server's own go: a pipe that nobody reads would fill and block.
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "genmodels.engine.cluster"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([above, inherited] if inherited else [above])},
        start_new_session=True,
    )
    assert child.stdout
    late = threading.Timer(START_SECONDS, child.kill)
    late.start()
    with child.stdout:
        line = child.stdout.readline()
    late.cancel()
    try:
        return child, str(json.loads(line)["scheduler"])
    except (ValueError, KeyError, TypeError):
        end(child)
        raise UserError(
            f"the training process did not start within {START_SECONDS:.0f} s (exit code {child.returncode}): "
            "the server's log says why; GENMODELS_SCHEDULER=inproc trains without it"
        ) from None


def end(child: "subprocess.Popen[bytes]") -> None:
    """Close the child's input, which ends it in order; kill it if that fails."""
    assert child.stdin
    with contextlib.suppress(OSError):
        child.stdin.close()
    try:
        child.wait(CLOSE_SECONDS + 1)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _fork_workers() -> None:
    """Fork workers from one process that has imported what a training needs: they share its memory and start at once."""
    dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
    get_mp_context()  # sets dask's own list of imports, once
    multiprocessing.set_forkserver_preload(["genmodels.engine.warmup", "distributed"])


def main() -> None:
    """Run the scheduler and its workers until standard input closes, which also happens when the parent is killed."""
    pipe = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # workers inherit the standard output: whatever they print must not enter the pipe
    os.environ["OMP_NUM_THREADS"] = "1"
    if sys.platform == "linux":
        _fork_workers()
    cluster = local_cluster(n_workers=0, threads_per_worker=1, host="127.0.0.1", preload="genmodels.engine.warmup")
    cluster.scale(slots())  # they start while the server connects; a task waits for the first of them
    print(json.dumps({"scheduler": cluster.scheduler_address}), file=pipe, flush=True)
    pipe.close()
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.buffer.read()
    watchdog = threading.Timer(CLOSE_SECONDS, os._exit, [1])
    watchdog.daemon = True
    watchdog.start()
    try:
        cluster.close(timeout=2)
    finally:
        os._exit(0)  # no thread may keep this process alive: each worker watches it and ends with it


if __name__ == "__main__":
    main()
