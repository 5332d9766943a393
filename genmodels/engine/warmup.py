"""Importing this module loads all that a training needs. Workers are forked from a process that has done so."""

from typing import Any

from genmodels import datasets, device, models, studies  # noqa: F401 - findings is loaded, not used
from genmodels.engine import paused  # noqa: F401 - findings is loaded, not used
from genmodels.studies import findings  # noqa: F401 - findings is loaded, not used

device.limit_threads()
datasets.sources()
models.models()
studies.studies()


def dask_teardown(worker: Any) -> None:
    """Remove half-written recordings when the worker ends in order."""
    paused.close_all(for_good=True)
