"""How each model fails, on demand, and what mends it."""

from genmodels.studies.failures.study import FailureFinding, Failures

__all__ = ["FailureFinding", "Failures"]
