"""The strip of what was tried in this window: each run whose end was shown, the latest first, one click away."""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from genmodels.runs import Run, RunSpec
from genmodels.views import tried
from pages.parts import component, pinning, state
from pages.parts.session import session

HERE = Path(__file__).resolve().parent
KEY, LENGTH = "strip", 16

_MOUNT = component.mount(HERE, "strip", "page.css")


def draw(finished: Sequence[Run]) -> None:
    """Remember the finished runs of the comparison; draw what was tried on its data, if any of that is not in a column now."""
    here = session()
    if news := {run.spec: tried.line(run) for run in finished if run.spec not in here.tried}:
        here.tried = dict(islice((news | here.tried).items(), LENGTH))
    pins, columns = {pin.key for pin in here.choice.pins}, {spec.key for spec in here.choice.specs()}
    lines = [line for spec, line in here.tried.items() if spec.dataset == here.choice.dataset]
    if state.presenting() or columns.issuperset(line["key"] for line in lines):
        return
    lines = [line | {"shown": line["key"] in columns, "pinned": line["key"] in pins} for line in lines]
    _MOUNT(KEY, {"lines": lines}, show=_on(pinning.bring_back), pin=_on(pinning.pin))


def _on(act: Callable[[RunSpec], object]) -> Callable[[str], None]:
    def call(key: str) -> None:
        spec = next((spec for spec in session().tried if spec.key == key), None)
        if spec:
            act(spec)

    return call
