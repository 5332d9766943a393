"""What a study is: a computation on recorded runs, or on none, whose finding is recorded: scores, a map, a gallery, an experiment.

To add one: a new file in this folder with its `Config` and a `Study` subclass. It reads `runs` and what it `needs`; its finding are
the files that `perform` writes. Pages, the engine and the command line discover it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from genmodels import datasets, device
from genmodels.config import Config, UserError
from genmodels.datasets.base import Dataset
from genmodels.models.base import Model
from genmodels.runs import Run, RunSpec, Spec
from genmodels.store import Recording, Store, Writer


@dataclass(frozen=True)
class StudyContext:
    """What a study may read, the device it computes on, and where it writes its finding."""

    store: Store
    where: torch.device
    writer: Writer

    def run(self, spec: RunSpec) -> Run:
        """Return a run that the study reads; it was trained before the study began."""
        return Run.open(spec.key, self.store)

    def recording(self, spec: Spec) -> Recording:
        """Return the recording of a spec that the study needs."""
        recording = self.store.find(spec.key)
        if recording is None:
            raise UserError(f"{spec.title} vanished from the cache: raise GENMODELS_CACHE_GB, then try again")
        return recording

    def model(self, spec: RunSpec) -> Model:
        """Return the fitted model of a run."""
        return self.run(spec).load_model(self.where)

    def data(self, dataset: str) -> Dataset:
        """Return a dataset, whole on the device."""
        return datasets.load(dataset, self.where)

    def rng(self, seed: int, purpose: str) -> torch.Generator:
        """Return a generator with this seed, independent of those for other purposes."""
        return device.generator(self.where, seed, purpose)

    def json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file of the finding, or replace it. Numbers must be finite: None stands for a missing one."""
        self.writer.json(name, content)

    def tensors(self, name: str, content: Mapping[str, Tensor]) -> None:
        """Write a file of tensors, or replace it."""
        self.writer.tensors(name, content)


class Study:
    """A computation determined by `settings` and `runs`: `perform` is random only through seeded generators."""

    name: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[int] = 1  # part of every key: raise it when equal settings give other numbers
    Settings: ClassVar[type[Config]]
    seconds: ClassVar[float]  # roughly, on one core, before any was performed: the default of `estimate`

    def __init__(self, settings: Any, runs: tuple[RunSpec, ...]):
        self.settings, self.runs = settings, runs

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return runs and settings of each finding that a page opens with: `warm` makes them ahead."""
        return []

    @classmethod
    def ahead(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return runs and settings of the findings that a page's controls lead to next: `warm` makes them after the openings.

        Of each opening these are its neighbours: one setting has another of the values that its `knob(ahead=)` declares.
        """
        return neighbours(cls.Settings, cls.opening())

    def check(self) -> None:
        """Raise a one-line `UserError` where these settings or runs cannot be studied."""

    def needs(self) -> tuple[Spec, ...]:
        """Return the specs, besides those of its runs, whose recordings must be there before it is performed."""
        return ()

    def estimate(self) -> float:
        """Return roughly how many seconds it takes on one core with these settings and runs, before any was performed."""
        return self.seconds

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Compute and write the finding, yielding the progress, 0 to 1, several times a second: at a yield it may be stopped."""
        raise TypeError(f"{type(self).__name__} does not define perform")

    def one_dataset(self) -> str:
        """Return the dataset of all runs, or raise one line."""
        names = sorted({run.dataset for run in self.runs})
        if len(names) != 1:
            raise UserError(f"{self.name} compares runs of one dataset, got {', '.join(names) or 'no run'}: give runs of one")
        return names[0]


def neighbours(
    kind: type[Config], openings: Sequence[tuple[list[RunSpec], dict[str, Any]]]
) -> list[tuple[list[RunSpec], dict[str, Any]]]:
    """Return the openings, each with one setting changed to each value that its knob declares as ahead."""
    changes = [{name: value} for name, knob in kind.knobs().items() for value in knob.ahead]
    return [(runs, settings | change) for change in changes for runs, settings in openings]
