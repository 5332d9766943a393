"""An autoencoder beside a VAE, both with a code of two numbers: codes, decodes of the whole plane, samples by four samplers.

One knob in two units: with a Gaussian decoder of fixed sigma what is minimised is ||x - mu(z)||^2 / (2 sigma^2) + beta D, up to a
constant; divided by beta it is that of sigma sqrt(beta) with beta = 1. So the VAE is trained in both units, from one seed.
"""

import math
from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import Tensor

from genmodels import datasets, device
from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.metrics.frechet import frechet_ratio
from genmodels.metrics.probes.features import Extractor
from genmodels.models.autoencoder import Autoencoder
from genmodels.models.base import Decodes
from genmodels.models.parts import nets
from genmodels.models.parts.codes import CodeMixture
from genmodels.models.vae import VAE, VAEConfig
from genmodels.runs import RunSpec, Spec
from genmodels.studies import features
from genmodels.studies.base import Study, StudyContext

SAMPLERS = ("N(0, I)", "Gaussian on codes", "GMM on codes", "encoded data")
COMPONENTS = 10
SHOWN, CODED, JUDGED, DRAWS = 25, 4000, 1000, 4  # samples drawn on the page; codes fitted; pictures scored, so many times
DOTS, ELLIPSES = 600, 120  # test pictures whose codes are drawn, and whose q(z|x) are
LEAST_REACH = 3.0  # of a plane that is to hold N(0, I)


def _net(dataset: str) -> dict[str, Any]:
    """Return what keeps ||x - d(e(x))||^2 all there is: no noise, and for small pictures a net that then learns few by heart."""
    return {"noise": 0.0} | ({} if datasets.source(dataset).is_large else {"hidden_dim": 128, "depth": 2})


def specs(dataset: str, seed: int = 0) -> list[RunSpec]:
    """Return the autoencoder and the VAE of beta = 1, whose learned sigma is the unit of the knob."""
    return [RunSpec.make(dataset, model, {"latent_dim": 2, **_net(dataset)}, seed) for model in ("autoencoder", "vae")]


class PlaneConfig(Config):
    """The knob."""

    beta: float = knob(1.0, "Weight of D[Q||P(z)] at the σ that a VAE of β = 1 learns; σ√β with β = 1 is the same.", ge=0.01, le=20)


class Plane(Study):
    """The planes of codes, what they decode to, and the Fréchet ratio of samples by each sampler."""

    name = "code-plane"
    title = "An autoencoder's plane of codes beside a VAE's"
    Settings = PlaneConfig
    seconds = 25.0
    settings: PlaneConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the ends and the middle of the knob on the first dataset."""
        return [(specs("digits"), {"beta": beta}) for beta in (1.0, 0.01, 0.1, 10.0)]

    def check(self) -> None:
        """Ask for an autoencoder and a VAE with codes in the plane, of pictures."""
        _check_pair(self)
        if any(_dim(run) != 2 for run in self.runs):
            raise UserError(f"{self.name} draws planes: give runs of 2 latent dimensions")

    def needs(self) -> tuple[Spec, ...]:
        """Return the net by whose features samples are scored."""
        return features.needs(self.one_dataset())

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Train the VAE at this knob in both units, then look at both planes."""
        spec, data = self.runs[1], context.data(self.one_dataset())
        learned = cast(VAE, context.model(spec))
        sigma, beta = float(learned.log_sigma.exp() * learned.units.scale), self.settings.beta
        vaes: list[VAE] = []
        for i, (s, b) in enumerate(((sigma, beta), (sigma * math.sqrt(beta), 1.0))):
            vaes.append(untrained(spec, data, b))
            for index in fit_fixed(vaes[-1], data, s, device.generator(data.device, spec.seed, "fit")):
                yield 0.33 * (i + index / spec.steps)
            if beta == 1:
                break
        extract = features.extractor(data, context.store)
        yield 0.75
        facts: dict[str, Any] = {"sigma": sigma, "beta": beta, "samplers": list(SAMPLERS), "features": extract.about}
        facts["twin"] = difference(vaes[0], vaes[-1], data) if len(vaes) > 1 else 0.0
        autoencoder = cast(Autoencoder, context.model(self.runs[0]))
        models: dict[str, Autoencoder | VAE] = {"autoencoder": autoencoder, "vae": vaes[0]}
        for i, (name, model) in enumerate(models.items()):
            facts[name], tensors = look(model, data, context.rng(0, name))
            context.tensors(f"{name}.safetensors", tensors)
            facts[name]["frechet"] = []
            for sampler in SAMPLERS:
                facts[name]["frechet"].append(score(model, sampler, data, extract, context))
                yield 0.75 + 0.125 * (i + len(facts[name]["frechet"]) / len(SAMPLERS))
        facts["noisy"] = score(vaes[0], SAMPLERS[0], data, extract, context, noisy=True)
        context.json("facts.json", facts)


class SamplersConfig(Config):
    """Nothing to choose: the runs say all."""


class Samplers(Study):
    """The Fréchet ratio of samples of an autoencoder and of a VAE, with codes of any length, by each sampler."""

    name = "code-samplers"
    title = "Samples by each sampler, with longer codes"
    Settings = SamplersConfig
    seconds = 6.0
    settings: SamplersConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the presets of the first dataset."""
        return [(longer("digits"), {})]

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
        found: dict[str, list[dict[str, float]]] = {}
        for i, run in enumerate(self.runs):
            model = cast(Autoencoder | VAE, context.model(run))
            for j, sampler in enumerate(SAMPLERS):
                yield 0.2 + 0.4 * (i + j / len(SAMPLERS))
                found.setdefault(run.model, []).append(score(model, sampler, data, extract, context))
        context.json("samplers.json", {"samplers": list(SAMPLERS), "dim": _dim(self.runs[0]), "frechet": found})


def longer(dataset: str, seed: int = 0) -> list[RunSpec]:
    """Return both with codes as long as the presets': long enough to rebuild a picture well."""
    return [RunSpec.make(dataset, model, _net(dataset), seed) for model in ("autoencoder", "vae")]


