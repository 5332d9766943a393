"""t-SNE (van der Maaten and Hinton 2008): openTSNE's Barnes-Hut descent in short stretches, the same map for the same seed.

It starts on the principal axes with learning rate N / exaggeration (Kobak and Berens 2019).
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
# Iterations, exaggeration of the attraction, momentum, and Barnes and Hut's theta. Lowering the exaggeration in steps ends at a
# lower divergence than lowering it at once; coarse at first and fine at last costs no more (benchmarks/tsne.py).
PHASES = ((150, 12, 0.8, 0.9), (75, 6, 0.8, 0.9), (75, 3, 0.8, 0.9), (75, 1.5, 0.8, 0.7), (250, 1, 0.8, 0.5), (75, 1, 0.8, 0.25))
STRETCH = 25  # iterations between two frames
PLACING, PLACING_STRETCH = 250, 50  # iterations that place further codes: openTSNE's default


@dataclass(frozen=True)
class Moment:
    """The map after so many iterations."""

    iteration: int
    progress: float  # 0 to 1
    y: Tensor  # (N, 2) float64


class Map:
    """A t-SNE of codes z (N, Z): `descend` iterates it, `divergence` measures it, `place` adds further codes to it."""

    def __init__(self, z: Tensor, perplexity: float, seed: int, start: Start = "principal axes"):
        flat = _flat(z)
        self.perplexity = allowed_perplexity(perplexity, len(flat))
        with threadpool_limits(1):
            self._affinities = PerplexityBasedNN(flat, self.perplexity, method="exact", n_jobs=1, random_state=seed)
            begin = initialization.random if start == "random" else initialization.pca
            self._embedding = TSNEEmbedding(
                begin(flat, random_state=seed), self._affinities, negative_gradient_method="bh", n_jobs=1, random_state=seed
            )

    def descend(self) -> Iterator[Moment]:
        """Iterate to the end, yielding the map after each stretch."""
        iteration, whole = 0, sum(phase[0] for phase in PHASES)
        yield self._moment(iteration, whole)
        for count, exaggeration, momentum, theta in PHASES:
            for _ in range(count // STRETCH):
                with threadpool_limits(1):
                    self._embedding.optimize(STRETCH, inplace=True, exaggeration=exaggeration, momentum=momentum, theta=theta)
                iteration += STRETCH
                yield self._moment(iteration, whole)

    def divergence(self) -> float:
        """Return the exact Kullback-Leibler divergence of the map from its affinities, nats."""
        return map_divergence(torch.from_numpy(self.affinities()), torch.from_numpy(np.array(self._embedding)))

    def affinities(self) -> np.ndarray:
        """Return the affinities p_ij, (N, N), of sum 1."""
        dense: np.ndarray = self._affinities.P.toarray()
        return dense

    def place(self, z: Tensor) -> Iterator[Moment]:
        """Yield places of codes z (M, Z) on the finished map, which does not change: openTSNE's `transform` in stretches."""
        with threadpool_limits(1):
            partial = self._embedding.prepare_partial(_flat(z), initialization="median", k=25, perplexity=5)
        for iteration in range(PLACING_STRETCH, PLACING + 1, PLACING_STRETCH):
            with threadpool_limits(1):
                partial.optimize(
                    PLACING_STRETCH, inplace=True, learning_rate=0.1, exaggeration=1.5, momentum=0.8, max_grad_norm=0.25
                )
            yield Moment(iteration, iteration / PLACING, torch.from_numpy(np.array(partial)))

    def _moment(self, iteration: int, whole: int) -> Moment:
        return Moment(iteration, iteration / whole, torch.from_numpy(np.array(self._embedding)))


def allowed_perplexity(perplexity: float, n: int) -> float:
    """Return the perplexity, at most what n codes allow: a third of the others."""
    return min(perplexity, max(1.0, (n - 1) / 3))


def _flat(z: Tensor) -> np.ndarray:
    """Return codes (N, Z) in float64, with a column of zeros where Z is 1: the principal axes need two dimensions."""
    flat = np.ascontiguousarray(z.cpu().double().numpy())
    return np.pad(flat, ((0, 0), (0, 1))) if flat.shape[1] < 2 else flat
