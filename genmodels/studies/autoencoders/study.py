"""An autoencoder beside a VAE, both with a code of two numbers: codes, decodes of the whole plane, samples by four samplers.

With a Gaussian decoder of fixed sigma a VAE minimises ||x - mu(z)||^2 / (2 sigma^2) + beta D, up to a constant; divided by beta it
is the loss of sigma sqrt(beta) with beta = 1. So beta and sigma are one knob in two units, and the VAE is trained in both from one
seed.
"""

import math
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any, cast

import torch

from genmodels import datasets, device
from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.metrics.probes.features import Extractor
from genmodels.models.autoencoder import Autoencoder
from genmodels.models.parts import nets
from genmodels.models.vae import VAE, VAEConfig
from genmodels.progress import within
from genmodels.runs import RunSpec, Spec
from genmodels.studies import features
from genmodels.studies.autoencoders.finding import CodeSamples, ModelPlane, PlaneFinding, Ratio, SamplersFinding
from genmodels.studies.autoencoders.samplers import N_SCORED, SAMPLERS, draw, encode, score
from genmodels.studies.base import Study, StudyContext

N_SAMPLES = 25  # drawn for each sampler
N_CODES, N_ELLIPSES = 600, 120  # test pictures whose codes are drawn, and whose q(z|x) are
LEAST_REACH = 3.0  # of a VAE's plane: it must hold N(0, I)


def _net(dataset: str) -> dict[str, Any]:
    """Return settings without input noise, and for small pictures a net too small to memorise many."""
    return {"noise": 0.0} | ({} if datasets.source(dataset).is_large else {"hidden_dim": 128, "depth": 2})


def plane_specs(dataset: str, seed: int = 0) -> list[RunSpec]:
    """Return the autoencoder and the VAE of beta = 1, whose learned sigma is the unit of the knob."""
    return [RunSpec.make(dataset, model, {"latent_dim": 2, **_net(dataset)}, seed) for model in ("autoencoder", "vae")]


def longer_specs(dataset: str, seed: int = 0) -> list[RunSpec]:
    """Return both with codes as long as the presets': long enough to reconstruct a picture well."""
    return [RunSpec.make(dataset, model, _net(dataset), seed) for model in ("autoencoder", "vae")]


class PlaneConfig(Config):
    """The knob."""

    beta: float = knob(
        1.0,
        "Weight of D[Q||P(z)] at the σ that a VAE of β = 1 learns; σ√β with β = 1 is the same.",
        ge=0.01,
        le=20,
        ahead=(0.5, 2.0, 4.0, 0.3, 20.0, 0.03),
    )


class Plane(Study):
    """The planes of codes, what they decode to, and the Fréchet ratio of samples by each sampler."""

    name = "code-plane"
    title = "An autoencoder's plane of codes beside a VAE's"
    version = 2
    Settings = PlaneConfig
    seconds = 25.0
    settings: PlaneConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the ends and the middle of the knob on the first dataset."""
        return [(plane_specs("digits"), {"beta": beta}) for beta in (1.0, 0.01, 0.1, 10.0)]

    def check(self) -> None:
        """Ask for an autoencoder and a VAE with codes in the plane, of pictures."""
        _check_pair(self)
        if any(_dim(run) != 2 for run in self.runs):
            raise UserError(f"{self.name} draws planes: give runs of 2 latent dimensions")

    def needs(self) -> tuple[Spec, ...]:
        """Return the net by whose features samples are scored."""
        return features.needs(self.one_dataset())

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Train the VAE at this knob in both units, then measure both planes."""
        data = context.data(self.one_dataset())
        learned = cast(VAE, context.model(self.runs[1]))
        sigma = float(learned.log_sigma.exp() * learned.units.scale)
        vaes = yield from within(0, 0.66, self._vaes(data, sigma))
        extract = features.extractor(data, context.store)
        yield 0.75
        vae, autoencoder = vaes[0], cast(Autoencoder, context.model(self.runs[0]))
        planes = []
        models: dict[str, Autoencoder | VAE] = {"autoencoder": autoencoder, "vae": vae}
        for i, (name, model) in enumerate(models.items()):
            plane = measure_plane(model, data, context.rng(0, name))
            low = 0.75 + 0.125 * i
            ratios = yield from within(low, low + 0.125, _ratios(model, data, extract, context))
            planes.append(replace(plane, ratios=ratios))
        PlaneFinding(
            beta=self.settings.beta,
            sigma=sigma,
            unit_difference=difference(vae, vaes[-1], data) if len(vaes) > 1 else 0.0,
            features=extract.about,
            autoencoder=planes[0],
            vae=planes[1],
            noisy=score(vae, SAMPLERS[0], data, extract, context, noisy=True),
        ).write(context)

    def _vaes(self, data: Dataset, sigma: float) -> Generator[float, None, list[VAE]]:
        """Train the VAE with beta at sigma and, unless beta is 1, with 1 at sigma sqrt(beta); yield the progress."""
        spec, beta = self.runs[1], self.settings.beta
        units = [(sigma, beta), (sigma * math.sqrt(beta), 1.0)][: 1 if beta == 1 else 2]
        vaes = []
        for i, (fixed, weight) in enumerate(units):
            vaes.append(untrained(spec, data, weight))
            for step in fit_fixed(vaes[-1], data, fixed, device.generator(data.device, spec.seed, "fit")):
                yield (i + step / spec.steps) / 2
        return vaes


