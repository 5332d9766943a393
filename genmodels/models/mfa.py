"""Mixture of factor analysers: x | k, z ~ N(mu_k + A_k z, D_k), z ~ N(0, I), so p(x) = sum_k pi_k N(x; mu_k, A_k A_k^T + D_k).

EM as of Ghahramani and Hinton (1996), as a model of whole pictures Richardson and Weiss (2018); with one noise variance a component
it is the mixture of probabilistic PCAs (Tipping and Bishop 1999). By the Woodbury identity no D x D matrix is ever formed.
"""

import math
import warnings
from collections.abc import Iterator
from typing import Any, Literal

import torch
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits
from torch import Tensor

from genmodels.config import Budget, Config, UserError, knob
from genmodels.datasets.base import Dataset, Source
from genmodels.models.base import Curve, Model, Step
from genmodels.models.parts import nets, work
from genmodels.models.parts.work import Fit, Sizes, Work

AT_ONCE = 500_000  # numbers in an intermediate result: examples are processed in parts that fit in the processor's cache
NEGLIGIBLE = 1e-14  # responsibilities below this are left out of the M-step: nearly all on pictures
OVERLAP, OVERLAP_OF_POINTS = 0.05, 0.5  # fraction of further components that have a part in an example: for the estimate of work
N_START, N_LOCAL = 10_000, 200  # examples for the initial centres, and for the principal axes of each


class MFAConfig(Config):
    """Settings of the mixture of factor analysers."""

    n_components: int = knob(20, "How many factor analysers are mixed.", ge=1, le=200, log=True, label="components K", front=True)
    n_factors: int = knob(6, "Directions in which each component stretches freely.", ge=1, le=32, label="factors", front=True)
    noise: Literal["diagonal", "isotropic"] = knob(
        "diagonal", "diagonal: every dimension of a component has its own noise; isotropic: all have the same, as in PCA."
    )
    init: Literal["k-means", "random points"] = knob(
        "k-means", "Where the means start: at k-means centres, or on random examples.", label="start"
    )
    noise_floor: float = knob(
        3e-3,
        "Least variance of the noise, in data units squared, so that no component collapses.",
        label="least noise variance",
        ge=1e-8,
        le=1.0,
        log=True,
    )
    steps: int = knob(40, "EM steps.", ge=1, le=1000, log=True)


