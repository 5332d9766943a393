"""Sources of pictures in the gallery: what they are called, and what tells two runs of one model apart."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

from genmodels.metrics.parts.edits import Edit
from genmodels.metrics.parts.rebuild import Code, Rebuilt
from genmodels.runs import RunSpec


@dataclass(frozen=True)
class Source:
    """Where a row of pictures comes from: a run, an edit, or the test set itself."""

    name: str
    title: str
    kind: Literal["model", "edit", "real"]
    how: str  # how the pictures were made, in words
    model: str = ""  # the name of the model
    run: int | None = None  # its index among the study's runs
    code: Code = ""

    @property
    def correlated(self) -> bool:
        """Whether the models' correlation includes this source: an invertible model rebuilds anything, so it is left out."""
        return self.kind == "model" and self.code != "invertible"


def source_of_run(index: int, runs: tuple[RunSpec, ...], rebuilt: Rebuilt, n_ways: int) -> Source:
    """Return the source of one run's reconstructions in one of its `n_ways` ways."""
    run = runs[index]
    name = f"{run.model}{index}" if _several(run, runs) else run.model
    name += "-search" if rebuilt.code == "searched" and n_ways > 1 else ""
    title = ", ".join(filter(None, (title_of_run(run, runs), rebuilt.code)))
    return Source(name, title, "model", rebuilt.how, run.model, index, rebuilt.code)


def source_of_edit(edit: Edit) -> Source:
    """Return the source of an edit; the edit that changes nothing gives the real pictures."""
    return Source(edit.name, edit.title, "real" if edit.name == "identity" else "edit", edit.about)


def title_of_run(run: RunSpec, runs: tuple[RunSpec, ...]) -> str:
    """Return the model's title, followed by the changed settings where one model has several runs."""
    changes = ", ".join(f"{type(run.settings).knobs()[name].label} {_short(value)}" for name, value in run.changed.items())
    return f"{run.kind.title}, {changes or 'as preset'}" if _several(run, runs) else run.kind.title


def _several(run: RunSpec, runs: tuple[RunSpec, ...]) -> bool:
    return Counter(other.model for other in runs)[run.model] > 1


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
