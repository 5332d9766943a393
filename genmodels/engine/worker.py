"""What runs inside a worker. The scheduler reads this module too, so torch is imported only where it is used."""

import contextlib
import json
import logging
import multiprocessing
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from distributed import get_worker

from genmodels.config import UserError

if TYPE_CHECKING:
    from genmodels.runs import Spec
    from genmodels.store import Store
    from genmodels.studies.findings import StudySpec

PATH = re.compile(r"(?<![\w.:/])(/|~/|[A-Za-z]:\\)[^\s'\",;)]+")
log = logging.getLogger(__name__)


def task_name(key: str) -> str:
    """Return the name of the task that makes recording `key`: equal on all servers, so that one scheduler makes it once."""
    return f"make-{key}"


def make(spec_json: str, cache_root: str, limit_bytes: int) -> str:
    """Record the run or finding that `spec_json` describes below `cache_root`; return its key. A stopped one is paused."""
    from genmodels import runs
    from genmodels.runs import limits
    from genmodels.store import Store
    from genmodels.studies import findings

    content = json.loads(spec_json)
    store = Store(Path(cache_root), limit_bytes)
    try:
        spec: Spec = findings.StudySpec.from_json(content) if "study" in content else runs.RunSpec.from_json(content)
        if spec.canonical() != content["canonical"]:
            raise UserError(
                "the worker runs another version of genmodels than this server: install the same on both, start it again"
            )
        tasks, name = get_worker().state.tasks, task_name(spec.key)

        def stopped() -> bool:
            task = tasks.get(name)  # gone or cancelled once nobody holds its future; a dict lookup each step costs nothing
            return task is None or task.state == "cancelled"

        own = multiprocessing.parent_process() is not None  # and not the web server's, whose other work a bound would end
        bound = limits.bounded() if own else contextlib.nullcontext()
        with contextlib.suppress(runs.Stopped), bound:  # nobody waits for the answer
            for each in findings.in_order(spec):
                _go_on(each, store, stopped)
    except UserError:
        raise
    except Exception as error:
        log.exception("%s failed", spec_json[:300])
        raise UserError(one_line(error)) from None  # the one type that every reader can unpickle
    return spec.key


def _go_on(spec: "Spec", store: "Store", stopped: Callable[[], bool]) -> None:
    """Do the work from where it was paused here, else from its beginning; told to stop, pause it and raise `Stopped`."""
    import torch

    from genmodels import runs
    from genmodels.engine import paused
    from genmodels.studies import findings

    cache = str(store.root)
    begun = runs.recording(spec, store) if isinstance(spec, runs.RunSpec) else findings.computing(cast("StudySpec", spec), store)
    work = paused.take(cache, spec.key) or begun
    with torch.set_grad_enabled(isinstance(spec, runs.RunSpec)):
        for _ in work:
            if stopped():
                paused.keep(cache, spec.key, work)
                raise runs.Stopped


def one_line(error: BaseException) -> str:
    """Return an unforeseen error as one line for the viewer, who is not told where things lie on the server."""
    words = PATH.sub("(a file)", " ".join(str(error).split()))
    return f"training failed: {type(error).__name__}: {words[:300]}"
