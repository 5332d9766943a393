"""Copies of training examples, found by their distance: the data-copying test (Meehan, Chaudhuri and Dasgupta 2020).

A generator that has learnt the distribution lies as far from the training set as examples do that it never saw; one that has
learnt the training set by heart lies nearer. So does one that keeps to the thick of the data: look at the nearest pairs too.
"""

import torch
from torch import Tensor

from genmodels.metrics.base import Metric, check_features
from genmodels.metrics.parts.distances import Space

WHERE = "memorisation"


def nearest_training(x: Tensor, train: Tensor) -> tuple[Tensor, Tensor]:
    """Return the distance of each of x (N, F) from its nearest of the training features (M, F), and which that is, (N,) each."""
    space = Space(WHERE, 1, x, train)
    nearest = [distance.min(1) for distance in space.distances(space.fake, space.real)]
    return torch.cat([part.values for part in nearest]), torch.cat([part.indices for part in nearest])


def memorisation(fake: Tensor, test: Tensor, train: Tensor) -> float:
    """Return how often a generated example lies nearer to training than a held-out one, for features (N, F), (M, F) and (L, F).

    It is U / NM of Mann and Whitney's test, ties by half: .5 for a perfect generator, 1 for copies, 0 for noise.
    """
    check_features(WHERE, 2, fake=fake, test=test)
    of_fake, of_test = (nearest_training(x, train)[0].sort().values for x in (fake, test))
    nearer = torch.searchsorted(of_test, of_fake)  # (N,) how many held-out examples are, than each generated one
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
