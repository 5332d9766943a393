"""How much of a code is in use."""

from torch import Tensor

ACTIVE = 0.01  # the variance over examples from which a latent dimension counts as active (Burda 2016)


def active_units(mu: Tensor) -> int:
    """Return how many dimensions of the posterior means mu (N, Z) are active: Var_x(E[z | x]) > .01."""
    return int((mu.double().var(0) > ACTIVE).sum())
