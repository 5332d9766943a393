"""How each model fails, on demand, and what mends it."""

from genmodels.studies.failures.study import Failures

__all__ = ["Failures"]
