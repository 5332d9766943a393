"""What models share: networks, losses, the search for codes, the GAN's game, the amount of work."""
