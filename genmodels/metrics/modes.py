"""Mode coverage of two-dimensional mixtures, by the protocol of VEEGAN (Srivastava 2017) and PacGAN (Lin 2018)."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.metrics.base import check_features

REACH = 3.0  # a sample is of high quality within this many standard deviations of its nearest mode


@dataclass(frozen=True)
class ModeCoverage:
    """The coverage of K modes by samples."""

    captured: int  # modes with at least one high-quality sample
    total: int
    high_quality: float  # share of samples; 1 - exp(-4.5) = .98889 for the true density
    reverse_kl: float  # log K - entropy of the high-quality histogram, nats; (K - 1) / 2N is its floor


def mode_coverage(samples: Tensor, modes: Tensor, std: float) -> ModeCoverage:
    """Return the coverage of `modes` (K, 2), each with standard deviation `std`, by `samples` (N, 2)."""
    samples, modes = check_features("mode coverage", 1, samples=samples, modes=modes.to(samples.device))
    distance, nearest = torch.cdist(samples, modes, compute_mode="donot_use_mm_for_euclid_dist").min(1)  # exact far from zero
    good = nearest[distance <= REACH * std]
    counts = torch.bincount(good, minlength=len(modes)).double()
    frequencies = counts / counts.sum().clamp(min=1)
    entropy = -float(torch.special.xlogy(frequencies, frequencies).sum())
    return ModeCoverage(int((counts > 0).sum()), len(modes), len(good) / len(samples), math.log(len(modes)) - entropy)
