"""Maps of latent codes, and whether they can be trusted."""

from genmodels.studies.latents.study import LatentMap, Latents, LatentSeeds

__all__ = ["LatentMap", "LatentSeeds", "Latents"]
