"""A finding is a recording too: runs and settings determine it, `perform` writes it once, everything else reads it.

It lies in the same store as the runs that it reads, and never changes them; a study of a newer version is another key.
"""

import contextlib
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch

from genmodels import device, studies
from genmodels.config import Config, UserError, canonical_json
from genmodels.datasets.base import ORDER
from genmodels.progress import finish
from genmodels.runs import RunSpec, Spec, Stopped, record
from genmodels.runs.recorder import provenance
from genmodels.store import UNREADABLE, Recording, Store
from genmodels.studies.base import Study, StudyContext

STATUS_SECONDS = 0.3  # between two lines about the progress


@dataclass(frozen=True)
class StudySpec(Spec):
    """What determines a finding: the study, the runs that it reads, in order, and its settings."""

    study: str
    runs: tuple[RunSpec, ...]
    settings: Config

    @classmethod
    def make(cls, study: str, runs: Sequence[RunSpec] = (), settings: Mapping[str, Any] | None = None) -> Self:
        """Return a valid spec; anything wrong is one `UserError`."""
        kind = studies.study(study)
        spec = cls(study, tuple(runs), kind.Settings.parse(settings or {}, where=study))
        spec.begin().check()
        return spec

    def begin(self) -> Study:
        """Return the study, ready to be performed."""
        return studies.study(self.study)(self.settings, self.runs)

    @property
    def title(self) -> str:
        """The study's title."""
        return studies.study(self.study).title

    def canonical(self) -> str:
        """Return the one JSON text that stands for this finding."""
        return canonical_json(
            {
                "study": [self.study, studies.study(self.study).version],
                "order": ORDER,  # a study without runs reads datasets too
                "runs": [run.key for run in self.runs],
                "needs": [spec.key for spec in self.begin().needs()],
                "settings": self.settings.model_dump(mode="json"),
            }
        )

    def needs(self) -> tuple[Spec, ...]:
        """Return its runs and the other specs that the study needs."""
        return (*self.runs, *self.begin().needs())

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` turns back into this spec."""
        settings = self.settings.model_dump(mode="json")
        runs = [run.to_json() for run in self.runs]
        return {"study": self.study, "runs": runs, "settings": settings, "canonical": self.canonical()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the spec that `to_json` described, validated anew."""
        return cls.make(content["study"], [RunSpec.from_json(run) for run in content["runs"]], content["settings"])


def find(spec: StudySpec, store: Store) -> Recording | None:
    """Return the finished finding of `spec`, or None."""
    return store.find(spec.key)


def perform(
    spec: StudySpec,
    store: Store,
    stopped: Callable[[], bool] = lambda: False,
    on_share: Callable[[float], None] = lambda share: None,
) -> Recording:
    """Make what the finding needs and the finding itself, unless they are there, and return it. Stopped or failed, none is left."""
    missing = [each for each in in_order(spec) if not store.find(each.key)]
    seconds = [each.begin().estimate() for each in missing if isinstance(each, StudySpec)]
    before = 0.0
    for each in missing:
        if isinstance(each, RunSpec):
            record(each, store, stopped)
        elif isinstance(each, StudySpec):
            part = each.begin().estimate()

            def look_up(share: float, before: float = before, part: float = part) -> None:
                if stopped():
                    raise Stopped
                on_share((before + share * part) / sum(seconds))

            with torch.no_grad():
                finish(computing(each, store), look_up)
            before += part
    finding = store.find(spec.key)
    if finding is None:
        raise UserError(f"the finding of {spec.study} vanished from the cache: raise GENMODELS_CACHE_GB, then try again")
    return finding


def in_order(spec: Spec) -> list[Spec]:
    """Return the spec and all that it needs, what is needed before what needs it, each once."""
    specs = [each for need in spec.needs() for each in in_order(need)] + [spec]
    return list({each.key: each for each in specs}.values())


def computing(spec: StudySpec, store: Store) -> Generator[float, None, None]:
    """Yield the share done; compute the finding unless it is there, under the caller's `no_grad`; what it needs must be there."""
    if store.find(spec.key):
        return
    with store.writing(spec.key) as writer:
        writer.json("spec.json", spec.to_json())
        device.limit_threads()
        context = StudyContext(store, device.choose_device(), writer)
        begun = told = time.perf_counter()
        writer.json("status.json", {"state": "growing", "share": 0.0, "seconds": 0.0})
        for share in spec.begin().perform(context):
            if time.perf_counter() - told > STATUS_SECONDS:
                told = time.perf_counter()
                writer.json("status.json", {"state": "growing", "share": share, "seconds": round(told - begun, 3)})
            left = time.perf_counter()
            yield share
            begun += time.perf_counter() - left  # what others do meanwhile is no time of this study
        seconds = round(time.perf_counter() - begun, 3)
        writer.json("status.json", {"state": "finished", "share": 1.0, "seconds": seconds, "provenance": provenance(context.where)})


def estimate_seconds(spec: StudySpec, store: Store) -> float:
    """Return how long the study itself should take: as the latest of its kind with equal settings, else as its author says."""
    for recording, content in store.specs(at_most=100):
        with contextlib.suppress(*UNREADABLE):  # damaged, or a status that is not ours
            if content.get("study") == spec.study and content["settings"] == spec.settings.model_dump(mode="json"):
                return float(recording.json("status.json")["seconds"])
    return spec.begin().estimate()
