"""Findings about a latent space: the codes with their principal axes, a t-SNE while it descends and at its end, nine small maps."""

from dataclasses import dataclass

from torch import Tensor

from genmodels.studies.finding import Finding


@dataclass(frozen=True)
class Codes:
    """Codes of N examples."""

    z: Tensor  # (N, Z)
    x_hat: Tensor  # (N, *shape) the examples that they decode to: pictures uint8, points float32
    axes: Tensor  # (N, 2) float64, coordinates on the two widest principal axes of the test examples' codes


@dataclass(frozen=True)
class ClassAccuracy:
    """How often the nearest training codes vote for a test example's class."""

    codes: float
    raw: float  # by pixels or points instead of codes
    n_neighbours: int
    n_train: int


@dataclass(frozen=True, eq=False)
class LatentSpace(Finding):
    """Codes of test examples, codes from the prior, and how much of the class is in a code."""

    stem = "latents"

    dimensions: int  # of a code
    variance: list[float]  # shares of the total variance along the two axes
    neighbours_kept: float  # share of each code's nearest neighbours that are its nearest on the two axes
    test: Codes
    prior: Codes | None  # of a mixture, its samples and their codes; None for a model without samples
    accuracy: ClassAccuracy | None  # None for data without classes


@dataclass(frozen=True, eq=False)
class Descent(Finding):
    """The frames of a t-SNE so far; written while it descends."""

    stem = "descent"

    n: int  # real examples; in a joint map as many samples follow them
    iterations: list[int]  # of each frame
    frames: Tensor  # (T, N, 2)


@dataclass(frozen=True, eq=False)
class MapSummary(Finding):
    """What is known of a t-SNE once it has ended."""

    stem = "map"

    divergence: float  # Kullback-Leibler divergence of the last frame from the affinities, nats
    neighbours_kept: float
    perplexity: float
    prior: Tensor | None  # (P, 2) where codes from the prior lie on the last frame
    samples: Tensor | None  # (N, *shape) the samples in a joint map: pictures uint8, points float32


@dataclass(frozen=True)
class SmallMap:
    """One map of the same codes."""

    perplexity: float
    seed: int
    divergence: float  # nats
    neighbours_kept: float
    y: Tensor  # (N, 2)


@dataclass(frozen=True, eq=False)
class SmallMaps(Finding):
    """Maps from several random starts at several perplexities."""

    stem = "maps"

    maps: list[SmallMap]
