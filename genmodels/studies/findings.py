"""What determines a finding: a study, the runs that it reads and its settings. A finding is a recording, as a run is."""

import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from genmodels import device, studies
from genmodels.config import Config
from genmodels.datasets.base import ORDER
from genmodels.runs import RunSpec, Spec, history
from genmodels.runs.faults import explained
from genmodels.runs.recorder import provenance
from genmodels.runs.spec import assignments, described
from genmodels.store import Store, Writer
from genmodels.studies.base import Study, StudyContext

STATUS_SECONDS = 0.3  # between two writings of the progress


@dataclass(frozen=True)
class StudySpec(Spec):
    """What determines a finding: the study, the runs that it reads, in order, and its settings."""

    gradients = False
    verb = "made"

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

    @property
    def kind(self) -> type[Study]:
        """The study's class."""
        return studies.study(self.study)

    def begin(self) -> Study:
        """Return the study, ready to be performed."""
        return self.kind(self.settings, self.runs)

    @property
    def changed(self) -> dict[str, Any]:
        """The settings that differ from their defaults."""
        knobs = self.settings.knobs()
        return {name: value for name, value in self.settings.model_dump().items() if value != knobs[name].default}

    @property
    def title(self) -> str:
        """The study, its run, or the models of several, and the settings that are not the usual ones."""
        runs = [self.runs[0].title] if len(self.runs) == 1 else []
        if len(self.runs) > 1:
            runs = [f"{', '.join(dict.fromkeys(run.kind.title for run in self.runs))} on {self.runs[0].source.title}"]
        return ", ".join([": ".join([self.kind.title, *runs]), *described(self.settings, self.changed)])

    @property
    def full_title(self) -> str:
        """The title with that of each run."""
        return f"{self.title} ({'; '.join(run.title for run in self.runs)})"

    @property
    def label(self) -> str:
        """The study, the models that it reads, their dataset, and the settings that differ from their defaults, by their names."""
        runs = f" of {', '.join(run.model for run in self.runs)} on {self.runs[0].dataset}" if self.runs else ""
        return self.study + runs + assignments(self.changed)

    def identity(self) -> dict[str, Any]:
        """Return the study with its version, the keys of all that it needs, and the settings."""
        return {
            "study": [self.study, self.kind.version],
            "order": ORDER,  # of examples in datasets, which a study without runs reads too
            "runs": [run.key for run in self.runs],
            "needs": [spec.key for spec in self.begin().needs()],
            "settings": self.settings.model_dump(mode="json"),
        }

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

    def estimate(self, store: Store) -> float:
        """Return how long the study should take, in seconds: as the latest with equal settings, else as the study declares."""
        seconds = history.study_seconds(self.study, self.settings.model_dump(mode="json"), store)
        return self.begin().estimate() if seconds is None else seconds

    def projection(self, store: Store, seconds: float, progress: float) -> float:
        """Return how long the study takes in all, in seconds, at the pace so far."""
        return seconds / progress if progress else 0.0

    def work(self, store: Store) -> Generator[float, None, None]:
        """Perform the study, yielding its progress."""
        if store.find(self.key):
            return
        with store.writing(self.key) as writer:
            writer.json("spec.json", self.to_json())
            device.limit_threads()
            context = StudyContext(store, device.choose_device(), writer)
            with explained(self.title, "change what is compared, or leave out examples that lie far from the others"):
                yield from _perform(self.begin(), context, writer)


def spec_from_json(content: Mapping[str, Any]) -> Spec:
    """Return the spec, of a run or of a finding, that `to_json` described."""
    return StudySpec.from_json(content) if "study" in content else RunSpec.from_json(content)


def _perform(study: Study, context: StudyContext, writer: Writer) -> Generator[float, None, None]:
    """Perform a study, yielding its progress; write the status of its recording."""
    start = status_at = time.perf_counter()
    writer.json("status.json", {"state": "growing", "progress": 0.0, "seconds": 0.0})
    for progress in study.perform(context):
        if time.perf_counter() - status_at > STATUS_SECONDS:
            status_at = time.perf_counter()
            writer.json("status.json", {"state": "growing", "progress": progress, "seconds": round(status_at - start, 3)})
        suspended_at = time.perf_counter()
        yield progress
        start += time.perf_counter() - suspended_at  # what others do meanwhile is not time of this study
    status = {"state": "finished", "progress": 1.0, "seconds": round(time.perf_counter() - start, 3)}
    writer.json("status.json", status | {"provenance": asdict(provenance(context.where))})
