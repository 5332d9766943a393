"""EM in the plane, step by step, for every number of components: what the page Mixtures replays.

For K = 1 to 16 the mixture's own fit is driven on the same points until a step gains next to nothing; all its parameters are kept
after every step, so that a browser can draw ellipses, responsibilities and samples itself.
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
from genmodels.studies.base import Study, StudyContext

Toy = Literal["pinwheel", "gaussians-8", "moons", "ring", "spirals", "swiss-roll", "checkerboard"]
Shape = Literal["full", "tied", "diag", "spherical"]
Start = Literal["random points", "k-means"]
MOST, N, STEPS = 16, 2000, 60  # components, training points, EM steps
ENOUGH = 1e-7  # nats an example: a step that gains less is the last; from 1e-5, EM may only be crossing a saddle
FLOOR = 1e-8  # variance added to every direction: next to none, so that each step is EM's own and cannot lower the likelihood


class MixturesConfig(Config):
    """Which points, which Gaussians, which start."""

    toy: Toy = knob("pinwheel", "Whose first 2,000 training points are fitted.")
    shape: Shape = knob("full", "full: any ellipse each; tied: one ellipse for all; diag: along the axes; spherical: discs.")
    start: Start = knob("random points", "Where the means start.")
    draw: int = knob(0, "Which random start.", ge=0, le=4)


@dataclass(frozen=True)
class Frame:
    """The mixture after one EM step, as the plane has it."""

    weights: Tensor  # (K,)
    means: Tensor  # (K, 2)
    covariances: Tensor  # (K, 2, 2), whatever the type
    log_likelihood: float  # nats per training point


class Mixtures(Study):
    """EM for K = 1 to 16 on a toy: every frame, likelihood of training and test points, BIC, adjusted Rand index."""

    name = "mixtures"
    title = "EM, step by step, for 1 to 16 components"
    version = 2
    Settings = MixturesConfig
    seconds = 6.0
    settings: MixturesConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the default start and k-means on the page's first toy and on the one whose answer is known."""
        toys, starts = ("pinwheel", "gaussians-8"), ("random points", "k-means")
        return [([], {"toy": toy, "start": start}) for toy in toys for start in starts]

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Fit 1, 2, ... 16 components; the share done follows the cost, which grows with K."""
        data = context.data(self.settings.toy)
        data = replace(data, train=data.train[:N])
        curve = []
        for k in range(1, MOST + 1):
            model = GMM(self._model_settings(k), (2,)).to(context.where)
            frames = []
            for frame in frames_of(model, data, context.rng(self.settings.draw, "mixtures")):
                frames.append(frame)
                yield (k * (k - 1) + 2 * k * min(1.0, len(frames) / STEPS)) / (MOST * (MOST + 1))
            context.tensors(f"em-{k:02d}.safetensors", _stacked(frames))
            curve.append(_point(model, frames, data))
            context.json("curve.json", {"points": curve, "n": len(data.train), "n_test": len(data.test)})

    def _model_settings(self, k: int) -> GMMConfig:
        s = self.settings
        return GMMConfig(n_components=k, covariance_type=s.shape, init=s.start, reg_covar=FLOOR, steps=STEPS)


def frames_of(model: GMM, data: Dataset, rng: torch.Generator) -> Iterator[Frame]:
    """Yield the start and the mixture after each EM step, until a step gains less than `ENOUGH`."""
    before = None
    for step in model.fit(data, rng):
        now = float(step.losses["log_likelihood"])
        yield Frame(model.weights.clone(), model.means.clone(), ellipses(model), now)
        if before is not None and step.index > 1 and now - before < ENOUGH:
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


def _point(model: GMM, frames: list[Frame], data: Dataset) -> dict[str, float | int | None]:
    log_likelihood = frames[-1].log_likelihood
    known = data.test_labels is not None
    return {
        "k": len(model.weights),
        "steps": len(frames) - 1,
        "train": log_likelihood,
        "test": float(model.log_prob(data.test).mean()),
        "bic": bic(log_likelihood, model.parameter_count(), len(data.train)),
        "fall": largest_fall([frame.log_likelihood for frame in frames]),
        "rand": adjusted_rand(model.encode(data.test).argmax(1), data.test_labels) if known else None,  # type: ignore[arg-type]
    }


def _stacked(frames: list[Frame]) -> dict[str, Tensor]:
    parts = {name: torch.stack([getattr(f, name) for f in frames]) for name in ("weights", "means", "covariances")}
    return parts | {"log_likelihood": torch.tensor([f.log_likelihood for f in frames], dtype=torch.float64)}