def untrained(spec: RunSpec, data: Dataset, beta: float) -> VAE:
    """Return a VAE as that of `spec`, with this weight of the KL."""
    settings = spec.kind.Settings.parse({**spec.settings.model_dump(), "beta": beta}, where=spec.model)
    return VAE(cast(VAEConfig, settings), spec.source.shape).to(data.device)


def fit_fixed(model: VAE, data: Dataset, sigma: float, rng: torch.Generator) -> Iterator[int]:
    """Fit the VAE with sigma held (data units), yielding the number of each update."""
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
    """Return the root mean square difference of the two VAEs' reconstructions of the test pictures, of a grey scale from 0 to 1."""
    x = data.test[:JUDGED]
    return float((a.reconstruct(x) - b.reconstruct(x)).square().mean().sqrt())


def look(model: Autoencoder | VAE, data: Dataset, rng: torch.Generator) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return what is drawn of a model's plane: its box and errors; codes, a sheet of decodes, samples by each sampler."""
    x = data.test[:DOTS]
    z, deviation = encode(model, x)
    is_vae = isinstance(model, VAE)
    centre = torch.zeros(2).to(z) if is_vae else (z.amin(0) + z.amax(0)) / 2
    half = max(LEAST_REACH * is_vae, 1.05 * float((z - centre).abs().max()))
    across = 41 if not data.source.is_large else 29
    steps = torch.linspace(-1, 1, across, device=z.device)
    grid = centre + half * torch.stack(torch.meshgrid(steps, -steps, indexing="xy"), -1).flatten(0, 1)  # rows from above
    tensors = {"codes": z, "sheet": to_bytes(model.decode(grid)), "deviations": deviation[:ELLIPSES]}
    if data.test_labels is not None:
        tensors["labels"] = data.test_labels[:DOTS]
    for i, sampler in enumerate(SAMPLERS):
        codes = draw(model, sampler, SHOWN, data, rng)
        tensors |= {f"samples.{i}": to_bytes(model.decode(codes)), f"samples.{i}.codes": codes}
    facts: dict[str, Any] = {"centre": centre.tolist(), "half": half, "across": across}
    facts["error"] = float((model.reconstruct(data.test) - data.test).flatten(1).square().sum(1).mean())
    if isinstance(model, VAE):
        terms = model.bound_terms(data.test.flatten(1), rng)
        facts |= {"kl": float(terms["kl"]), "sigma": float(model.log_sigma.exp() * model.units.scale)}
    return facts, {name: value.contiguous() for name, value in tensors.items()}


def encode(model: Autoencoder | VAE, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and deviations of the code of x, (N, Z) each; an autoencoder's code has none."""
    if isinstance(model, Autoencoder):
        z = model.encode(x)
        return z, torch.zeros_like(z)
    mu, log_var = model.posterior(x)
    return mu, (log_var / 2).exp()


def draw(model: Autoencoder | VAE, sampler: str, n: int, data: Dataset, rng: torch.Generator) -> Tensor:
    """Return n codes (n, Z): of N(0, I), of a Gaussian or a mixture fitted to codes of training pictures, or such codes."""
    dim = model.settings.latent_dim
    if sampler == "N(0, I)":
        return torch.randn(n, dim, generator=rng, device=rng.device)
    chosen = torch.randperm(len(data.train), generator=rng, device=rng.device)[:CODED]
    mu, deviation = encode(model, data.train[chosen])
    z = mu + deviation * torch.randn(mu.shape, generator=rng, device=rng.device)  # (N, Z)
    if sampler == "encoded data":
        return z[torch.randint(len(z), (n,), generator=rng, device=rng.device)]
    mixture = CodeMixture(1 if sampler == "Gaussian on codes" else COMPONENTS, dim).to(z.device)
    mixture.learn(z, rng)
    return mixture.sample(n, rng)


def score(
    model: Autoencoder | VAE, sampler: str, data: Dataset, extract: Extractor, context: StudyContext, noisy: bool = False
) -> dict[str, float]:
    """Return mean, least and largest Fréchet ratio of a few draws of as many pictures as are held out, a thousand at most."""
    n = min(JUDGED, len(data.test))
    real, train = extract(data.test[:n]), extract(data.train[: 5 * n])
    found = []
    for i in range(DRAWS):
        rng = context.rng(i, f"score {sampler}")
        z = draw(model, sampler, n, data, rng)
        x = cast(Decodes, model).decode(z)
        if noisy:
            mean, deviation = cast(VAE, model).given(z)
            x = nets.examples(mean + deviation * torch.randn(mean.shape, generator=rng, device=rng.device), data.source.shape)
        found.append(frechet_ratio(extract(x), real, train))
    return {"mean": sum(found) / DRAWS, "least": min(found), "most": max(found)}


def _dim(run: RunSpec) -> int:
    return int(getattr(run.settings, "latent_dim", 0))


def _check_pair(study: Study) -> None:
    study.one_dataset()
    if [run.model for run in study.runs] != ["autoencoder", "vae"] or not study.runs[0].source.is_image:
        raise UserError(f"{study.name} needs an autoencoder and a VAE of pictures, in this order: give these two runs")
