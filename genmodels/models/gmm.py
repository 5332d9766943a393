"""Gaussian mixture by expectation maximisation: p(x) = sum_k pi_k N(x; mu_k, Sigma_k) (Dempster, Laird and Rubin 1977)."""

import math
from collections.abc import Iterator
from typing import Any, Literal

import torch
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits
from torch import Tensor

from genmodels.config import Budget, Config, UserError, knob
from genmodels.datasets.base import Dataset, Source
from genmodels.models.base import Curve, Model, Step
from genmodels.models.parts import fits, gaussians, nets
from genmodels.models.parts.pca import PrincipalAxes
from genmodels.models.parts.work import Fit, Sizes


class GMMConfig(Config):
    """Settings of the Gaussian mixture."""

    n_components: int = knob(20, "How many Gaussians are mixed.", ge=1, le=100, label="components K", front=True)
    covariance_type: Literal["full", "tied", "diag", "spherical"] = knob(
        "full",
        "full: any ellipsoid each; tied: one ellipsoid for all; diag: along the axes; spherical: balls.",
        label="covariance",
        front=True,
    )
    init: Literal["k-means", "random points"] = knob(
        "k-means", "Where the means start: at k-means centres, or on random examples.", label="start"
    )
    reg_covar: float = knob(
        0.04,
        "Variance added to every direction so that no Gaussian collapses, as a share of the data's: of the mean over its "
        "dimensions, or of each principal axis' own.",
        label="added variance",
        ge=1e-8,
        le=1.0,
        log=True,
    )
    pca_dim: int = knob(
        0,
        "Mix in this many whitened principal axes, with round noise off them; 0 mixes the pixels themselves.",
        ge=0,
        le=64,
        label="principal axes",
    )
    steps: int = knob(40, "EM steps.", ge=1, le=500, log=True)


