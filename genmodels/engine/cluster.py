"""The training processes: a scheduler with one worker process per slot, a child of the web server that ends with it.

Both ends of the pipe between them live here. `python -m genmodels.serve` prints one JSON line with its address, then waits
for its standard input to close. Trainings are processes, not threads: small steps of torch are bound by the interpreter's
lock, and a worker that dies takes one training with it.
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
    "distributed.worker.profile.enabled": False,  # it would take the interpreter from the training a hundred times a second
    # Dask has freed memory returned to the system at once, 64 KB by 64 KB; a training asks for it back at the next step, which
    # cost a third of its time in page faults. Keep it instead (bytes; 32 MB is the most that glibc takes for the second).
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**30,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
    "distributed.scheduler.http.routes": [],  # nobody looks at them
    "distributed.worker.http.routes": [],
}


def slots() -> int:
    """Return how many runs are trained at once: GENMODELS_SLOTS, else one a core and at most four."""
    text = os.environ.get("GENMODELS_SLOTS", "").strip()
    if not text:
        return min(4, os.cpu_count() or 1)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_SLOTS):
        raise UserError(f"GENMODELS_SLOTS={text!r} is not allowed: give a whole number from 1 to {MAX_SLOTS}, or leave it unset")
    return int(text)


def local_cluster(**how: Any) -> LocalCluster:
    """Return a cluster on this machine that nobody else can reach: it unpickles whatever it is sent."""
    dask.config.set(SETTINGS)  # for good: a scheduler and its workers look at them again and again
    loopback = "127.0.0.1:0"  # without an address, each would open its page of figures on a fixed port, or on every interface
    return LocalCluster(
        dashboard_address=loopback,
        worker_dashboard_address=loopback,
        scheduler_kwargs={"dashboard": False},
        memory_limit=0,
        **how,
    )


def spawn() -> tuple["subprocess.Popen[bytes]", str]:
    """Start this module as a child and return it with its scheduler's address."""
    slots()  # a wrong number is told here, not in the child's log
    above = str(Path(__file__).resolve().parents[2])
    inherited = os.environ.get("PYTHONPATH")
    # -P: a torch.py where the server was started from shadows nothing. A session of its own: Ctrl+C reaches the server alone,
    # which then ends its child in order. Errors go where the server's own go; a pipe that nobody reads would fill and block.
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
    """Close the child's input, which ends it in order, and kill it if it does not."""
    assert child.stdin
    with contextlib.suppress(OSError):
        child.stdin.close()
    try:
        child.wait(CLOSE_SECONDS + 1)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _fork_workers() -> None:
    """Have workers forked from one process that has imported what a training needs: they share its memory and start at once."""
    dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"})
    get_mp_context()  # sets dask's own choice of imports, once
    multiprocessing.set_forkserver_preload(["genmodels.engine.warmup", "distributed"])


def main() -> None:
    """Serve trainings until standard input closes, which also happens when the parent is killed."""
    ours = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # workers inherit the standard output: whatever they print must not enter the pipe
    os.environ["OMP_NUM_THREADS"] = "1"
    if sys.platform == "linux":
        _fork_workers()
    cluster = local_cluster(n_workers=0, threads_per_worker=1, host="127.0.0.1", preload="genmodels.engine.warmup")
    cluster.scale(slots())  # they come up while the server connects; a task waits for the first of them
    print(json.dumps({"scheduler": cluster.scheduler_address}), file=ours, flush=True)
    ours.close()
    with contextlib.suppress(KeyboardInterrupt):
        sys.stdin.buffer.read()
    watchdog = threading.Timer(CLOSE_SECONDS, os._exit, [1])
    watchdog.daemon = True
    watchdog.start()
    try:
        cluster.close(timeout=2)
    finally:
        os._exit(0)  # no thread may keep this process: each worker watches it and vanishes with it


if __name__ == "__main__":
    main()
