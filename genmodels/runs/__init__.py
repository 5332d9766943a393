"""Runs: a spec determines a training, its recording is written once, everything else reads it."""

import sys
from types import ModuleType

from genmodels.runs.run import Run, catalogue
from genmodels.runs.spec import MAX_SEED, RunSpec, Spec, default_specs
from genmodels.runs.work import Stopped, record
from genmodels.store import Place, Store

__all__ = ["MAX_SEED", "Run", "RunSpec", "Spec", "Stopped", "catalogue", "default_specs", "record"]


class Listing(ModuleType):
    """This package, which lists the finished runs when it is called: `genmodels.runs()`."""

    def __call__(self, store: Place | None = None) -> list[Run]:
        """Return the finished runs in a store, by default that of GENMODELS_CACHE, the latest finished first."""
        return catalogue(Store.of(store))


sys.modules[__name__].__class__ = Listing
