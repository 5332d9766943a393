"""The distribution of classes among generated examples, by the classifier behind a dataset's features.

It takes the logits of `features.Classifier`. The classifier's errors are in both histograms, so that they do not count.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.config import UserError

UNSEEN = 0.5  # examples added to each real class: an empty one then costs much, but a finite amount


@dataclass(frozen=True)
class ClassHistogram:
    """The frequencies of K classes among N generated examples and among real ones."""

    expected: Tensor  # (K,) of the real examples, with half an example added to each class
    observed: Tensor  # (K,) of the generated examples
    kl: float  # D(observed || expected), nats: 0 when equal, log K when all are of one of K equal classes
    kl_floor: float  # its expectation for N other real examples, if the real ones here are many more


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
    """Return the number of examples for which each class is the likeliest, (K,)."""
    if logits.ndim != 2 or not logits.numel():
        raise UserError(f"class histograms need logits (N, K), N and K at least 1, the {name} are {tuple(logits.shape)}: draw more")
    if not bool(torch.isfinite(logits).all()):
        raise UserError(f"class histograms: logits of the {name} examples hold NaN or infinity: leave that model out")
    return torch.bincount(logits.argmax(1), minlength=logits.shape[1]).double().cpu()
