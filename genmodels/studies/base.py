"""What a study is: something computed from recorded runs, or from none, and kept: scores, a map, a gallery, an experiment.

To add one: a new file in this folder with its `Config` and a `Study` subclass: what it reads is told by `runs`, what it finds are
the files that `perform` writes. Pages, the engine and the command line find it; a finding is kept as a recording of its own.
"""

from collections.abc import Iterator, Mapping
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
    """Where a study works: what it may read, and the files of its finding."""

    store: Store
    where: torch.device
    writer: Writer

    def run(self, spec: RunSpec) -> Run:
        """Return a run that the study reads; it is there, for it was trained before the study began."""
        return Run.open(spec.key, self.store)

    def recording(self, spec: Spec) -> Recording:
        """Return the recording of one of the specs that the study needs."""
        recording = self.store.find(spec.key)
        if recording is None:
            raise UserError(f"{spec.title} vanished from the cache: raise GENMODELS_CACHE_GB, then try again")
        return recording

    def model(self, spec: RunSpec) -> Model:
        """Return its fitted model."""
        return self.run(spec).load_model(self.where)

    def data(self, dataset: str) -> Dataset:
        """Return a dataset, whole on the device."""
        return datasets.load(dataset, self.where)

    def rng(self, seed: int, purpose: str) -> torch.Generator:
        """Return a seeded generator of the study's own."""
        return device.generator(self.where, seed, purpose)

    def json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file of the finding; written again, it replaces what was there. Numbers must be finite: None is a dash."""
        self.writer.json(name, content)

    def tensors(self, name: str, content: Mapping[str, Tensor]) -> None:
        """Write a file of tensors."""
        self.writer.tensors(name, content)


class Study:
    """A recipe: `settings` and `runs` determine what it finds. `perform` takes no chance but from seeded generators."""

    name: ClassVar[str]
    title: ClassVar[str]
    version: ClassVar[int] = 1  # part of every key: raise it when equal settings find other numbers
    Settings: ClassVar[type[Config]]
    seconds: ClassVar[float]  # rough, on one core, before any was performed: what `estimate` tells unless it is defined anew

    def __init__(self, settings: Any, runs: tuple[RunSpec, ...]):
        self.settings, self.runs = settings, runs

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return runs and settings of each finding that a page opens with: `warm` makes them ahead."""
        return []

    def check(self) -> None:
        """Raise a one-line `UserError` where these settings or runs cannot be studied."""

    def needs(self) -> tuple[Spec, ...]:
        """Return the specs whose recordings must be there before it is performed, besides those of its runs."""
        return ()

    def estimate(self) -> float:
        """Return about how many seconds it takes on one core with these settings and runs, before any was performed."""
        return self.seconds

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Compute and write, yielding the share that is done, 0 to 1, often enough to be stopped: several times a second."""
        raise TypeError(f"{type(self).__name__} does not define perform")

    def one_dataset(self) -> str:
        """Return the dataset that all runs are of, or raise one line."""
        names = sorted({run.dataset for run in self.runs})
        if len(names) != 1:
            raise UserError(f"{self.name} compares runs of one dataset, got {', '.join(names) or 'no run'}: give runs of one")
        return names[0]
