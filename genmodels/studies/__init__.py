"""The studies, discovered by file: computations on recordings, whose findings are recorded too."""

from functools import cache

from genmodels import registry
from genmodels.studies.base import Study


@cache
def studies() -> dict[str, type[Study]]:
    """Return every study by name."""
    return registry.discover("genmodels.studies", Study)


def study(name: str) -> type[Study]:
    """Return the study called `name`, or raise one line that lists what there is."""
    return registry.lookup(studies(), name, "study")
