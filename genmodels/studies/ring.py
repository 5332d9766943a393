"""The lecture's ring, y = x/10 + x/||x|| of a standard normal x, and three models fitted to y alone (Doersch 2016, figure 2).

Held-out log-likelihoods beside the true density's, whose difference estimates D[p || q]; and where a mixture, a VAE's decoder and
a GAN's generator map the same sample of z and the same grid.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from genmodels.config import Budget, Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.datasets.toys2d import ring_log_density
from genmodels.metrics.radius import radius_distance
from genmodels.models.gan import GAN
from genmodels.models.gmm import GMM
from genmodels.models.vae import VAE
from genmodels.runs import Run, RunSpec, Spec
from genmodels.runs.recorder import N_SAMPLE_POINTS
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures.study import ellipses

LINES, REACH, POINTS_PER_LINE = 12, 2.75, 161  # grid lines each way, position of the outermost, points along a line
AHEAD = (10, 11, 13, 14, 8, 16, 6, 20, 4, 3, 2, 1, 24, 32)  # components: the neighbours of 12, then further apart
BATCH = 250  # held-out points whose bound is estimated at a time

ModelOfY = Literal["gaussian", "gmm", "vae"]


@dataclass(frozen=True)
class LogLikelihoods:
    """Mean log-likelihood of the held-out points, nats per point; the VAE's is a lower bound."""

    gaussian_x: float  # of one Gaussian fitted to x
    true_x: float
    gaussian: float  # of one Gaussian fitted to y
    gmm: float
    vae: float
    true: float

    def shortfall(self, model: ModelOfY) -> float:
        """Return by how many nats per point a model of y falls short of the true density."""
        return self.true - float(getattr(self, model))

    def shortfall_x(self) -> float:
        """Return the same for the Gaussian fitted to x."""
        return self.true_x - self.gaussian_x


@dataclass(frozen=True)
class MixtureMap:
    """The fitted mixture, and its image of z."""

    image: Tensor  # (N, 2)
    means: Tensor  # (K, 2)
    covariances: Tensor  # (K, 2, 2)


@dataclass(frozen=True)
class NetMap:
    """A network's image of the grid, and of z at each snapshot."""

    grid: Tensor  # (2 LINES, POINTS_PER_LINE, 2)
    samples: Tensor  # (snapshots, N, 2); the last snapshot alone where the recording used other noise


@dataclass(frozen=True, eq=False)
class RingFinding(Finding):
    """Likelihoods, distances and maps."""

    n_train: int
    n_test: int
    codes: int  # per held-out point, for the VAE's bound
    log_likelihoods: LogLikelihoods
    radius_distances: dict[str, float]  # mean distance in ||y|| of samples of gaussian, gmm, vae, gan (true: training points)
    z: Tensor  # (N, 2)
    mixture: MixtureMap
    vae: NetMap
    gan: NetMap


class RingConfig(Config):
    """How exactly the VAE's bound is estimated."""

    codes: int = knob(500, "Codes drawn per held-out point for the VAE's bound.", ge=1, le=5000, log=True)


@dataclass(frozen=True, eq=False)
class BoundFinding(Finding):
    """The mean of a lower bound of the log-likelihood of held-out points."""

    log_prob_bound: float  # nats per point


