"""The lecture's ring, y = x/10 + x/||x|| of a standard normal x, and what learns it back from y alone (Doersch 2016, figure 2).

Held-out log-likelihoods beside the true density's, whose gap is an estimate of D[p || q]; and where a mixture, a VAE's decoder and
a GAN's generator carry the same cloud of z and the same grid.
"""

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from genmodels.config import Budget, Config, UserError, knob
from genmodels.datasets.toys2d import ring_log_density
from genmodels.metrics.radius import radius_distance
from genmodels.models.gan import GAN
from genmodels.models.gmm import GMM
from genmodels.models.vae import VAE
from genmodels.runs import Run, RunSpec
from genmodels.runs.recorder import N_SAMPLE_POINTS
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.mixtures.study import ellipses

LINES, REACH, ALONG = 12, 2.75, 161  # grid lines each way, where the outermost is, points along a line
AT_ONCE = 250  # held-out points whose bound is estimated between two signs of life


class RingConfig(Config):
    """How exactly the VAE's bound is estimated."""

    codes: int = knob(500, "Codes drawn per held-out point for the VAE's bound.", ge=1, le=5000, log=True)


class Ring(Study):
    """The likelihoods of the ring, and three learned ways from noise to it."""

    name = "ring"
    title = "The ring, learned back"
    Settings = RingConfig
    seconds = 8.0
    settings: RingConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return what the page opens with."""
        return [(specs(12, "quick"), {})]

    def check(self) -> None:
        """Refuse anything but a mixture, a VAE and a GAN of two numbers each, of the ring."""
        if [run.kind for run in self.runs] != [GMM, VAE, GAN] or self.one_dataset() != "ring":
            raise UserError("ring reads three runs on the ring: gmm, vae and gan, in this order")
        if any(getattr(run.settings, "latent_dim", 2) != 2 for run in self.runs):
            raise UserError("ring draws the plane of z: give latent_dim=2")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Score the six densities, then carry cloud and grid through the models."""
        data = context.data("ring")
        gmm, vae, gan = (context.model(run) for run in self.runs)
        assert isinstance(gmm, GMM)
        assert isinstance(vae, VAE)
        assert isinstance(gan, GAN)
        bounds, rng = [], context.rng(0, "ring bound")
        for part in data.test.split(AT_ONCE):
            bounds.append(vae.log_prob_bound(part, self.settings.codes, rng))
            yield 0.9 * len(bounds) * AT_ONCE / len(data.test)
        x_train, x_test = unwarp(data.train.double()), unwarp(data.test.double())
        scores = {
            "gaussian_x": float(gaussian_log_prob(x_train, x_test).mean()),
            "true_x": float(standard_normal_log_prob(x_test).mean()),
            "gaussian": float(gaussian_log_prob(data.train.double(), data.test.double()).mean()),
            "gmm": float(gmm.log_prob(data.test).mean()),
            "vae": float(torch.cat(bounds).mean()),
            "true": float(ring_log_density(data.test.double()).mean()),
        }
        n, rng = len(data.test), context.rng(0, "ring samples")
        clouds = {model.name: model.sample(n, rng) for model in (gmm, vae, gan)}
        clouds["gaussian"] = gaussian_sample(data.train, n, rng)
        off = {name: radius_distance(cloud, data.test) for name, cloud in clouds.items()}
        off["true"] = radius_distance(data.train[:n], data.test)
        told = {"n_train": len(data.train), "n_test": n, "codes": self.settings.codes}
        context.json("ring.json", {"scores": scores, "radius": off} | told)
        context.tensors("maps.safetensors", self._maps(context, gmm, vae, gan))
        yield 1.0

    def _maps(self, context: StudyContext, gmm: GMM, vae: VAE, gan: GAN) -> dict[str, Tensor]:
        """Return the cloud of z, what each model makes of it, at every mark where that is recorded, and both nets' grids."""
        _, vae_run, gan_run = (context.run(spec) for spec in self.runs)
        rng = context.rng(0, "snapshot noise")  # as the recordings draw it: their clouds are of this z
        z = torch.randn(N_SAMPLE_POINTS, 2, generator=rng, device=context.where)
        lines = grid().to(z)
        found = {
            "z": z,
            "gmm": through_mixture(gmm, z, torch.rand(len(z), generator=rng, device=z.device)),
            "gmm.means": gmm.means,
            "gmm.covariances": ellipses(gmm),
            "gmm.weights": gmm.weights,
        }
        for model, run, final in ((vae, vae_run, vae.sample), (gan, gan_run, gan.sample)):
            now = final(len(z), context.rng(0, "snapshot noise"))
            found[f"{model.name}.grid"] = model.decode(lines.flatten(0, 1)).unflatten(0, lines.shape[:2])
            found[f"{model.name}.clouds"] = _clouds(run, now)
        return found


