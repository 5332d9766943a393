"""The strip of what was tried in this window: each run whose end was shown, the latest first, one click away."""

from collections.abc import Callable, Sequence
from pathlib import Path

from genmodels.runs import Run, RunSpec
from genmodels.views import tried
from pages.parts import component, jobs, pinning, state
from pages.parts.session import session

HERE = Path(__file__).resolve().parent
KEY, LENGTH = "strip", 16

_MOUNT = component.mount(HERE, "strip", "page.css")


def draw(finished: Sequence[Run]) -> None:
    """Remember the finished runs of the comparison; draw what was tried on its data, if any of that is not in a column now."""
    here = session()
    now = [run.spec for run in finished]
    here.tried = [*(spec for spec in now if spec not in here.tried), *here.tried][:LENGTH]
    columns = here.choice.specs()
    specs = [spec for spec in here.tried if spec.dataset == here.choice.dataset]
    if state.presenting() or all(spec in columns for spec in specs):
        return
    runs = [run for spec in specs if (run := Run.find(spec, jobs.store()))]  # one may have been evicted meanwhile
    lines = [tried.line(run) | {"shown": run.spec in columns, "pinned": run.spec in here.choice.pins} for run in runs]
    _MOUNT(KEY, {"lines": lines}, show=_on(pinning.bring_back), pin=_on(pinning.pin))


def _on(act: Callable[[RunSpec], object]) -> Callable[[str], None]:
    def call(key: str) -> None:
        spec = next((spec for spec in session().tried if spec.key == key), None)
        if spec:
            act(spec)

    return call