class MFA(Model):
    """A mixture of low-rank Gaussians: each has a few factors, and independent noise in all dimensions. In float64."""

    name = "mfa"
    title = "Mixture of factor analysers"
    family = "mixture"
    about = "A Gaussian mixture for whole pictures: each component varies along a few directions of its own, plus noise."
    Settings = MFAConfig
    curves = (Curve("log_likelihood", "log p(x)", "nats per example"),)
    sample_note = "means of x given k and factors z, both drawn from the mixture"
    reconstruct_note = "posterior mean of the factors"
    settings: MFAConfig
    weights: Tensor  # (K,)
    means: Tensor  # (K, D)
    factors: Tensor  # (K, L, D): the columns of A_k are its rows
    noise: Tensor  # (K, D) or (K, 1): variances

    def __init__(self, settings: MFAConfig, shape: tuple[int, ...]):
        super().__init__(settings, shape)
        k, n_factors, d = settings.n_components, settings.n_factors, math.prod(shape)
        self.register_buffer("weights", torch.full((k,), 1 / k, dtype=torch.float64))
        self.register_buffer("means", torch.zeros(k, d, dtype=torch.float64))
        self.register_buffer("factors", torch.zeros(k, n_factors, d, dtype=torch.float64))
        self.register_buffer("noise", torch.ones(k, d if settings.noise == "diagonal" else 1, dtype=torch.float64))

    @classmethod
    def preset(cls, source: Source, budget: Budget = "quick") -> dict[str, Any]:
        """Return the size that the budget can train; on points and small pictures EM converges long before its end."""
        if not source.is_image:
            more = 1 if budget == "quick" or source.modes is not None else 2  # where the modes are known, each has its component
            steps = 100 if budget == "quick" else 400
            return {"n_components": more * source.clusters, "n_factors": 1, "noise_floor": 1e-6, "steps": steps}
        if not source.is_large:  # of 10 to 50 components with 3 to 16 factors, the best on held-out digits
            return {"n_components": 10, "n_factors": 16, "steps": 100}
        # With the 30 clusters of MNIST: 20 x 4, 50 x 6 as is usual, 60 x 10. More components than that overfit a tenth of it.
        thirds, n_factors, steps = {"quick": (2, 4, 10), "standard": (5, 6, 30), "thorough": (6, 10, 80)}[budget]
        return {"n_components": thirds * source.clusters // 3, "n_factors": n_factors, "steps": steps, "noise_floor": 1e-2}

    @classmethod
    def check(cls, settings: MFAConfig, source: Source) -> None:
        """Refuse as many factors as dimensions, and factors that would not fit in memory."""
        d = math.prod(source.shape)
        if settings.n_factors >= d:
            raise UserError(f"mfa on {source.name}: n_factors = {settings.n_factors} must be less than its {d} dimensions")
        numbers = settings.n_components * (settings.n_factors + 2) * d
        if numbers > 10_000_000:
            raise UserError(
                f"mfa on {source.name}: {settings.n_components} components of {settings.n_factors} factors in {d} dimensions are "
                f"{numbers / 1e6:.0f} million numbers, more than 10 million; lower n_components or n_factors"
            )

    def fit(self, data: Dataset, rng: torch.Generator) -> Iterator[Step]:
        """Run EM on the training set; the next E-step gives the mean log-likelihood of this step, nats."""
        x, least = data.train.flatten(1), max(self.settings.n_components, self.settings.n_factors + 1)
        if len(x) < least:
            raise UserError(
                f"mfa with {self.settings.n_components} components of {self.settings.n_factors} factors needs at least {least} "
                f"examples, {data.source.name} has {len(x)}: lower n_components or n_factors"
            )
        self._start(x, rng)
        log_p, responsibilities = self._expect(x)
        yield Step(0, {"log_likelihood": log_p})
        for index in range(1, self.settings.steps + 1):
            self._maximise(x, responsibilities)
            log_p, responsibilities = self._expect(x)
            yield Step(index, {"log_likelihood": log_p})

    def work(self, n: Sizes) -> Fit:
        """Return the work of EM: the density of every example under every component, then the moments."""
        k, n_factors, d = self.factors.shape
        pairs = n.train * (1 + (k - 1) * (OVERLAP if len(self.shape) == 3 else OVERLAP_OF_POINTS))
        moments = Work(doubles=4 * pairs * d * (n_factors + 1), calls=25 * k) + work.pointwise(2 * pairs * d, 3)
        tables = Work(doubles=12 * k * n_factors**2 * d) + work.pointwise(2 * k * n_factors * d, 12)
        step = self._pass_work(n.train) + moments + tables + Work(calls=150)
        some = min(n.train, N_START)
        axes = min(N_LOCAL, max(some // k, 3 * n_factors))
        start = self._pass_work(n.train) + Work(doubles=k * 40 * axes * d * min(axes, d) + 2 * some * k * d, calls=30 * k)
        start += Work(doubles=2 * some * k * d * 60) if self.settings.init == "k-means" else Work()
        snapshot = self._pass_work(n.scored + n.codes + n.reconstructions)
        snapshot += Work(doubles=2 * (n.samples + n.reconstructions) * k * (n_factors + 1) * d, calls=10 * k)
        wide = max(n.codes, n.reconstructions) * k * (n_factors + 2)
        chunk = max(AT_ONCE, d + k * (n_factors + 1)) * 6
        return Fit(
            start, step, snapshot, 2 * (4 * k * (n_factors + 2) * d + chunk + 4 * n.train * k + 3 * wide + some * d * 2 + pairs)
        )

    def _pass_work(self, n: float) -> Work:
        """Return the density of n examples under each component."""
        k, n_factors, d = self.factors.shape
        parts = math.ceil(n * (d + k * (n_factors + 1)) / AT_ONCE)
        wide = n * k * (n_factors + 2)
        doubles = 2 * n * d * (k * (n_factors + 1) + k * (self.noise.shape[1] == d))
        return Work(doubles=doubles, near=2 * (3 * n * d + 6 * wide), transcendentals=2 * n * k, calls=15 * parts + 40)

    def evaluate(self, data: Dataset, rng: torch.Generator) -> dict[str, Tensor]:
        """Return the mean log-likelihood of the test set, nats."""
        return {"log_likelihood": self.log_prob(data.test).mean()}

    def log_prob(self, x: Tensor) -> Tensor:
        """Return log p(x), (N,), nats, exact."""
        return torch.cat([torch.logsumexp(log_joint, 1) for log_joint, _ in self._infer(x.flatten(1))])

    def encode(self, x: Tensor) -> Tensor:
        """Return the responsibilities r_k = p(k | x), then r_k E[z | x, k] of one component after the other: (N, K + K L)."""
        lower = self._whitener()[1]  # (K, L, L)
        codes = []
        for log_joint, u in self._infer(x.flatten(1)):
            r = torch.softmax(log_joint, 1)  # (N, K)
            z = torch.linalg.solve_triangular(lower.mT, u.permute(2, 1, 0), upper=True).permute(2, 0, 1)  # (N, K, L)
            codes.append(torch.cat([r, (r[..., None] * z).flatten(1)], 1).float())
        return torch.cat(codes)

    def decode(self, z: Tensor) -> Tensor:
        """Return sum_k r_k mu_k + A_k (r_k z_k) for codes (N, K + K L), in which it is linear."""
        return nets.examples((z.double() @ torch.cat([self.means, self.factors.flatten(0, 1)])).float(), self.shape)

    def reconstruct(self, x: Tensor) -> Tensor:
        """Return E[mu_k + A_k z | x]."""
        return self.decode(self.encode(x))

    def sample(self, n: int, rng: torch.Generator) -> Tensor:
        """Draw k from pi and z from N(0, I); return mu_k + A_k z for pictures, as a VAE's mean, and with the noise for points."""
        u = torch.rand(n, generator=rng, device=rng.device, dtype=torch.float64)
        z = torch.randn(n, self.factors.shape[1], generator=rng, device=rng.device, dtype=torch.float64)
        # By inverse transform, equal noise selects equal components while pi changes little.
        component = torch.searchsorted(self.weights.cumsum(0), u).clamp(max=len(self.weights) - 1)
        x = self.means[component]
        for k, factors in enumerate(self.factors):
            x[component == k] += z[component == k] @ factors
        if len(self.shape) != 3:
            x += self.noise.sqrt()[component] * torch.randn(x.shape, generator=rng, device=rng.device, dtype=torch.float64)
        return nets.examples(x.float(), self.shape)

    def samples_are(self) -> str:
        """Return whether the noise is in the samples."""
        return self.sample_note if len(self.shape) == 3 else "drawn from the mixture: k, then the factors z, then x, with its noise"

    def summary(self) -> str:
        """Return the settings that matter in one line."""
        return f"{self.settings.n_components} components of {self.settings.n_factors} factors, {self.settings.noise} noise"

    def parameter_count(self) -> int:
        """Return the free numbers of weights, means, factors and noise: a rotation of a component's factors changes nothing."""
        k, n_factors, _ = self.factors.shape
        return k - 1 + self.means.numel() + self.factors.numel() - k * n_factors * (n_factors - 1) // 2 + self.noise.numel()

    def _parts(self, x: Tensor) -> tuple[Tensor, ...]:
        k, n_factors, d = self.factors.shape
        return x.split(max(1, AT_ONCE // (d + k * (n_factors + 1))))

    def _whitener(self) -> tuple[Tensor, Tensor]:
        """Return W (K, L, D) and lower triangular R (K, L, L), R R^T = I + A^T D^-1 A, R W = A^T D^-1: Sigma^-1 = D^-1 - W^T W."""
        scaled = self.factors / self.noise[:, None]
        eye = torch.eye(self.factors.shape[1]).to(scaled)
        lower = torch.linalg.cholesky(eye + scaled @ self.factors.mT)
        return torch.linalg.solve_triangular(lower, scaled, upper=False), lower

    def _infer(self, x: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield log pi_k + log N(x; mu_k, Sigma_k), (n, K), and W_k (x - mu_k), (n, L, K), for each part of x (N, D)."""
        (k, n_factors, d), (w, lower) = self.factors.shape, self._whitener()
        centre = self.weights @ self.means  # centred products lose fewer digits
        means, precision = self.means - centre, 1 / self.noise
        projection = torch.cat([w.transpose(0, 1).flatten(0, 1), means * precision]).T  # (D, L K + K)
        log_det = self.noise.log().sum(1) * (d / self.noise.shape[1]) + 2 * lower.diagonal(dim1=1, dim2=2).log().sum(1)
        const = self.weights.log() - (d * math.log(2 * math.pi) + log_det + (means.square() * precision).sum(1)) / 2  # (K,)
        const = torch.cat([-(w @ means[..., None]).squeeze(2).T.flatten(), const])  # (L K + K,)
        for part in self._parts(x):
            y = part.double() - centre
            u, linear = torch.addmm(const, y, projection).split([n_factors * k, k], 1)
            u = u.unflatten(1, (n_factors, k))
            y.square_()
            squares = (y if self.noise.shape[1] == d else y.sum(1, keepdim=True)) @ precision.T
            yield linear + (u.square().sum(1) - squares) / 2, u

    def _expect(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the mean log-likelihood and the responsibilities, (N, K)."""
        log_joint = torch.cat([log_joint for log_joint, _ in self._infer(x)])
        return torch.logsumexp(log_joint, 1).mean(), torch.softmax(log_joint, 1)

    def _maximise(self, x: Tensor, responsibilities: Tensor) -> None:
        """Set weights and means to their optimum given the responsibilities, and do one EM step of factor analysis in each."""
        w, lower = self._whitener()
        back = torch.linalg.solve_triangular(lower.mT, w, upper=True)  # (K, L, D): E[z | x, k] = back (x - mu)
        mass, off, squares, cross = self._moments(x, responsibilities, back)
        alive = mass > 0
        mass = mass.clamp(min=NEGLIGIBLE)[:, None]
        off, squares, cross = off / mass, squares / mass, cross / mass[..., None]
        shift = back @ off[..., None]  # (K, L, 1)
        cross = cross - shift * off[:, None]  # (K, L, D): back S, S the covariance about the new mean
        second = torch.cholesky_inverse(lower) + cross @ back.mT  # (K, L, L): mean of E[z z^T]
        factors = torch.linalg.solve(second, cross)
        noise = squares - off.square() - (factors * cross).sum(1)  # (K, D)
        if self.noise.shape[1] == 1:
            noise = noise.mean(1, keepdim=True)
        # A component without examples keeps its parameters, with weight 0.
        self.weights.copy_(torch.where(alive, mass[:, 0], 0) / mass[alive].sum())
        self.means.add_(off)
        self.factors.copy_(torch.where(alive[:, None, None], factors, self.factors))
        self.noise.copy_(torch.where(alive[:, None], noise.clamp(min=self.settings.noise_floor), self.noise))

    def _moments(self, x: Tensor, responsibilities: Tensor, back: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return for every component sum r, sum r y, sum r y^2 and sum r (back y) y^T, y = x - mu, r its responsibilities."""
        mass, off, squares, cross = (torch.zeros_like(t) for t in (self.weights, self.means, self.means, self.factors))
        for k in range(len(mass)):
            for indices in self._parts((responsibilities[:, k] > NEGLIGIBLE).nonzero()[:, 0]):
                y, r = x[indices].double() - self.means[k], responsibilities[indices, k]
                mass[k] += r.sum()
                off[k] += r @ y
                cross[k] += (r * (back[k] @ y.T)) @ y
                squares[k] += r @ y.square_()
        return mass, off, squares, cross

    def _start(self, x: Tensor, rng: torch.Generator) -> None:
        """Initialise by centres and the principal axes of the examples around each; the mean residual variance is the noise."""
        n_factors, floor = self.settings.n_factors, self.settings.noise_floor
        subset = x[torch.randperm(len(x), generator=rng, device=x.device)[:N_START]].double()
        centres = self._k_means(subset, rng) if self.settings.init == "k-means" else subset[: len(self.means)]
        distances = torch.cdist(subset, centres)
        labels, noise = distances.argmin(1), torch.zeros_like(self.weights)
        for k, distance in enumerate(distances.T):
            members = subset[labels == k][:N_LOCAL]
            if len(members) < 3 * n_factors:  # too few for as many axes: add the nearest others
                members = subset[distance.topk(min(3 * n_factors, len(subset)), largest=False).indices]
            variances, axes = _principal_axes(members - members.mean(0))
            residual = (variances[n_factors:].sum() / (x.shape[1] - n_factors)).clamp(min=floor)
            stretch = (variances[:n_factors] - residual).clamp(min=residual / 100).sqrt()  # never zero, a fixed point of EM
            self.factors[k], noise[k] = stretch[:, None] * axes[:n_factors], residual
        counts = torch.bincount(labels, minlength=len(centres)).double().clamp(min=1)
        self.weights.copy_(counts / counts.sum())
        self.means.copy_(centres)
        # One noise for all dimensions, diagonal or not: with almost none in one dimension, EM would hardly change it.
        self.noise.fill_(self.weights @ noise)

    def _k_means(self, x: Tensor, rng: torch.Generator) -> Tensor:
        seed = int(torch.randint(2**31 - 1, (1,), generator=rng, device=rng.device))
        means = KMeans(self.settings.n_components, n_init=1, max_iter=50, random_state=seed)
        with threadpool_limits(1), warnings.catch_warnings():  # more threads would spin, waiting for each other, on a busy machine
            warnings.simplefilter("ignore", ConvergenceWarning)  # fewer different examples than components: some centres coincide
            return torch.as_tensor(means.fit(x.float().cpu().numpy()).cluster_centers_).to(x)


def _principal_axes(y: Tensor) -> tuple[Tensor, Tensor]:
    """Return the variances of centred y (N, D) along its principal axes, largest first, and these, one a row."""
    _, scales, axes = torch.linalg.svd(y, full_matrices=False)
    return scales.square() / len(y), axes
