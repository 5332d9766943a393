"""The latent space of one run: codes of held-out examples, flat maps of them, and how much of the class is in a code."""

from collections.abc import Generator, Iterator
from typing import Any, Literal

import torch
from torch import Tensor

from genmodels import datasets, models
from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.metrics.embedding import K as K_KEPT
from genmodels.metrics.embedding import neighbours_kept
from genmodels.metrics.latent import K as K_VOTES
from genmodels.metrics.latent import knn_accuracy
from genmodels.models.base import Model, Samples
from genmodels.progress import within
from genmodels.runs import RunSpec, Spec
from genmodels.studies import features
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.latents.codes import Coded, codes, has_codes, prior, search_seconds
from genmodels.studies.latents.embedding import Map, allowed_perplexity
from genmodels.studies.latents.finding import ClassAccuracy, Codes, Descent, LatentSpace, MapSummary, SmallMap, SmallMaps

N_EXAMPLES, N_TRAIN, N_PRIOR = 1800, 1500, 200  # held-out examples, training examples that vote, codes from the prior; at most
N_JOINT, N_SEEDS = 900, 900  # real examples, and as many samples, in a joint map; examples in each of the small maps
SEEDS = (0, 1, 2)
PERPLEXITIES = (5, 30, 100)


class Nothing(Config):
    """A study without settings."""


class Latents(Study):
    """Codes of held-out examples, codes from the prior, their principal axes, and the kNN accuracy of codes."""

    name = "latents"
    title = "Codes of held-out examples"
    version = 3
    Settings = Nothing
    seconds = 2.0

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return what the page opens with."""
        return [([RunSpec.make(datasets.OPENING, model)], {}) for model in models.OPENING]

    def check(self) -> None:
        """Refuse several runs, and a model without any code."""
        check_one_with_codes(self)

    def estimate(self) -> float:
        """Return the seconds, most of them a search where there is one."""
        n_train = N_TRAIN if self.runs[0].source.classes else 0
        return self.seconds + search_seconds(self.runs[0], N_EXAMPLES + n_train)

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Encode test and training examples, project the codes to their principal axes, and let training codes vote."""
        (run,) = self.runs
        data, model = context.data(run.dataset), context.model(run)
        test = yield from within(0, 0.4, codes(context, run, model, "test", N_EXAMPLES))
        train = None
        if data.test_labels is not None and data.train_labels is not None:
            train = yield from within(0.5, 0.9, codes(context, run, model, "train", N_TRAIN))
        samples = prior(model, N_PRIOR, test.z.shape[1], context.rng(run.seed, "prior codes"))
        axes, variance = principal_axes(test.z)
        mean = test.z.double().mean(0)
        yield 0.95
        overlap = _overlap(test.z, (test.z.double() - mean) @ axes)
        yield 0.97
        LatentSpace(
            dimensions=test.z.shape[1],
            variance=variance,
            neighbours_kept=overlap,
            test=_projected(test, mean, axes, data),
            prior=_projected(samples, mean, axes, data) if samples else None,
            accuracy=class_accuracy(data, test.z, train.z) if train else None,
        ).write(context)


def _projected(part: Coded, mean: Tensor, axes: Tensor, data: Dataset) -> Codes:
    """Return codes with their coordinates on axes (Z, 2) about a mean (Z,)."""
    return Codes(part.z, stored(part.x_hat, data), (part.z.double() - mean) @ axes)


def class_accuracy(data: Dataset, z: Tensor, z_train: Tensor) -> ClassAccuracy:
    """Return the kNN accuracy of codes (N, Z) by training codes (M, Z), and of the same examples without a code."""
    assert data.test_labels is not None
    assert data.train_labels is not None
    labels, train_labels = data.test_labels[: len(z)].cpu(), data.train_labels[: len(z_train)].cpu()
    x, x_train = data.test[: len(z)].flatten(1).cpu(), data.train[: len(z_train)].flatten(1).cpu()
    return ClassAccuracy(
        codes=knn_accuracy(z, labels, z_train, train_labels),
        raw=knn_accuracy(x, labels, x_train, train_labels),
        n_neighbours=K_VOTES,
        n_train=len(z_train),
    )


class LatentMapConfig(Config):
    """Settings of one t-SNE map."""

    space: Literal["codes", "features"] = knob(
        "codes", "codes: of held-out examples; features: real and generated examples together, as a classifier sees them."
    )
    perplexity: float = knob(30.0, "About how many neighbours each code minds.", ge=2, le=200, log=True)
    seed: int = knob(0, "The map's own chance.", ge=0, le=999)
    start: Literal["principal axes", "random"] = knob("principal axes", "Where the dots begin.")


