"""Metrics of latent codes: active dimensions, and accuracy of a nearest-neighbour classifier."""

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import UserError
from genmodels.metrics.base import check_features
from genmodels.metrics.parts.distances import Space

ACTIVE = 0.01  # variance over examples above which a latent dimension is active (Burda 2016)
K = 5  # neighbours that vote
SAME_DISTANCE = 1e-9  # distances that differ by a smaller fraction are equal up to rounding


def active_units(mu: Tensor) -> int:
    """Return how many dimensions of the posterior means mu (N, Z) are active: Var_x(E[z | x]) > .01."""
    (mu,) = check_features("the count of active units", 2, codes=mu)
    return int((mu.var(0) > ACTIVE).sum())


def knn_accuracy(z: Tensor, labels: Tensor, z_train: Tensor, train_labels: Tensor, k: int = K) -> float:
    """Return the k-nearest-neighbour accuracy of held-out codes (N, Z) among training codes (M, Z); ties go to the lowest class.

    Codes at the distance of the k-th share the remaining votes: a mixture's responsibilities are often exactly 0 and 1, and equally
    far. The floor is the same accuracy of raw data; the ceiling always predicts the largest class.
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
    n_ties = k - nearer.sum(1, keepdim=True)
    return nearer.double() @ member + n_ties / equal.sum(1, keepdim=True) * (equal.double() @ member)
