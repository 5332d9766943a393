"""The times that past recordings took: they correct the estimates of trainings and give those of studies.

A training's estimate is corrected by the most similar past training of its model; a study's is the time of the latest with equal
settings.
"""

import contextlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genmodels.config import UserError
from genmodels.runs import cost
from genmodels.runs.cost import Estimate
from genmodels.store import UNREADABLE, Store

if TYPE_CHECKING:
    from genmodels.runs.spec import RunSpec

MOST = 300  # recordings that are remembered, the latest
OTHER_DATASET, OTHER_CHOICE = 0.3, 0.3  # distances of another dataset, another choice; 1 is a step of e times the work
WARM_UP = 0.2  # seconds of a training that do not predict the rest


@dataclass(frozen=True)
class Past:
    """One recording: the content of its spec, the seconds its work took, and when it was finished."""

    content: Mapping[str, Any]
    seconds: float
    finished: float


@dataclass
class History:
    """The recordings in one store, each read once."""

    root: Path
    folder_time: float = 0.0  # when the folder was last read, its own time of change
    past: dict[str, Past | None] = field(default_factory=dict)  # by key, the latest first; None: not readable
    paces: dict[str, tuple["RunSpec", float] | None] = field(default_factory=dict)  # None: of another version

    def latest(self) -> Iterator[tuple[str, Past]]:
        """Yield key and time of each recording, the latest first."""
        self._read()
        yield from [(key, past) for key, past in self.past.items() if past]

    def pace(self, spec: "RunSpec", estimate: Estimate) -> float:
        """Return the ratio of time to estimate of the most similar past training, nearer to 1 the less similar it is."""
        nearest, pace = math.inf, 1.0
        for key, past in self.latest():
            if past.content.get("model") != spec.model:
                continue
            other, other_pace = self._pace_of(key, past, type(spec)) or (None, 1.0)
            distance = _distance(spec, estimate, other) if other else math.inf
            if distance < nearest:
                nearest, pace = distance, other_pace ** (math.exp(-distance) * past.seconds / (past.seconds + WARM_UP))
        return pace

    def _read(self) -> None:
        """Read the recordings that are new since the last time; the folder's own time tells whether there are any."""
        try:
            folder_time = self.root.stat().st_mtime
        except OSError:
            return
        if folder_time == self.folder_time:
            return
        self.folder_time = folder_time
        ages: dict[str, float] = {}
        for path in self.root.glob("*"):
            with contextlib.suppress(OSError):  # evicted meanwhile
                ages[path.name] = path.stat().st_mtime
        latest = sorted(ages, key=lambda name: -ages[name])[:MOST]
        past = {name: self.past[name] if name in self.past else _past(self.root / name, ages[name]) for name in latest}
        self.past = dict(sorted(past.items(), key=lambda item: -(item[1].finished if item[1] else 0)))

    def _pace_of(self, key: str, past: Past, kind: type["RunSpec"]) -> tuple["RunSpec", float] | None:
        if key not in self.paces:
            self.paces[key] = _paced(past, kind)
        return self.paces[key]


def estimate(spec: "RunSpec", store: Store) -> Estimate:
    """Return how long a training should take: by its operations, at the pace of the most similar past training."""
    by_operations = cost.estimate(spec)
    return by_operations.at_pace(_history(store.root / "runs").pace(spec, by_operations))


def study_seconds(study: str, settings: Mapping[str, Any], store: Store) -> float | None:
    """Return how long the latest study of this name with these settings took, None if none is recorded."""
    for _, past in _history(store.root / "runs").latest():
        if past.content.get("study") == study and past.content.get("settings") == settings:
            return past.seconds
    return None


@cache
def _history(root: Path) -> History:
    """Return what this process remembers of the recordings below `root`."""
    return History(root)


def _past(folder: Path, finished: float) -> Past | None:
    try:
        content = json.loads((folder / "spec.json").read_text())
        seconds = float(json.loads((folder / "status.json").read_text())["seconds"])
        return Past(content, seconds, finished) if isinstance(content, dict) and 0 < seconds < math.inf else None
    except (OSError, *UNREADABLE):  # damaged: reported when it is opened
        return None


def _paced(past: Past, kind: type["RunSpec"]) -> tuple["RunSpec", float] | None:
    try:
        spec = kind.from_json(past.content)
    except (UserError, *UNREADABLE):
        return None
    return spec, past.seconds / max(cost.estimate(spec).fitting, 1e-3)


def _distance(spec: "RunSpec", estimate: Estimate, other: "RunSpec") -> float:
    """Return how unlike two trainings of one model are: in the work of a step, the dataset, and settings that are choices."""
    knobs = spec.settings.knobs()
    choices = [name for name, knob in knobs.items() if knob.kind in ("choice", "bool")]
    differences = sum(getattr(spec.settings, name) != getattr(other.settings, name) for name in choices)
    work = abs(math.log(max(cost.estimate(other).step, 1e-9) / max(estimate.step, 1e-9)))
    return work + OTHER_DATASET * (spec.dataset != other.dataset) + OTHER_CHOICE * differences
