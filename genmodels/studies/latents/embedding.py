"""t-SNE, watched while it iterates: openTSNE's Barnes-Hut descent in short stretches, from one seed always the same map.

Van der Maaten and Hinton (2008); start on the principal axes and learning rate N / exaggeration as Kobak and Berens (2019).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from openTSNE import TSNEEmbedding, initialization
from openTSNE.affinity import PerplexityBasedNN
from threadpoolctl import threadpool_limits
from torch import Tensor

from genmodels.metrics.embedding import map_divergence

Start = Literal["principal axes", "random"]
# Iterations, exaggeration of the attraction, momentum, and how coarse Barnes and Hut's approximation may be. Let go in steps, the
# dots come to rest lower than if all at once; coarse at first and fine at last, it costs no more (benchmarks/tsne.py).
PHASES = ((150, 12, 0.8, 0.9), (75, 6, 0.8, 0.9), (75, 3, 0.8, 0.9), (75, 1.5, 0.8, 0.7), (250, 1, 0.8, 0.5), (75, 1, 0.8, 0.25))
STRETCH = 25  # iterations between two looks
PLACING, PLACING_STRETCH = 250, 50  # iterations that place new codes, openTSNE's own number


@dataclass(frozen=True)
class Moment:
    """The map after so many iterations."""

    iteration: int
    share: float  # of all iterations
    y: Tensor  # (N, 2) float64


class Map:
    """A t-SNE of codes z (N, Z): `descend` makes it, `divergence` judges it, `place` lays further codes onto it."""

    def __init__(self, z: Tensor, perplexity: float, seed: int, start: Start = "principal axes"):
        flat = np.ascontiguousarray(z.cpu().double().numpy())
        if flat.shape[1] < 2:  # the principal axes need two
            flat = np.pad(flat, ((0, 0), (0, 1)))
        self.perplexity = allowed_perplexity(perplexity, len(flat))
        with threadpool_limits(1):
            self._affinities = PerplexityBasedNN(flat, self.perplexity, method="exact", n_jobs=1, random_state=seed)
            begin = initialization.random if start == "random" else initialization.pca
            self._embedding = TSNEEmbedding(
                begin(flat, random_state=seed), self._affinities, negative_gradient_method="bh", n_jobs=1, random_state=seed
            )

    def descend(self) -> Iterator[Moment]:
        """Iterate to the end, pausing after each stretch."""
        done, whole = 0, sum(phase[0] for phase in PHASES)
        yield self._moment(done, whole)
        for count, exaggeration, momentum, theta in PHASES:
            for _ in range(count // STRETCH):
                with threadpool_limits(1):
                    self._embedding.optimize(STRETCH, inplace=True, exaggeration=exaggeration, momentum=momentum, theta=theta)
                done += STRETCH
                yield self._moment(done, whole)

    def divergence(self) -> float:
        """Return the exact Kullback-Leibler divergence of the map from its affinities, nats."""
        return map_divergence(torch.from_numpy(self.affinities()), torch.from_numpy(np.array(self._embedding)))

    def affinities(self) -> np.ndarray:
        """Return the affinities p_ij, (N, N), of sum 1."""
        dense: np.ndarray = self._affinities.P.toarray()
        return dense

    def place(self, z: Tensor) -> Iterator[Moment]:
        """Lay codes z (M, Z) onto the finished map, which stays as it is: openTSNE's `transform`, with pauses."""
        flat = np.ascontiguousarray(z.cpu().double().numpy())
        if flat.shape[1] < 2:
            flat = np.pad(flat, ((0, 0), (0, 1)))
        with threadpool_limits(1):
            placed = self._embedding.prepare_partial(flat, initialization="median", k=25, perplexity=5)
        for done in range(PLACING_STRETCH, PLACING + 1, PLACING_STRETCH):
            with threadpool_limits(1):
                placed.optimize(
                    PLACING_STRETCH, inplace=True, learning_rate=0.1, exaggeration=1.5, momentum=0.8, max_grad_norm=0.25
                )
            yield Moment(done, done / PLACING, torch.from_numpy(np.array(placed)))

    def _moment(self, done: int, whole: int) -> Moment:
        return Moment(done, done / whole, torch.from_numpy(np.array(self._embedding)))


def allowed_perplexity(perplexity: float, n: int) -> float:
    """Return the perplexity, or where n codes are too few for it the largest that they allow: a third of the others."""
    return min(perplexity, max(1.0, (n - 1) / 3))