class SamplersConfig(Config):
    """No settings: the runs determine all."""


class Samplers(Study):
    """The Fréchet ratio of samples of an autoencoder and of a VAE, with codes of any length, by each sampler."""

    name = "code-samplers"
    title = "Samples by each sampler, with longer codes"
    version = 2
    Settings = SamplersConfig
    seconds = 6.0
    settings: SamplersConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the presets of the first dataset."""
        return [(longer_specs("digits"), {})]

    def check(self) -> None:
        """Ask for an autoencoder and a VAE, of pictures."""
        _check_pair(self)

    def needs(self) -> tuple[Spec, ...]:
        """Return the net by whose features samples are scored."""
        return features.needs(self.one_dataset())

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Score every sampler of both."""
        data = context.data(self.one_dataset())
        yield 0.0
        extract = features.extractor(data, context.store)
        ratios = []
        for i, run in enumerate(self.runs):
            model = cast(Autoencoder | VAE, context.model(run))
            ratios.append((yield from within(0.2 + 0.4 * i, 0.6 + 0.4 * i, _ratios(model, data, extract, context))))
        SamplersFinding(_dim(self.runs[0]), ratios[0], ratios[1]).write(context)


def _ratios(
    model: Autoencoder | VAE, data: Dataset, extract: Extractor, context: StudyContext
) -> Generator[float, None, list[Ratio]]:
    """Score every sampler of a model, yielding the progress."""
    ratios = []
    for sampler in SAMPLERS:
        ratios.append(score(model, sampler, data, extract, context))
        yield len(ratios) / len(SAMPLERS)
    return ratios


def untrained(spec: RunSpec, data: Dataset, beta: float) -> VAE:
    """Return a VAE with the settings of `spec` but this weight of the KL."""
    settings = spec.kind.Settings.parse({**spec.settings.model_dump(), "beta": beta}, where=spec.model)
    return VAE(cast(VAEConfig, settings), spec.source.shape).to(data.device)


def fit_fixed(model: VAE, data: Dataset, sigma: float, rng: torch.Generator) -> Iterator[int]:
    """Fit the VAE with sigma fixed (data units), yielding the number of each update."""
    units = nets.Standardise(data.train[0].numel()).to(data.device)
    units.learn(data.train.flatten(1))
    model.log_sigma.requires_grad_(False).fill_(math.log(sigma / float(units.scale)))
    with torch.enable_grad():
        steps = model.fit(data, rng)
    while True:
        with torch.enable_grad():
            step = next(steps, None)
        if step is None:
            break
        yield step.index
    model.eval().requires_grad_(False)


def difference(a: VAE, b: VAE, data: Dataset) -> float:
    """Return the root mean square difference of two VAEs' reconstructions of test pictures, of a grey scale from 0 to 1."""
    x = data.test[:N_SCORED]
    return float((a.reconstruct(x) - b.reconstruct(x)).square().mean().sqrt())


def measure_plane(model: Autoencoder | VAE, data: Dataset, rng: torch.Generator) -> ModelPlane:
    """Return a model's plane, without ratios: box and errors, codes, a sheet of decodes, samples by each sampler."""
    z, deviation = encode(model, data.test[:N_CODES])
    is_vae = isinstance(model, VAE)
    centre = torch.zeros(2).to(z) if is_vae else (z.amin(0) + z.amax(0)) / 2
    half = max(LEAST_REACH * is_vae, 1.05 * float((z - centre).abs().max()))
    across = 41 if not data.source.is_large else 29
    steps = torch.linspace(-1, 1, across, device=z.device)
    grid = centre + half * torch.stack(torch.meshgrid(steps, -steps, indexing="xy"), -1).flatten(0, 1)  # rows from the top
    samples = []
    for sampler in SAMPLERS:
        codes = draw(model, sampler, N_SAMPLES, data, rng)
        samples.append(CodeSamples(codes, to_bytes(model.decode(codes))))
    error = float((model.reconstruct(data.test) - data.test).flatten(1).square().sum(1).mean())
    return ModelPlane(
        centre=centre.tolist(),
        half=half,
        across=across,
        error=error,
        kl=float(model.bound_terms(data.test.flatten(1), rng)["kl"]) if isinstance(model, VAE) else None,
        sigma=float(model.log_sigma.exp() * model.units.scale) if isinstance(model, VAE) else None,
        codes=z,
        deviations=deviation[:N_ELLIPSES],
        labels=None if data.test_labels is None else data.test_labels[:N_CODES],
        sheet=to_bytes(model.decode(grid)),
        samples=samples,
        ratios=[],
    )


def _dim(run: RunSpec) -> int:
    return int(getattr(run.settings, "latent_dim", 0))


def _check_pair(study: Study) -> None:
    study.one_dataset()
    if [run.model for run in study.runs] != ["autoencoder", "vae"] or not study.runs[0].source.is_image:
        raise UserError(f"{study.name} needs an autoencoder and a VAE of pictures, in this order: give these two runs")
