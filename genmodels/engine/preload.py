"""Makes recordings before a viewer asks: what pages open with (runs of one budget, openings of studies), then their neighbours."""

import sys
from collections.abc import Collection
from typing import Any

from tqdm import tqdm

from genmodels import runs, studies
from genmodels.config import Budget
from genmodels.runs import RunSpec, Spec
from genmodels.store import Recording, Store
from genmodels.studies.findings import StudySpec

# What the shipped course opens besides: faces at a minute each.
COURSE = [RunSpec.make("sketch-faces", model, budget="standard") for model in ("gmm", "vae", "gan")]


def opening(datasets: Collection[str], budget: Budget) -> list[Spec]:
    """Return all that pages open with on these datasets, or on none: every model's run, the course's, then findings."""
    openings = [(name, *one) for name, kind in studies.studies().items() for one in kind.opening()]
    findings = [StudySpec.make(*one) for one in openings if {run.dataset for run in one[1]} <= set(datasets)]
    specs: list[Spec] = [spec for name in datasets for spec in runs.default_specs(name, budget)]
    specs += [spec for spec in COURSE if spec.dataset in datasets]
    specs += [*(run for spec in findings for run in spec.runs), *findings]
    return list({spec.key: spec for spec in specs}.values())


def ahead(datasets: Collection[str]) -> list[Spec]:
    """Return what the pages' controls lead to next, on these datasets or on none: neighbours of the openings, with their runs."""
    nearby = [(name, *one) for name, kind in studies.studies().items() for one in kind.ahead()]
    findings = [StudySpec.make(*one) for one in nearby if {run.dataset for run in one[1]} <= set(datasets)]
    specs: list[Spec] = [each for spec in findings for each in (*spec.runs, spec)]
    return list({spec.key: spec for spec in specs}.values())


def make(spec: Spec, store: Store) -> tuple[bool, Recording]:
    """Return whether the recording was there, and the recording; it is made now if needed, with a progress bar on a terminal."""
    if recording := store.find(spec.key):
        return True, recording
    total = spec.steps or 1
    form: dict[str, Any] = {} if spec.steps else {"bar_format": "{l_bar}{bar}| {elapsed}<{remaining}"}
    title = f"{spec.label}, about {spec.estimate(store):.0f} s"
    with tqdm(total=total, desc=title, unit="step", leave=False, disable=not sys.stderr.isatty(), **form) as bar:
        return False, runs.record(spec, store, on_progress=lambda progress: bar.update(progress * total - bar.n))