class LatentMap(Study):
    """A t-SNE, recorded while it descends: of codes, to which codes from the prior are added, or of real examples and samples."""

    name = "latent-map"
    title = "t-SNE of the codes"
    version = 2
    Settings = LatentMapConfig
    seconds = 4.0
    settings: LatentMapConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return what the page opens with."""
        return [([RunSpec.make(datasets.OPENING, model)], {}) for model in models.OPENING]

    def check(self) -> None:
        """Refuse a joint map for a model that generates nothing."""
        check_one_with_codes(self)
        if self.settings.space == "features" and not issubclass(self.runs[0].kind, Samples):
            raise UserError(f"latent-map: {self.runs[0].model} generates nothing to lay beside real examples; give space=codes")

    def needs(self) -> tuple[Spec, ...]:
        """Return the net, where features are mapped."""
        return features.needs(self.one_dataset()) if self.settings.space == "features" else ()

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Compute codes or features, descend, and place the prior's codes on the finished map."""
        settings, model = self.settings, context.model(self.runs[0])
        joint, prior_z, samples = settings.space == "features", None, None
        if joint:
            z, samples = self._features(context, model)
        else:
            z, prior_z = yield from within(0, 0.3, self._codes(context, model))
        chart, iterations, frames = Map(z, settings.perplexity, settings.seed, settings.start), list[int](), list[Tensor]()
        for moment in chart.descend():
            iterations.append(moment.iteration)
            frames.append(moment.y.float())
            Descent(len(z) // 2 if joint else len(z), iterations, torch.stack(frames)).write(context)
            yield 0.3 + 0.6 * moment.progress
        y = None
        if prior_z is not None:
            for moment in chart.place(prior_z):
                y = moment.y.float()
                yield 0.9 + 0.09 * moment.progress
        MapSummary(chart.divergence(), _overlap(z, frames[-1]), chart.perplexity, y, samples).write(context)

    def _features(self, context: StudyContext, model: Model) -> tuple[Tensor, Tensor]:
        """Return features of n real examples and then of n samples, (2 n, F), and the samples as they are stored."""
        assert isinstance(model, Samples)
        data = context.data(self.runs[0].dataset)
        net = features.extractor(data, context.store)
        n = min(N_JOINT, len(data.test))
        fake = model.sample(n, context.rng(self.runs[0].seed, "joint samples"))
        return torch.cat([net(data.test[:n]), net(fake)]).cpu(), stored(fake.cpu(), data)

    def _codes(self, context: StudyContext, model: Model) -> Generator[float, None, tuple[Tensor, Tensor | None]]:
        """Yield the progress; return codes (N, Z) of test examples, and codes (P, Z) from the prior if the model has one."""
        (run,) = self.runs
        z = (yield from codes(context, run, model, "test", N_EXAMPLES)).z
        samples = prior(model, N_PRIOR, z.shape[1], context.rng(run.seed, "prior codes"))
        return z, samples.z if samples else None


class LatentSeeds(Study):
    """How much of a t-SNE is chance and choice: maps of the same codes from three random starts at three perplexities."""

    name = "latent-seeds"
    title = "Three starts at three perplexities"
    version = 2
    Settings = Nothing
    seconds = 12.0

    def check(self) -> None:
        """Refuse several runs, and a model without any code."""
        check_one_with_codes(self)

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Make the nine maps, one after the other."""
        z = (yield from within(0, 0.1, codes(context, self.runs[0], context.model(self.runs[0]), "test", N_SEEDS))).z
        maps: list[SmallMap] = []
        for perplexity in PERPLEXITIES:
            for seed in SEEDS:
                chart = Map(z, perplexity, seed, "random")
                for moment in chart.descend():
                    yield 0.1 + 0.9 * (len(maps) + moment.progress) / (len(SEEDS) * len(PERPLEXITIES))
                y, allowed = moment.y, allowed_perplexity(perplexity, len(z))
                maps.append(SmallMap(allowed, seed, chart.divergence(), _overlap(z, y), y))
        SmallMaps(maps).write(context)


def check_one_with_codes(study: Study) -> None:
    """Refuse several runs, and a model without any code."""
    if len(study.runs) != 1:
        raise UserError(f"{study.name} reads one run, got {len(study.runs)}: ask once for each")
    if not has_codes(study.runs[0].kind):
        raise UserError(f"{study.name}: {study.runs[0].model} has no code for an example; give another model")


def principal_axes(z: Tensor) -> tuple[Tensor, list[float]]:
    """Return the two widest principal axes of codes (N, Z), (Z, 2), largest entry positive, and their shares of the variance."""
    z = z.double() - z.double().mean(0)
    values, vectors = torch.linalg.eigh(z.T @ z)
    axes = vectors[:, -2:].flip(1)  # (Z, 2), or (1, 1)
    axes = axes * axes.gather(0, axes.abs().argmax(0, keepdim=True)).sign()
    shares = (values.flip(0) / values.sum().clamp(min=1e-300)).clamp(min=0)
    if len(values) == 1:
        return torch.cat([axes, torch.zeros_like(axes)], 1), [1.0, 0.0]
    return axes, [float(share) for share in shares[:2]]


def stored(x: Tensor, data: Dataset) -> Tensor:
    """Return examples as a finding stores them: pictures as bytes, points as float32."""
    return to_bytes(x) if data.source.is_image else x.float()


def _overlap(z: Tensor, y: Tensor) -> float:
    """Return the share of each code's nearest neighbours that are its nearest on the map."""
    return neighbours_kept(z, y, min(K_KEPT, len(z) - 1))
