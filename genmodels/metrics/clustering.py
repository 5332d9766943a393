"""Agreement of a clustering with known classes: the adjusted Rand index (Hubert and Arabie 1985)."""

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels.config import UserError


def adjusted_rand(groups: Tensor, labels: Tensor) -> float:
    """Return the agreement of two groupings (N,) about pairs of examples: 1 for equal ones, 0 by chance, whatever the labels."""
    if len(groups) != len(labels) or len(groups) < 2:
        raise UserError(f"the Rand index needs two groupings of the same examples, got {len(groups)} and {len(labels)}")
    table = (F.one_hot(groups.long()).double().T @ F.one_hot(labels.long()).double()).round()  # (groups, classes)
    both, of_groups, of_labels = (_pairs(counts) for counts in (table, table.sum(1), table.sum(0)))
    expected = of_groups * of_labels / _pairs(torch.tensor([len(groups)]).double())
    most = (of_groups + of_labels) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)  # one group each, or all singletons: they agree


def _pairs(counts: Tensor) -> float:
    return float((counts * (counts - 1) / 2).sum())
