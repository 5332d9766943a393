"""What runs inside a worker. The scheduler imports this module too, so torch is imported only where it is used."""

import contextlib
import json
import logging
import multiprocessing
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from distributed import get_worker

from genmodels.config import UserError

if TYPE_CHECKING:
    from genmodels.runs import Spec
    from genmodels.store import Store

PATH = re.compile(r"(?<![\w.:/])(/|~/|[A-Za-z]:\\)[^\s'\",;)]+")
log = logging.getLogger(__name__)


def task_name(key: str) -> str:
    """Return the name of the task that makes recording `key`: equal on all servers, so one scheduler makes it once."""
    return f"make-{key}"


def make(spec_json: str, cache_root: str, limit_bytes: int) -> str:
    """Make the recording that `spec_json` describes, and all that it needs, below `cache_root`; return its key.

    Work that is stopped is paused, to be resumed by a later task in this worker.
    """
    from genmodels.runs import Stopped, limits
    from genmodels.runs.work import in_order
    from genmodels.store import Store
    from genmodels.studies.findings import spec_from_json

    own = multiprocessing.parent_process() is not None  # and not the web server's
    if own:
        os.environ["GENMODELS_CACHE"] = cache_root  # uploads lie beside the recordings of the server that asks
    content = json.loads(spec_json)
    store = Store(Path(cache_root), limit_bytes)
    try:
        spec = spec_from_json(content)
        if spec.canonical() != content["canonical"]:
            raise UserError(
                "the worker runs another version of genmodels than this server: install the same on both, start it again"
            )
        tasks, name = get_worker().state.tasks, task_name(spec.key)

        def stopped() -> bool:
            task = tasks.get(name)  # gone or cancelled once nobody holds its future; a dict lookup each step costs nothing
            return task is None or task.state == "cancelled"

        bound = limits.bounded() if own else contextlib.nullcontext()  # which would end other work of the web server's
        with contextlib.suppress(Stopped), bound:  # nobody waits for the answer of a stopped task
            for each in in_order(spec):
                _work(each, store, stopped)
    except UserError:
        raise
    except Exception as error:
        log.exception("%s failed", spec_json[:300])
        raise UserError(one_line(error)) from None  # the one type that every reader can unpickle
    return spec.key


def _work(spec: "Spec", store: "Store", stopped: Callable[[], bool]) -> None:
    """Do the work of one spec, resuming it if it is paused in this process; when stopped, pause it and raise `Stopped`."""
    import torch

    from genmodels.engine import paused
    from genmodels.runs import Stopped

    cache = str(store.root)
    work = paused.take(cache, spec.key) or spec.work(store)
    with torch.set_grad_enabled(spec.gradients):
        for _ in work:
            if stopped():
                paused.keep(cache, spec.key, work)
                raise Stopped


def one_line(error: BaseException) -> str:
    """Return an unforeseen error as one line for the viewer, without paths of the server."""
    words = PATH.sub("(a file)", " ".join(str(error).split()))
    return f"training failed: {type(error).__name__}: {words[:300]}"
