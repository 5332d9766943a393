"""Estimates of p(x): by brute force, by the bound, by its gradients."""

from genmodels.studies.likelihood.study import BruteForce, Gradients, Identity

__all__ = ["BruteForce", "Gradients", "Identity"]
