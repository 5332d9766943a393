"""Statistically different bins: NDB and JS (Richardson and Weiss 2018, "On GANs and GMMs").

The training set is divided into K bins, the cells of its k-means centres. Samples of the same distribution fill them in proportion,
up to sampling noise: 5 % of the bins differ significantly at level .05, and the Jensen-Shannon divergence is near its floor. Small
bins overfit the training set: below about a hundred examples each, other real data read somewhat above the floor.
"""

import math
import warnings
from dataclasses import dataclass

import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits
from torch import Tensor

from genmodels.config import UserError

N_BINS = 100
AT_LEVEL_05 = 1.959964  # standard errors of the two-sided test at .05; the published MNIST figures use 3
AT_ONCE = 4096  # examples compared with all centres at a time


@dataclass(frozen=True)
class Bins:
    """The cells of K centres in a training set, largest first, with the number of its examples in each."""

    centres: Tensor  # (K, *shape), in data units
    counts: Tensor  # (K,) training examples in each
    scale: Tensor  # (D,): values are divided by it before computing distances

    def assign(self, x: Tensor) -> Tensor:
        """Return the bin of each of x (N, *shape), N at least 1, (N,)."""
        _check(x)
        scale, centres = self.scale.to(x.device), self.centres.flatten(1).to(x.device)
        middle = centres.mean(0)  # distances about it are rounded less
        places, parts = (centres - middle) / scale, x.flatten(1).split(AT_ONCE)
        return torch.cat([torch.cdist((part.double() - middle) / scale, places).argmin(1) for part in parts])

    def count(self, x: Tensor) -> Tensor:
        """Return the number of examples x (N, *shape) in each bin, (K,)."""
        return torch.bincount(self.assign(x), minlength=len(self.centres))


@dataclass(frozen=True)
class BinScores:
    """The bins of a training set, filled by samples."""

    expected: Tensor  # (K,) shares of the training examples
    observed: Tensor  # (K,) shares of the samples
    z: Tensor  # (K,) observed - expected in standard errors under the null hypothesis
    js: float  # Jensen-Shannon divergence of the two, nats: from 0 to log 2
    js_floor: float  # its expectation for as many new examples of the training distribution

    def rare(self, standard_errors: float = AT_LEVEL_05) -> Tensor:
        """Return which bins have significantly too few samples, (K,) bool."""
        return self.z < -standard_errors

    def frequent(self, standard_errors: float = AT_LEVEL_05) -> Tensor:
        """Return which bins have significantly too many samples, (K,) bool."""
        return self.z > standard_errors

    def ndb(self, standard_errors: float = AT_LEVEL_05) -> int:
        """Return the number of statistically different bins; its expectation for real data is `ndb_floor`."""
        return int((self.z.abs() > standard_errors).sum())

    def ndb_floor(self, standard_errors: float = AT_LEVEL_05) -> float:
        """Return the expected number of different bins for new examples of the training distribution."""
        return len(self.z) * math.erfc(standard_errors / math.sqrt(2))


def training_bins(train: Tensor, rng: torch.Generator, n_bins: int = N_BINS, whiten: bool = False) -> Bins:
    """Return the k-means bins of train (N, *shape); `whiten` divides each value by its standard deviation first.

    Pixels that hardly vary, such as a digit's border, dominate whitened distances: the paper's MNIST bins are not whitened.
    """
    _check(train)
    if len(train) < n_bins:
        raise UserError(f"{n_bins} bins need at least as many training examples, there are {len(train)}: take fewer bins")
    x = train.flatten(1).double()
    mean, spread = x.mean(0), x.std(0)
    scale = spread + 1e-6 * spread.max() if whiten else torch.ones_like(spread)
    seed = int(torch.randint(2**31 - 1, (1,), generator=rng, device=rng.device))
    means = KMeans(n_bins, n_init=1, max_iter=100, random_state=seed)
    with threadpool_limits(1), warnings.catch_warnings():  # more threads would spin, waiting for each other, on a busy machine
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different examples than bins: some stay empty
        cluster_centres = means.fit(((x - mean) / scale).float().cpu().numpy()).cluster_centers_
    centres = (torch.as_tensor(cluster_centres, dtype=torch.float64).to(x.device) * scale + mean).reshape(-1, *train.shape[1:])
    bins = Bins(centres, torch.zeros(n_bins), scale)
    counts, order = bins.count(train).sort(descending=True, stable=True)
    return Bins(centres[order], counts, scale)


def bin_scores(bins: Bins, samples: Tensor) -> BinScores:
    """Return the scores of samples (N, *shape): a two-proportion z-test for each bin and a divergence for all."""
    return compare_counts(bins.counts, bins.count(samples))


def compare_counts(train: Tensor, samples: Tensor) -> BinScores:
    """Return the scores of two histograms, counts (K,) each."""
    train, samples = train.double().cpu(), samples.double().cpu()
    n_train, n = train.sum(), samples.sum()
    p, q = train / n_train, samples / n
    pooled = (train + samples) / (n_train + n)
    error = (pooled * (1 - pooled) * (1 / n_train + 1 / n)).sqrt()
    z = torch.where(error > 0, (q - p) / error, 0.0)  # bins that are empty in both do not differ
    middle = (p + q) / 2
    # x log(x / middle) is x log x - x log middle, and 0 where x is 0.
    js = (torch.special.xlogy(p, p) + torch.special.xlogy(q, q)).sum() / 2 - torch.special.xlogy(middle, middle).sum()
    return BinScores(p, q, z, float(js.clamp(min=0)), (len(p) - 1) / 8 * float(1 / n_train + 1 / n))


def _check(x: Tensor) -> None:
    if not len(x) or not bool(torch.isfinite(x).all()):
        raise UserError(f"bins need 1 or more examples, none of them NaN or infinite, got {len(x)}: leave that model out")
