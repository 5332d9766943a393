"""The metrics that compare features of generated and real examples: discovered by file."""

from functools import cache

from genmodels import registry
from genmodels.metrics.base import Metric


@cache
def metrics() -> dict[str, Metric]:
    """Return every metric by name."""
    return registry.discover("genmodels.metrics", Metric)
