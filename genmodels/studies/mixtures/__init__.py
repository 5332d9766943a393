"""Gaussian mixtures: how many components, and what they are good for."""

from genmodels.studies.mixtures.study import Mixtures
from genmodels.studies.mixtures.uses import MixtureUses

__all__ = ["MixtureUses", "Mixtures"]
