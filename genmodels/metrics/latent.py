"""What is in a code: how many of its dimensions are in use, and whether examples with like codes are of one class."""

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import UserError
from genmodels.metrics.base import check_features
from genmodels.metrics.parts.distances import Space

ACTIVE = 0.01  # the variance over examples from which a latent dimension counts as active (Burda 2016)
K = 5  # neighbours that vote
SAME_DISTANCE = 1e-9  # distances that differ by a smaller share of theirs are equal but for rounding


def active_units(mu: Tensor) -> int:
    """Return how many dimensions of the posterior means mu (N, Z) are active: Var_x(E[z | x]) > .01."""
    (mu,) = check_features("the count of active units", 2, codes=mu)
    return int((mu.var(0) > ACTIVE).sum())


def knn_accuracy(z: Tensor, labels: Tensor, z_train: Tensor, train_labels: Tensor, k: int = K) -> float:
    """Return how often the k nearest training codes (M, Z) vote for the class of a held-out code (N, Z); of a tie the lowest wins.

    Codes as far as the k-th share the votes that are left: the responsibilities of a mixture are often 0 and 1 alone, and of equal
    codes none is nearer. The same of raw pixels, z and z_train flat pictures, is what a code is held against; chance is the largest
    class's share.
    """
    if len(z) != len(labels) or len(z_train) != len(train_labels):
        raise UserError(
            "the accuracy of codes needs a label for each, got "
            f"{len(labels)} for {len(z)} and {len(train_labels)} for {len(z_train)}"
        )
    space = Space(f"the accuracy of codes with k = {k}", k, z, z_train, least_fake=1)
    member = F.one_hot(train_labels).double()  # (M, classes)
    votes = torch.cat([_votes(distance, member, k) for distance in space.distances(space.fake, space.real)])
    tie_break = torch.linspace(0, -0.5 / len(z_train), votes.shape[1], device=votes.device)  # votes differ by 1/M or not at all
    return float(((votes + tie_break).argmax(1) == labels).double().mean())


def _votes(distance: Tensor, member: Tensor, k: int) -> Tensor:
    """Return the k votes of each row of distances (B, M) for the classes of `member` (M, classes)."""
    last = distance.topk(k, largest=False).values[:, -1:]
    nearer, equal = distance < last * (1 - SAME_DISTANCE), (distance / last - 1).abs() <= SAME_DISTANCE
    left = k - nearer.sum(1, keepdim=True)
    return nearer.double() @ member + left / equal.sum(1, keepdim=True) * (equal.double() @ member)
