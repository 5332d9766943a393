"""One network preset for pictures, shared by autoencoder and VAE, so that only their losses differ."""

from typing import Any

from genmodels.config import Budget
from genmodels.datasets.base import Source


def code_net(source: Source, budget: Budget) -> dict[str, Any]:
    """Return network, noise and updates for pictures. Without noise a long run overfits a few thousand examples.

    Measurements: `benchmarks/README.md`. Small batches and large steps gain most: VAE on MNIST in 10 s, test ELBO 402 to 452
    nats; on sketch-faces in a minute, Fréchet ratio 30 to 21. At a rate of 4e-3 a long run of four layers diverged.
    """
    if not source.is_large:
        noise, steps = {"quick": (0.05, 2500), "standard": (0.1, 8000), "thorough": (0.1, 8000)}[budget]
        return {"latent_dim": 8, "hidden_dim": 256, "depth": 3, "noise": noise, "steps": steps}
    noise, rate, steps = {"quick": (0.05, 3e-3, 2300), "standard": (0.1, 3e-3, 11_000), "thorough": (0.1, 2e-3, 45_000)}[budget]
    net = {"latent_dim": 16, "hidden_dim": 256, "depth": 3, "learning_rate": rate, "batch_size": 64, "steps": steps}
    if source.ink:
        return net | {"noise": noise}  # a face's soft shades would drown in it: their ELBO falls by a fifth
    # In ten seconds codes do not match the prior yet; tanh copes better with codes that differ from training codes (33 to 19).
    return net | {"activation": "tanh" if budget == "quick" else "silu"}
