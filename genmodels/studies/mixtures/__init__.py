"""Gaussian mixtures: how many components, and what they are good for."""

from genmodels.studies.mixtures.study import Curve, Fit, Mixtures
from genmodels.studies.mixtures.uses import MixtureUses, UsesFinding

__all__ = ["Curve", "Fit", "MixtureUses", "Mixtures", "UsesFinding"]
