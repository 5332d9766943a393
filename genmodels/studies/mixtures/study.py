"""EM in the plane, step by step, for every number of components: what the page Mixtures replays.

For K = 1 to 16 the mixture is fitted to the same points until a step gains next to nothing. All its parameters are recorded after
every step, so that a browser can draw ellipses, responsibilities and samples itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from torch import Tensor

from genmodels.config import Config, knob
from genmodels.datasets.base import Dataset
from genmodels.metrics.bic import bic
from genmodels.metrics.clustering import adjusted_rand
from genmodels.models.gmm import GMM, GMMConfig
from genmodels.runs import RunSpec
from genmodels.studies.base import Study, StudyContext, neighbours
from genmodels.studies.finding import Finding

Toy = Literal["pinwheel", "gaussians-8", "moons", "ring", "spirals", "swiss-roll", "checkerboard"]
Shape = Literal["full", "tied", "diag", "spherical"]
Start = Literal["random points", "k-means"]
MAX_K, N_TRAIN, STEPS = 16, 2000, 60  # components, training points, EM steps
TOLERANCE = 1e-7  # nats an example: a step that gains less is the last; with 1e-5 EM may only be crossing a saddle
FLOOR = 1e-8  # variance added to every direction: so small that each step is EM's own and cannot lower the likelihood


class MixturesConfig(Config):
    """Which points, which covariances, which start."""

    toy: Toy = knob("pinwheel", "Whose first 2,000 training points are fitted.", ahead=("moons", "ring", "spirals"))
    shape: Shape = knob(
        "full",
        "full: any ellipse each; tied: one ellipse for all; diag: along the axes; spherical: discs.",
        ahead=("tied", "diag", "spherical"),
    )
    start: Start = knob("random points", "Where the means start.")
    seed: int = knob(0, "Which random start.", ge=0, le=4, ahead=(1, 2))


@dataclass(frozen=True)
class State:
    """A mixture in the plane after an EM step."""

    weights: Tensor  # (K,)
    means: Tensor  # (K, 2)
    covariances: Tensor  # (K, 2, 2), whatever the type
    log_likelihood: float  # nats per training point


@dataclass(frozen=True, eq=False)
class Fit(Finding):
    """The fit of one number of components: T states, of the start and after each EM step. A part for each K, see `part`."""

    stem = "fit"
    weights: Tensor  # (T, K)
    means: Tensor  # (T, K, 2)
    covariances: Tensor  # (T, K, 2, 2)
    log_likelihood: Tensor  # (T,) float64, nats per training point

    @classmethod
    def of(cls, states: list[State]) -> "Fit":
        """Return the states, stacked."""
        weights, means, covariances = (torch.stack([getattr(s, n) for s in states]) for n in ("weights", "means", "covariances"))
        return cls(weights, means, covariances, torch.tensor([s.log_likelihood for s in states], dtype=torch.float64))


def part(k: int) -> str:
    """Return the name of the part that holds the fit of k components."""
    return f"{k:02d}"


@dataclass(frozen=True)
class Point:
    """Scores of one fit; likelihoods in nats per point."""

    k: int
    steps: int
    train: float
    test: float
    bic: float
    fall: float  # the most that one step lowered the training likelihood
    rand: float | None  # adjusted Rand index of the likeliest components against known classes of test points


@dataclass(frozen=True, eq=False)
class Curve(Finding):
    """The scores of the fits with K = 1, 2, ..., as far as the study has come."""

    stem = "curve"
    points: list[Point]
    n_train: int
    n_test: int


class Mixtures(Study):
    """EM for K = 1 to 16 on a toy: every state, likelihood of training and test points, BIC, adjusted Rand index."""

    name = "mixtures"
    title = "EM, step by step, for 1 to 16 components"
    version = 3
    Settings = MixturesConfig
    seconds = 6.0
    settings: MixturesConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the default start and k-means on the page's first toy and on the one whose answer is known."""
        toys, starts = ("pinwheel", "gaussians-8"), ("random points", "k-means")
        return [([], {"toy": toy, "start": start}) for toy in toys for start in starts]

    @classmethod
    def ahead(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the neighbours of what the page opens with, from k-means too: it is drawn beside any other start."""
        steps = neighbours(cls.Settings, cls.opening()[:2])
        return [(runs, settings) for runs, settings in steps if not (settings.get("seed") and settings["start"] == "k-means")]

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Fit 1, 2, ... 16 components; the progress follows the cost, which grows with K."""
        data = context.data(self.settings.toy)
        data = replace(data, train=data.train[:N_TRAIN])
        points = []
        for k in range(1, MAX_K + 1):
            model = GMM(self._model_settings(k), (2,)).to(context.where)
            states = []
            for state in em_states(model, data, context.rng(self.settings.seed, "mixtures")):
                states.append(state)
                yield (k * (k - 1) + 2 * k * min(1.0, len(states) / STEPS)) / (MAX_K * (MAX_K + 1))
            Fit.of(states).write(context, part(k))
            points.append(_point(model, states, data))
            Curve(points, len(data.train), len(data.test)).write(context)

    def _model_settings(self, k: int) -> GMMConfig:
        s = self.settings
        return GMMConfig(n_components=k, covariance_type=s.shape, init=s.start, reg_covar=FLOOR, steps=STEPS)


def em_states(model: GMM, data: Dataset, rng: torch.Generator) -> Iterator[State]:
    """Yield the start and the mixture after each EM step, until a step gains less than `TOLERANCE`."""
    before = None
    for step in model.fit(data, rng):
        now = float(step.losses["log_likelihood"])
        yield State(model.weights.clone(), model.means.clone(), ellipses(model), now)
        if before is not None and step.index > 1 and now - before < TOLERANCE:
            return
        before = now


def ellipses(model: GMM) -> Tensor:
    """Return the covariances of a mixture in the plane as (K, 2, 2), whatever their type."""
    kind, covariances, k = model.settings.covariance_type, model.covariances, len(model.weights)
    if kind == "full":
        return covariances.clone()
    if kind == "tied":
        return covariances.expand(k, -1, -1).clone()
    return torch.diag_embed(covariances if kind == "diag" else covariances[:, None].expand(-1, model.means.shape[1]))


def largest_fall(log_likelihoods: list[float]) -> float:
    """Return the most that one step lowered the likelihood by, nats; 0 if none did."""
    return max([0.0, *(before - after for before, after in zip(log_likelihoods, log_likelihoods[1:]))])


def _point(model: GMM, states: list[State], data: Dataset) -> Point:
    log_likelihood, labels = states[-1].log_likelihood, data.test_labels
    return Point(
        k=len(model.weights),
        steps=len(states) - 1,
        train=log_likelihood,
        test=float(model.log_prob(data.test).mean()),
        bic=bic(log_likelihood, model.parameter_count(), len(data.train)),
        fall=largest_fall([state.log_likelihood for state in states]),
        rand=None if labels is None else adjusted_rand(model.encode(data.test).argmax(1), labels),
    )