class GMM(Model):
    """A mixture of Gaussians over the flattened example, in float64."""

    name = "gmm"
    title = "Gaussian mixture"
    family = "mixture"
    version = 3
    about = "A sum of Gaussians, fitted by expectation maximisation, which knows its likelihood exactly."
    Settings = GMMConfig
    curves = (Curve("log_likelihood", "log p(x)", "nats per example"),)
    sample_note = "drawn from the mixture: z, then x given z"
    reconstruct_note = "responsibility-weighted mean of the components"
    settings: GMMConfig
    weights: Tensor  # (K,)
    means: Tensor  # (K, D)
    covariances: Tensor  # (K, D, D), (D, D), (K, D) or (K,) by covariance_type
    precisions_cholesky: Tensor  # the same shape

    def __init__(self, settings: GMMConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        k, d = settings.n_components, settings.pca_dim or math.prod(shape)
        self.axes: PrincipalAxes | None = PrincipalAxes(math.prod(shape), settings.pca_dim) if settings.pca_dim else None
        sizes = {"full": (k, d, d), "tied": (d, d), "diag": (k, d), "spherical": (k,)}
        spread = torch.ones(sizes[settings.covariance_type], dtype=torch.float64)
        self.register_buffer("weights", torch.full((k,), 1 / k, dtype=torch.float64))
        self.register_buffer("means", torch.zeros(k, d, dtype=torch.float64))
        self.register_buffer("covariances", spread)
        self.register_buffer("precisions_cholesky", spread.clone())

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return as many components as the dataset has clusters, and for points a minimal added variance."""
        if not source.is_image:
            return {"n_components": source.clusters, "reg_covar": 1e-6}
        if not source.is_large:
            return {"n_components": source.clusters}
        axes, steps = {"quick": (32, 10), "standard": (64, 20), "thorough": (64, 100)}[budget]
        return {"n_components": source.clusters, "pca_dim": axes, "reg_covar": 1e-2, "steps": steps}

    @classmethod
    def check(cls, settings: GMMConfig, source: Source) -> None:
        """Refuse full covariances that would not fit in memory."""
        d = math.prod(source.shape)
        if settings.pca_dim >= d:
            raise UserError(
                f"gmm on {source.name}: pca_dim = {settings.pca_dim} must be less than its {d} dimensions; 0 uses them all"
            )
        numbers = settings.n_components * (settings.pca_dim or d) ** 2
        if settings.covariance_type == "full" and numbers > 50_000_000:
            raise UserError(
                f"gmm on {source.name}: {settings.n_components} full covariances of {d} dimensions are "
                f"{numbers / 1e6:.0f} million numbers, more than 50 million; lower n_components or set pca_dim"
            )

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Run EM on the training set, yielding its mean log-likelihood, nats, after each step."""
        x = data.train.flatten(1).double()  # (N, D)
        if len(x) < self.settings.n_components:
            raise UserError(
                f"gmm with {self.settings.n_components} components needs at least as many examples, {data.source.name} has "
                f"{len(x)}: lower n_components"
            )
        log_off_axes = torch.zeros((), dtype=x.dtype, device=x.device)
        if self.axes:
            self.axes.learn(x)
            log_off_axes, x = self.axes.log_density_off_axes(x).mean(), self.axes.project(x)
        added = self.settings.reg_covar * float(x.var(0, correction=0).mean())  # whitened axes have a variance of 1
        self._start(x, added, rng)
        log_joint = self._log_joint(x)
        yield Step(0, {"log_likelihood": torch.logsumexp(log_joint, 1).mean() + log_off_axes})
        for index in range(1, self.settings.steps + 1):
            self._maximise(x, torch.softmax(log_joint, 1), added)
            log_joint = self._log_joint(x)
            yield Step(index, {"log_likelihood": torch.logsumexp(log_joint, 1).mean() + log_off_axes})

    def work(self, n: Sizes) -> Fit:
        """Return how much a fit is."""
        return fits.gmm(self, n)

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return the mean log-likelihood of the test set, nats."""
        return {"log_likelihood": self.log_prob(data.test).mean()}

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x), (N,), nats, exact."""
        x = x.flatten(1).double()
        if self.axes is None:
            return self._log_density(x)
        return self._log_density(self.axes.project(x)) + self.axes.log_density_off_axes(x)

    def encode(self, x: Tensor) -> Tensor:
        """Return the responsibilities p(z | x), (N, K)."""
        x = x.flatten(1).double()
        return torch.softmax(self._log_joint(self.axes.project(x) if self.axes else x), 1).float()

    def decode(self, z: Tensor) -> Tensor:
        """Return the means of the components, weighted by z (N, K)."""
        return self._in_data_units(z.double() @ self.means)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return the responsibility-weighted mean of the components."""
        return self.decode(self.encode(x))

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Draw z from pi, then x from the Gaussian z; equal noise selects equal components while pi changes little."""
        u = torch.rand(n, generator=rng, device=rng.device, dtype=torch.float64)
        noise = torch.randn(n, self.means.shape[1], generator=rng, device=rng.device, dtype=torch.float64)
        z = torch.searchsorted(self.weights.cumsum(0), u).clamp(max=len(self.weights) - 1)
        x = self.means[z] + self._spread(noise, z)
        if self.axes is None:
            return self._in_data_units(x)
        off = torch.randn(n, len(self.axes.mean), generator=rng, device=rng.device, dtype=torch.float64)
        return self._in_data_units(x, self.axes.off_axes(off))

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        return f"{self.settings.n_components} components, {self.settings.covariance_type} covariance" + (
            f" on {self.settings.pca_dim} principal axes" if self.settings.pca_dim else ""
        )

    def parameter_count(self) -> int:
        """Return the free numbers of weights, means and covariances."""
        (k, d), kind = self.means.shape, self.settings.covariance_type
        one = d * (d + 1) // 2
        axes = 0 if self.axes is None else self.axes.axes.numel() + len(self.axes.mean) + d + 1
        return axes + k - 1 + k * d + {"full": k * one, "tied": one, "diag": k * d, "spherical": k}[kind]

    def _in_data_units(self, x: Tensor, off: Tensor | float = 0.0) -> Tensor:
        """Return (N, *shape) for points x of the mixture's space plus `off`, the part off the axes; pictures clipped to [0, 1]."""
        x = self.axes.lift(x) + off if self.axes else x
        return nets.examples(x.float(), self.shape)

    def _start(self, x: Tensor, added: float, rng: torch.Generator) -> None:
        """Initialise: equal weights, means by `init`, and one covariance for all, that of the examples about their nearest mean."""
        k = self.settings.n_components
        if self.settings.init == "k-means":
            seed = int(torch.randint(2**31 - 1, (1,), generator=rng, device=rng.device))
            with threadpool_limits(1):  # more threads wait for one another: 10.6 s of processor time for .8 on 6,000 MNIST pictures
                centres = KMeans(k, n_init=1, random_state=seed).fit(x.cpu().numpy()).cluster_centers_
            means = torch.as_tensor(centres, dtype=torch.float64).to(x)
        else:
            means = x[torch.randperm(len(x), generator=rng, device=x.device)[:k]]
        rest = x - means[torch.cdist(x, means).argmin(1)]  # (N, D)
        covariance = rest.T @ rest / len(x) + added * torch.eye(x.shape[1]).to(x)
        variances = covariance.diagonal()
        starts = {
            "full": covariance.expand(k, -1, -1),
            "tied": covariance,
            "diag": variances.expand(k, -1),
            "spherical": variances.mean().expand(k),
        }
        self.means.copy_(means)
        self.covariances.copy_(starts[self.settings.covariance_type])
        self.precisions_cholesky.copy_(self._whitener())

    def _whitener(self) -> Tensor:
        """Return W with Sigma^-1 = W W^T, scikit-learn's precisions_cholesky_."""
        if self.covariances.ndim < 2 or self.settings.covariance_type == "diag":
            return self.covariances.rsqrt()
        lower = torch.linalg.cholesky(self.covariances)
        eye = torch.eye(lower.shape[-1]).to(lower)
        return torch.linalg.solve_triangular(lower, eye.expand_as(lower), upper=False).mT

    def _maximise(self, x: Tensor, responsibilities: Tensor, added: float) -> None:
        """Set weights, means and covariances to their optimum given the responsibilities (N, K), plus the added variance."""
        kind = self.settings.covariance_type
        mass, means, covariances = gaussians.moments(x, responsibilities, kind)
        (covariances.diagonal(dim1=-2, dim2=-1) if kind in ("full", "tied") else covariances).add_(added)
        self.weights.copy_(mass / mass.sum())
        self.means.copy_(means)
        self.covariances.copy_(covariances)
        self.precisions_cholesky.copy_(self._whitener())

    def _log_joint(self, x: Tensor) -> Tensor:
        """Return log pi_k + log N(x; mu_k, Sigma_k), (N, K)."""
        return gaussians.log_joint(x, self.weights, self.means, self.precisions_cholesky, self.settings.covariance_type)

    def _log_density(self, x: Tensor) -> Tensor:
        return torch.logsumexp(self._log_joint(x), 1)

    def _spread(self, noise: Tensor, z: Tensor) -> Tensor:
        """Return noise (N, D) with the covariance of its component z (N,)."""
        kind = self.settings.covariance_type
        if kind == "full":
            return torch.einsum("nij,nj->ni", torch.linalg.cholesky(self.covariances)[z], noise)
        if kind == "tied":
            return noise @ torch.linalg.cholesky(self.covariances).T
        std = self.covariances.sqrt()[z]  # (N, D) or (N,)
        return noise * (std if kind == "diag" else std[:, None])
