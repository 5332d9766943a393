"""Pictures beside the scores: of bins that samples fill wrongly, and of samples that may be copies."""

import torch
from torch import Tensor

from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.metrics.bins import BinScores, compare_counts
from genmodels.studies.scores import reference
from genmodels.studies.scores.finding import BinPictures, BinShares, NearestPairs, Regions, Shares
from genmodels.studies.scores.measures import Yardstick

SHOWN_BINS, PER_BIN, N_PAIRS = 6, 4, 12  # bins shown as rare and as frequent, pictures of each; nearest pairs


def bin_shares(x: Tensor, scores: BinScores, by: Yardstick) -> BinShares:
    """Return how samples (N, *shape) fill the bins, with pictures of the worst, or for points with the regions of the plane."""
    order = scores.z.argsort(stable=True)
    rare = [int(i) for i in order if scores.rare()[i]][:SHOWN_BINS]
    frequent = [int(i) for i in order.flip(0) if scores.frequent()[i]][:SHOWN_BINS]
    return BinShares(
        shares=_shares(scores),
        rare=_pictures(rare, by.data.train, by),
        frequent=_pictures(frequent, x, by),
        regions=None if by.data.source.is_image else _regions(x, scores, by),
    )


def nearest_pairs(x: Tensor, data: Dataset) -> NearestPairs:
    """Return the pictures of x (N, C, H, W) nearest to the training set, each with its nearest training picture."""
    distances, which, order = reference.nearest(data, x)
    return NearestPairs(distances.tolist(), to_bytes(x[order[:N_PAIRS]]), to_bytes(data.train[which[:N_PAIRS]]))


def _shares(scores: BinScores) -> Shares:
    return Shares(scores.expected.tolist(), scores.observed.tolist(), scores.z.tolist())


def _regions(x: Tensor, scores: BinScores, by: Yardstick) -> Regions:
    """Return the shares of training points and of samples (N, 2) nearest to each mode where modes are known, else of each bin."""
    modes = by.data.source.modes
    if modes is None:
        centres = by.bins.centres
        return Regions("bin", centres[:, 0].tolist(), centres[:, 1].tolist(), _shares(scores))
    centres = modes.to(x.device).double()
    train, samples = (torch.cdist(points.double(), centres).argmin(1) for points in (by.data.train, x))
    scores = compare_counts(*(torch.bincount(which, minlength=len(centres)) for which in (train, samples)))
    return Regions("mode", centres[:, 0].tolist(), centres[:, 1].tolist(), _shares(scores))


def _pictures(bins: list[int], examples: Tensor, by: Yardstick) -> BinPictures:
    if not bins or not by.data.source.is_image:
        return BinPictures(bins, None)
    return BinPictures(bins, to_bytes(torch.stack([_of_bin(examples, by, index) for index in bins])))


def _of_bin(examples: Tensor, by: Yardstick, index: int) -> Tensor:
    """Return the PER_BIN examples of a bin nearest to its centre; where there are fewer, the last is repeated."""
    inside = examples[by.bins.assign(examples) == index]
    distance = (inside.double() - by.bins.centres[index]).flatten(1).norm(dim=1)
    return inside[distance.argsort(stable=True)][torch.arange(PER_BIN, device=inside.device).clamp(max=len(inside) - 1)]
