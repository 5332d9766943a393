"""Runs: a spec determines a training, its recording is written once, everything else reads it."""

from genmodels.runs.run import Run, Stopped, catalogue, record, recording
from genmodels.runs.spec import MAX_SEED, RunSpec, Spec, default_specs

__all__ = ["MAX_SEED", "Run", "RunSpec", "Spec", "Stopped", "catalogue", "default_specs", "record", "recording"]
