"""Whether groups that were found are the known ones: the adjusted Rand index (Hubert and Arabie 1985)."""

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import UserError


def adjusted_rand(found: Tensor, labels: Tensor) -> float:
    """Return how far two groupings (N,) of the same examples agree about pairs: 1 wholly, 0 by chance, whatever their names."""
    if len(found) != len(labels) or len(found) < 2:
        raise UserError(f"the Rand index needs two groupings of the same examples, got {len(found)} and {len(labels)}")
    table = (F.one_hot(found.long()).double().T @ F.one_hot(labels.long()).double()).round()  # (groups, classes)
    both, of_found, of_labels = (_pairs(counts) for counts in (table, table.sum(1), table.sum(0)))
    by_chance = of_found * of_labels / _pairs(torch.tensor([len(found)]).double())
    most = (of_found + of_labels) / 2
    return 1.0 if most == by_chance else (both - by_chance) / (most - by_chance)  # one group each, or all alone: they agree


def _pairs(counts: Tensor) -> float:
    return float((counts * (counts - 1) / 2).sum())
