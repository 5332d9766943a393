"""Nearest-neighbour metrics: precision, recall and realism (Kynkäänniemi 2019), density and coverage (Naeem 2020).

Each example has a closed ball whose radius is the distance to its k-th nearest other example of its own set; the union of a set's
balls estimates the support of its distribution.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from genmodels.metrics.base import Metric
from genmodels.metrics.parts.distances import Space

K_PRECISION, K_DENSITY = 3, 5  # as in the papers
ROUNDING = 1 + 1e-9  # tolerance for equal distances


@dataclass(frozen=True)
class PrecisionRecall:
    """The fraction of generated examples inside the real balls, and of real ones inside the generated balls."""

    precision: float
    recall: float


@dataclass(frozen=True)
class DensityCoverage:
    """Real balls that contain a generated example, divided by k, on average; fraction of real balls that contain one."""

    density: float
    coverage: float


def precision_recall(fake: Tensor, real: Tensor, k: int = K_PRECISION) -> PrecisionRecall:
    """Return both for features (N, F) and (M, F)."""
    return all_four(fake, real, k, f"precision and recall with k = {k}")[0]


def density_coverage(fake: Tensor, real: Tensor, k: int = K_DENSITY) -> DensityCoverage:
    """Return both for features (N, F) and (M, F)."""
    return all_four(fake, real, k, f"density and coverage with k = {k}")[1]


def all_four(fake: Tensor, real: Tensor, k: int, where: str = "neighbours") -> tuple[PrecisionRecall, DensityCoverage]:
    """Return precision and recall, density and coverage for features (N, F) and (M, F); `where` begins the line of an error."""
    space = Space(where, k + 1, fake, real)
    real_reach, fake_reach = space.radii(space.real, k) * ROUNDING, space.radii(space.fake, k) * ROUNDING  # (M,), (N,)
    precise, count, offset = 0, 0, 0
    recalled, nearest = torch.zeros_like(real_reach, dtype=torch.bool), torch.full_like(real_reach, torch.inf)
    for distance in space.distances(space.fake, space.real):  # (B, M): used for all, since computing them takes longest
        inside = distance <= real_reach
        precise += int(inside.any(1).sum())
        count += int(inside.sum())
        recalled |= (distance <= fake_reach[offset : offset + len(distance), None]).any(0)
        nearest = torch.minimum(nearest, distance.amin(0))
        offset += len(distance)
    covered = nearest <= real_reach
    return (
        PrecisionRecall(precise / len(fake), float(recalled.double().mean())),
        DensityCoverage(count / (k * len(fake)), float(covered.double().mean())),
    )


def realism(x: Tensor, real: Tensor, k: int = K_PRECISION) -> Tensor:
    """Return max_i radius_i / |x - real_i| of features x (N, F), (N,): 1 and more is inside a real ball.

    Only the half of the real examples with the smaller radii counts, since outliers have balls that are too large. A copy of a real
    example gives a large number, at most its radius over a millionth of the spread.
    """
    space = Space(f"realism with k = {k}", k + 1, x, real, least_fake=1)
    radii = space.radii(space.real, k)
    dense = radii <= radii.median()  # torch's median is the lower one of the middle two, so that half remain
    rows = [(radii[dense] / distance).amax(1) for distance in space.distances(space.fake, space.real[dense])]
    return torch.cat(rows)


precision = Metric(
    name="precision",
    title="Precision",
    better="higher",
    ideal=1.0,
    about="Share of generated examples that lie where real ones lie: fidelity.",
    compute=lambda fake, test, train, rng: precision_recall(fake, test).precision,
)
recall = Metric(
    name="recall",
    title="Recall",
    better="higher",
    ideal=1.0,
    about="Share of real examples that lie where generated ones lie: variety. Examples strewn wide have it too: see precision.",
    compute=lambda fake, test, train, rng: precision_recall(fake, test).recall,
)
density = Metric(
    name="density",
    title="Density",
    better="nearer",
    ideal=1.0,
    about="How thickly real examples surround a generated one, as against a real one; more than 1 keeps to the safe middle.",
    compute=lambda fake, test, train, rng: density_coverage(fake, test).density,
)
coverage = Metric(
    name="coverage",
    title="Coverage",
    better="higher",
    ideal=1.0,
    about="Share of real examples with a generated one among their nearest neighbours: variety, little moved by outliers.",
    compute=lambda fake, test, train, rng: density_coverage(fake, test).coverage,
)
realism_score = Metric(
    name="realism",
    title="Realism",
    better="higher",
    ideal=1.0,
    about="Median over the generated examples of how far inside a real neighbourhood each lies; 1 is on its edge.",
    compute=lambda fake, test, train, rng: float(realism(fake, test).median()),
)