def specs(k: int, effort: Budget) -> list[RunSpec]:
    """Return the runs of the page: a mixture of k Gaussians, and VAE and GAN as preset for that budget."""
    return [
        RunSpec.make("ring", "gmm", {"n_components": k}),
        RunSpec.make("ring", "vae", budget=effort),
        RunSpec.make("ring", "gan", budget=effort),
    ]


def warp(x: Tensor) -> Tensor:
    """Return y = x/10 + x/||x|| of points (N, 2)."""
    return x / 10 + x / x.norm(dim=1, keepdim=True)


def unwarp(y: Tensor) -> Tensor:
    """Return the x that `warp` made y of: of the same direction, and of length 10 (||y|| - 1)."""
    length = y.norm(dim=1, keepdim=True)
    return y / length * 10 * (length - 1)


def standard_normal_log_prob(x: Tensor) -> Tensor:
    """Return log N(x; 0, I) of points (N, D), nats."""
    return -(x.square().sum(1) + x.shape[1] * math.log(2 * math.pi)) / 2


def gaussian_log_prob(train: Tensor, x: Tensor) -> Tensor:
    """Return the log density of x (N, D), nats, under the Gaussian of largest likelihood on `train`."""
    mean, lower = _gaussian(train)
    white = torch.linalg.solve_triangular(lower, (x - mean).T, upper=False).T
    return standard_normal_log_prob(white) - lower.diagonal().log().sum()


def gaussian_sample(train: Tensor, n: int, rng: torch.Generator) -> Tensor:
    """Return n samples (n, D) of that Gaussian."""
    mean, lower = _gaussian(train)
    return mean + torch.randn(n, train.shape[1], generator=rng, device=rng.device, dtype=train.dtype) @ lower.T


def _gaussian(train: Tensor) -> tuple[Tensor, Tensor]:
    return train.mean(0), torch.linalg.cholesky(torch.cov(train.T, correction=0))


def through_mixture(model: GMM, eps: Tensor, u: Tensor) -> Tensor:
    """Return mu_k + L_k eps of standard normal eps (N, 2), k drawn by uniform u (N,): the mixture's way from noise to data."""
    k = torch.searchsorted(model.weights.cumsum(0), u.double()).clamp(max=len(model.weights) - 1)
    return (model.means[k] + torch.einsum("nij,nj->ni", torch.linalg.cholesky(ellipses(model))[k], eps.double())).float()


def grid() -> Tensor:
    """Return the lines of a grid that leaves out the origin, where the map is not defined: (2 LINES, ALONG, 2), dense near it."""
    along = torch.linspace(-1, 1, ALONG)
    along = REACH * torch.sinh(3.5 * along) / math.sinh(3.5)
    offsets = torch.linspace(-REACH, REACH, LINES)
    across = torch.stack(torch.meshgrid(offsets, along, indexing="ij"), 2)
    return torch.cat([across, across.flip(2)])


def _clouds(run: Run, now: Tensor) -> Tensor:
    """Return the recorded samples at every mark, (marks, N, 2), or the last alone if their noise was other than `now`'s."""
    taken = torch.stack([run.snapshot(i)["samples"] for i in range(len(run.status()["marks"]))]).to(now)
    return taken if torch.allclose(taken[-1], now, atol=1e-3) else now[None]
