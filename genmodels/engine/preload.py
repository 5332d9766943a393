"""What pages open with, made before anybody asks: the runs of one budget, and the findings that studies name as their openings."""

import sys
from collections.abc import Collection
from functools import partial
from typing import Any

from tqdm import tqdm

from genmodels import models, runs, studies
from genmodels.config import Budget
from genmodels.runs import RunSpec, history
from genmodels.store import Recording, Store
from genmodels.studies import findings
from genmodels.studies.findings import StudySpec

# What the shipped course opens besides: faces at a minute each.
COURSE = [RunSpec.make("sketch-faces", model, budget="standard") for model in models.OPENING]


def opening(datasets: Collection[str], budget: Budget) -> list[RunSpec | StudySpec]:
    """Return all that pages open with on these datasets, or on none: every model's run, the course's, then findings."""
    openings = [(name, *one) for name, kind in studies.studies().items() for one in kind.opening()]
    wanted = [StudySpec.make(*one) for one in openings if {run.dataset for run in one[1]} <= set(datasets)]
    first = [spec for name in datasets for spec in runs.default_specs(name, budget)]
    first += [spec for spec in COURSE if spec.dataset in datasets]
    specs: list[RunSpec | StudySpec] = [*first, *(run for spec in wanted for run in spec.runs), *wanted]
    return list({spec.key: spec for spec in specs}.values())


def title(spec: RunSpec | StudySpec) -> str:
    """Return what it is in a few words."""
    if isinstance(spec, RunSpec):
        return f"{spec.model} on {spec.dataset}" + _settings(spec.changed)
    of = f" of {', '.join(run.model for run in spec.runs)} on {spec.runs[0].dataset}" if spec.runs else ""
    fields = type(spec.settings).model_fields
    return spec.study + of + _settings({n: v for n, v in spec.settings.model_dump().items() if v != fields[n].default})


def make(spec: RunSpec | StudySpec, store: Store) -> tuple[bool, Recording]:
    """Return whether it was there, and its recording, made with a bar on the terminal if it was not."""
    if there := store.find(spec.key):
        return True, there
    total = spec.steps if isinstance(spec, RunSpec) else 1.0
    form = {} if isinstance(spec, RunSpec) else {"bar_format": "{l_bar}{bar}| {elapsed}<{remaining}"}
    about = f", about {history.estimate(spec, store).seconds:.0f} s" if isinstance(spec, RunSpec) else ""
    with tqdm(total=total, desc=title(spec) + about, unit="step", leave=False, disable=not sys.stderr.isatty(), **form) as bar:
        forward = partial(_forward, bar)
        if isinstance(spec, StudySpec):
            return False, findings.perform(spec, store, on_share=forward)
        runs.record(spec, store, on_step=forward)
    return False, runs.Run.open(spec.key, store).recording


def _forward(bar: Any, done: float) -> None:
    bar.update(done - bar.n)


def _settings(changed: dict[str, Any]) -> str:
    return "".join(f" {name}={value}" for name, value in changed.items())
