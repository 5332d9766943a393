"""Estimates of p(x): by brute force, by the bound, by its gradients.

All are of one test digit, under probabilistic PCA of 2 to 64 latent dimensions, whose integral is known, or under a VAE of two,
whose integral is a sum over a grid of the plane.
"""

from genmodels.studies.likelihood.brute_force import BruteForce, BruteForceFinding
from genmodels.studies.likelihood.gradients import Gradients, GradientsFinding
from genmodels.studies.likelihood.identity import Identity, IdentityFinding

__all__ = ["BruteForce", "BruteForceFinding", "Gradients", "GradientsFinding", "Identity", "IdentityFinding"]
