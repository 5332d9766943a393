"""Memorisation of training examples: the data-copying test (Meehan, Chaudhuri and Dasgupta 2020).

Samples of a perfect generator are as far from the training set as held-out examples; those of one that memorised it are nearer. So
are those of one that samples only from dense regions: look at the nearest pairs too.
"""

import torch
from torch import Tensor

from genmodels.metrics.base import Metric, check_features
from genmodels.metrics.parts.distances import Space

WHERE = "memorisation"


def nearest_training(x: Tensor, train: Tensor) -> tuple[Tensor, Tensor]:
    """Return the distance of each of x (N, F) to the nearest training features (M, F), and its index, (N,) each."""
    space = Space(WHERE, 1, x, train)
    nearest = [distance.min(1) for distance in space.distances(space.fake, space.real)]
    return torch.cat([part.values for part in nearest]), torch.cat([part.indices for part in nearest])


def memorisation(fake: Tensor, test: Tensor, train: Tensor) -> float:
    """Return how often a generated example lies nearer to training than a held-out one, for features (N, F), (M, F) and (L, F).

    It is U / NM of the Mann-Whitney test, ties counting half: .5 for a perfect generator, 1 for copies, 0 for noise.
    """
    check_features(WHERE, 2, fake=fake, test=test)
    of_fake, of_test = (nearest_training(x, train)[0].sort().values for x in (fake, test))
    nearer = torch.searchsorted(of_test, of_fake)  # (N,) held-out examples nearer than each generated one
    farther = len(of_test) - torch.searchsorted(of_test, of_fake, right=True)
    return float((farther - nearer).double().mean() / len(of_test) + 1) / 2


memorised = Metric(
    name="memorisation",
    title="Memorisation",
    better="nearer",
    ideal=0.5,
    about="How often a generated example lies nearer to the training set than a held-out one; 1 if all are copies.",
    compute=lambda fake, test, train, rng: memorisation(fake, test, train),
)
