"""Views of the latent space: the scene that all maps share, the maps, and their words."""
