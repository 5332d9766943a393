"""How long past trainings took beside their estimates: what was learned of one corrects the estimate of those like it."""

import contextlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from genmodels.config import UserError
from genmodels.runs import cost
from genmodels.runs.cost import Estimate
from genmodels.runs.spec import RunSpec
from genmodels.store import UNREADABLE, Store

MOST = 300  # recordings that are remembered, the latest
OTHER_DATASET, OTHER_CHOICE = 0.3, 0.3  # how far off these make a past training, where 1 is e times the work a step
WARM_UP = 0.2  # seconds of a training that say nothing of the rest


@dataclass(frozen=True)
class Past:
    """One recorded training: its content as written, and the seconds that its fit took."""

    content: Mapping[str, Any]
    seconds: float
    finished: float


@dataclass
class History:
    """The trainings recorded in one store, each read once."""

    root: Path
    changed: float = 0.0
    past: dict[str, Past | None] = field(default_factory=dict)  # None: no training
    paces: dict[str, tuple[RunSpec, float] | None] = field(default_factory=dict)  # None: of another version

    def pace(self, spec: RunSpec, estimate: Estimate) -> float:
        """Return how many times as long as estimated it should take: as the nearest past training did, the less the farther."""
        self._read()
        nearest, pace = math.inf, 1.0
        for key, past in sorted(self.past.items(), key=lambda item: -(item[1].finished if item[1] else 0)):
            if past is None or past.content["model"] != spec.model:
                continue
            known = self._known(key, past)
            distance = _distance(spec, estimate, known[0]) if known else math.inf
            if known and distance < nearest:
                nearest, pace = distance, known[1] ** (math.exp(-distance) * past.seconds / (past.seconds + WARM_UP))
        return pace

    def _read(self) -> None:
        """Read what has come since the last time; one look at the folder's time tells that nothing has."""
        try:
            changed = self.root.stat().st_mtime
        except OSError:
            return
        if changed == self.changed:
            return
        self.changed = changed
        ages: dict[str, float] = {}
        for path in self.root.glob("*"):
            with contextlib.suppress(OSError):  # evicted meanwhile
                ages[path.name] = path.stat().st_mtime
        latest = sorted(ages, key=lambda name: -ages[name])[:MOST]
        self.past = {name: self.past[name] if name in self.past else _past(self.root / name, ages[name]) for name in latest}

    def _known(self, key: str, past: Past) -> tuple[RunSpec, float] | None:
        if key not in self.paces:
            self.paces[key] = _paced(past)
        return self.paces[key]


def estimate(spec: RunSpec, store: Store) -> Estimate:
    """Return how long training should take: by its operations, as fast as the nearest past training went."""
    first = cost.estimate(spec)
    return first.at_pace(_history(store.root / "runs").pace(spec, first))


def estimate_seconds(spec: RunSpec, store: Store) -> float:
    """Return how many seconds training should take from beginning to end."""
    return estimate(spec, store).seconds


@cache
def _history(root: Path) -> History:
    """Return what this process remembers of the recordings below `root`."""
    return History(root)


def _past(folder: Path, changed: float) -> Past | None:
    try:
        content = json.loads((folder / "spec.json").read_text())
        seconds = float(json.loads((folder / "status.json").read_text())["seconds"])
        return (
            Past(content, seconds, changed) if isinstance(content, dict) and "model" in content and 0 < seconds < math.inf else None
        )
    except (OSError, *UNREADABLE):  # damaged, which whoever opens it is told
        return None


def _paced(past: Past) -> tuple[RunSpec, float] | None:
    try:
        spec = RunSpec.from_json(past.content)
    except (UserError, *UNREADABLE):
        return None
    return spec, past.seconds / max(cost.estimate(spec).fitting, 1e-3)


def _distance(spec: RunSpec, estimate: Estimate, other: RunSpec) -> float:
    """Return how unlike two trainings of one model are: in the work of a step, in their data and in what is chosen by name."""
    knobs = spec.settings.knobs()
    choices = [name for name, knob in knobs.items() if knob.kind in ("choice", "bool")]
    unlike = sum(getattr(spec.settings, name) != getattr(other.settings, name) for name in choices)
    work = abs(math.log(max(cost.estimate(other).step, 1e-9) / max(estimate.step, 1e-9)))
    return work + OTHER_DATASET * (spec.dataset != other.dataset) + OTHER_CHOICE * unlike
