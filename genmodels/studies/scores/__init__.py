"""Scores of one run, and what real examples and noise read beside them."""

from genmodels.studies.scores.reference import Reference
from genmodels.studies.scores.study import Scores

__all__ = ["Reference", "Scores"]