class Bound(Study):
    """The bound of the VAE's log-likelihood on the ring: nine tenths of the work, and the same for any mixture beside it."""

    name = "ring-bound"
    title = "The VAE's likelihood on the ring"
    Settings = RingConfig
    seconds = 7.0
    settings: RingConfig

    def check(self) -> None:
        """Refuse anything but one VAE on the ring."""
        if [run.kind for run in self.runs] != [VAE] or self.one_dataset() != "ring":
            raise UserError(f"{self.name} reads one run of a VAE on the ring")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Estimate the bound on all held-out points."""
        test, vae = context.data("ring").test, context.model(self.runs[0])
        assert isinstance(vae, VAE)
        bounds, rng = [], context.rng(0, "ring bound")
        for batch in test.split(BATCH):
            bounds.append(vae.log_prob_bound(batch, self.settings.codes, rng))
            yield len(bounds) * BATCH / len(test)
        BoundFinding(float(torch.cat(bounds).mean())).write(context)


class Ring(Study):
    """The likelihoods of the ring, and three learned maps from noise to it."""

    name = "ring"
    title = "The ring, learned back"
    version = 2
    Settings = RingConfig
    seconds = 0.8
    settings: RingConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return what the page opens with."""
        return [(specs(12, "quick"), {})]

    @classmethod
    def ahead(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return other mixtures beside the same VAE and GAN."""
        return [(specs(k, "quick"), {}) for k in AHEAD]

    def check(self) -> None:
        """Refuse anything but a mixture, a VAE and a GAN of two latent dimensions, in this order, on the ring."""
        if [run.kind for run in self.runs] != [GMM, VAE, GAN] or self.one_dataset() != "ring":
            raise UserError("ring reads three runs on the ring: gmm, vae and gan, in this order")
        if any(getattr(run.settings, "latent_dim", 2) != 2 for run in self.runs):
            raise UserError("ring draws the plane of z: give latent_dim=2")

    def needs(self) -> tuple[Spec, ...]:
        """Return the VAE's bound: another mixture leaves it as it is."""
        return (StudySpec.make("ring-bound", self.runs[1:2], self.settings.model_dump()),)

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Score the six densities, then map z and the grid through the models."""
        data = context.data("ring")
        gmm, vae, gan = (context.model(run) for run in self.runs)
        assert isinstance(gmm, GMM)
        assert isinstance(vae, VAE)
        assert isinstance(gan, GAN)
        yield 0.1
        bound = BoundFinding.read(context.recording(self.needs()[0]))
        z, mixture, vae_map, gan_map = self._maps(context, gmm, vae, gan)
        RingFinding(
            n_train=len(data.train),
            n_test=len(data.test),
            codes=self.settings.codes,
            log_likelihoods=_log_likelihoods(data, gmm, bound.log_prob_bound),
            radius_distances=_radius_distances(data, (gmm, vae, gan), context.rng(0, "ring samples")),
            z=z,
            mixture=mixture,
            vae=vae_map,
            gan=gan_map,
        ).write(context)
        yield 1.0

    def _maps(self, context: StudyContext, gmm: GMM, vae: VAE, gan: GAN) -> tuple[Tensor, MixtureMap, NetMap, NetMap]:
        """Return z as the recordings draw it for their snapshots, and the image of it and of the grid under each model."""
        _, vae_run, gan_run = (context.run(spec) for spec in self.runs)
        rng = context.rng(0, "snapshot noise")
        z = torch.randn(N_SAMPLE_POINTS, 2, generator=rng, device=context.where)
        image = through_mixture(gmm, z, torch.rand(len(z), generator=rng, device=z.device))
        mixture = MixtureMap(image, gmm.means, ellipses(gmm))
        return z, mixture, _net_map(vae, vae_run, context), _net_map(gan, gan_run, context)


def _log_likelihoods(data: Dataset, gmm: GMM, vae_bound: float) -> LogLikelihoods:
    train, test = data.train.double(), data.test.double()
    x_train, x_test = unwarp(train), unwarp(test)
    return LogLikelihoods(
        gaussian_x=float(gaussian_log_prob(x_train, x_test).mean()),
        true_x=float(standard_normal_log_prob(x_test).mean()),
        gaussian=float(gaussian_log_prob(train, test).mean()),
        gmm=float(gmm.log_prob(data.test).mean()),
        vae=vae_bound,
        true=float(ring_log_density(test).mean()),
    )


def _radius_distances(data: Dataset, models: tuple[GMM, VAE, GAN], rng: torch.Generator) -> dict[str, float]:
    n = len(data.test)
    samples = {model.name: model.sample(n, rng) for model in models}
    samples |= {"gaussian": gaussian_sample(data.train, n, rng), "true": data.train[:n]}
    return {name: radius_distance(x, data.test) for name, x in samples.items()}


def _net_map(model: VAE | GAN, run: Run, context: StudyContext) -> NetMap:
    final = model.sample(N_SAMPLE_POINTS, context.rng(0, "snapshot noise"))
    lines = grid().to(final)
    snapshots = [run.snapshot(i)["samples"] for i in range(len(run.status().snapshot_steps))]
    samples = torch.stack(snapshots).to(final)
    same_noise = torch.allclose(samples[-1], final, atol=1e-3)
    return NetMap(model.decode(lines.flatten(0, 1)).unflatten(0, lines.shape[:2]), samples if same_noise else final[None])


def specs(k: int, budget: Budget) -> list[RunSpec]:
    """Return the runs of the page: a mixture of k Gaussians, and VAE and GAN as preset for that budget."""
    return [
        RunSpec.make("ring", "gmm", {"n_components": k}),
        RunSpec.make("ring", "vae", budget=budget),
        RunSpec.make("ring", "gan", budget=budget),
    ]


def warp(x: Tensor) -> Tensor:
    """Return y = x/10 + x/||x|| of points (N, 2)."""
    return x / 10 + x / x.norm(dim=1, keepdim=True)


def unwarp(y: Tensor) -> Tensor:
    """Return the inverse of `warp`: x of the same direction, and of length 10 (||y|| - 1)."""
    length = y.norm(dim=1, keepdim=True)
    return y / length * 10 * (length - 1)


def standard_normal_log_prob(x: Tensor) -> Tensor:
    """Return log N(x; 0, I) of points (N, D), nats."""
    return -(x.square().sum(1) + x.shape[1] * math.log(2 * math.pi)) / 2


def gaussian_log_prob(train: Tensor, x: Tensor) -> Tensor:
    """Return the log density of x (N, D), nats, under the maximum-likelihood Gaussian of `train`."""
    mean, lower = _gaussian(train)
    whitened = torch.linalg.solve_triangular(lower, (x - mean).T, upper=False).T
    return standard_normal_log_prob(whitened) - lower.diagonal().log().sum()


def gaussian_sample(train: Tensor, n: int, rng: torch.Generator) -> Tensor:
    """Return n samples (n, D) of that Gaussian."""
    mean, lower = _gaussian(train)
    return mean + torch.randn(n, train.shape[1], generator=rng, device=rng.device, dtype=train.dtype) @ lower.T


def _gaussian(train: Tensor) -> tuple[Tensor, Tensor]:
    return train.mean(0), torch.linalg.cholesky(torch.cov(train.T, correction=0))


def through_mixture(model: GMM, eps: Tensor, u: Tensor) -> Tensor:
    """Return mu_k + L_k eps of standard normal eps (N, 2), with k by uniform u (N,): the mixture's map of noise to data."""
    k = torch.searchsorted(model.weights.cumsum(0), u.double()).clamp(max=len(model.weights) - 1)
    return (model.means[k] + torch.einsum("nij,nj->ni", torch.linalg.cholesky(ellipses(model))[k], eps.double())).float()


def grid() -> Tensor:
    """Return lines (2 LINES, POINTS_PER_LINE, 2) around the origin, where the map is undefined; points are dense near it."""
    along = torch.linspace(-1, 1, POINTS_PER_LINE)
    along = REACH * torch.sinh(3.5 * along) / math.sinh(3.5)
    offsets = torch.linspace(-REACH, REACH, LINES)
    across = torch.stack(torch.meshgrid(offsets, along, indexing="ij"), 2)
    return torch.cat([across, across.flip(2)])
