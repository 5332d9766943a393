"""Which classes a model draws too rarely or too often, as the classifier behind a dataset's features names them.

It takes logits, which `features.Classifier` gives. Its mistakes are in both histograms, so they do not count as the model's.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.config import UserError

UNSEEN = 0.5  # examples added to each real class: one that no real example has then costs much, and not without bound


@dataclass(frozen=True)
class ClassHistogram:
    """How often N generated examples are of each of K classes, beside real ones."""

    expected: Tensor  # (K,) shares of the real examples, half an example added to each class
    observed: Tensor  # (K,) shares of the generated ones
    kl: float  # D(observed || expected), nats: 0 when equal, log K when all are of one of K equal classes
    kl_floor: float  # what it is on average for N other real examples, if the real ones here are many more


def class_histogram(fake_logits: Tensor, real_logits: Tensor) -> ClassHistogram:
    """Return the histograms of the likeliest classes by logits (N, K) and (M, K), and their divergence."""
    fake, real = (_counts(name, x) for name, x in (("generated", fake_logits), ("real", real_logits)))
    if len(fake) != len(real):
        raise UserError(f"class histograms need logits of one classifier, got {len(fake)} and {len(real)} classes")
    observed = fake / fake.sum()
    expected = (real + UNSEEN) / (real + UNSEEN).sum()
    kl = (torch.special.xlogy(observed, observed) - torch.special.xlogy(observed, expected)).sum()
    return ClassHistogram(expected, observed, float(kl.clamp(min=0)), (len(fake) - 1) / (2 * len(fake_logits)))


def _counts(name: str, logits: Tensor) -> Tensor:
    """Return how many examples each class is likeliest for, (K,)."""
    if logits.ndim != 2 or not logits.numel():
        raise UserError(f"class histograms need logits (N, K), N and K at least 1, the {name} are {tuple(logits.shape)}: draw more")
    if not bool(torch.isfinite(logits).all()):
        raise UserError(f"class histograms: logits of the {name} examples hold NaN or infinity: leave that model out")
    return torch.bincount(logits.argmax(1), minlength=logits.shape[1]).double().cpu()
