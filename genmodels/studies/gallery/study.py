"""The gallery's study: pictures made by models and by edits, their errors, their realisms, and how the two are correlated.

The lecture's claim on trial: reconstruction error need not be correlated with realism (Blau and Michaeli 2018: near the least error
it cannot be). Realism is estimated by judges of single pictures, by nearness to real ones in features, or by a GAN's discriminator.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets, models
from genmodels.config import Config, UserError, knob
from genmodels.datasets.base import Dataset
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.metrics.parts.edits import EDITS, edit
from genmodels.metrics.parts.rebuild import rebuilds, way
from genmodels.metrics.probes.features import Extractor
from genmodels.metrics.probes.judge import LEAST, Judges, folds, resampled, verdict
from genmodels.metrics.realism_plane import rank_correlation, realism_apart, root_mean_square
from genmodels.models.base import Judges as HasDiscriminator
from genmodels.models.base import Samples
from genmodels.progress import within
from genmodels.runs import RunSpec, Spec
from genmodels.studies import features
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.gallery.finding import Correlations, Critics, Measure, Pictures, Plane, pair
from genmodels.studies.gallery.place import relative_logits
from genmodels.studies.gallery.sources import Source, source_of_edit, source_of_run, title_of_run

JUDGED = 300  # test pictures whose reconstructions the judges learn from, if there are as many; the page shows the first of them
REFERENCE = 2000  # training pictures that represent the real ones, in features
ERRORS = {"pixels": "root mean square over pixels", "features": "distance in features"}


class GalleryConfig(Config):
    """Settings of the realism gallery."""

    n: int = knob(200, "Test pictures shown, the first of the test set.", ge=20, le=400, label="test pictures")
    search_steps: int = knob(
        200, "Updates in which a code is searched for: a GAN's noise, an autoencoder's code.", ge=1, le=2000, log=True
    )
    searched: bool = knob(True, "Whether a code is searched for, too, where there is an encoder.")
    edits: bool = knob(True, "Whether pictures that no model made are shown besides.")
    seed: int = knob(0, "Chance of searches, edits and judges.", ge=0, le=1000)


@dataclass(frozen=True)
class ModelPictures:
    """Pictures by one model: reconstructions of M test pictures in each of its ways, then M samples if it has any."""

    pictures: Tensor  # (n_ways or n_ways + 1, M, C, H, W)
    n_ways: int


class Gallery(Study):
    """Errors and realisms of all reconstructions and edits of the same test pictures."""

    name = "gallery"
    title = "Realism gallery"
    version = 6
    Settings = GalleryConfig
    seconds = 35.0
    settings: GalleryConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return what the page opens with."""
        return [([RunSpec.make(datasets.OPENING, model) for model in models.OPENING], {})]

    def check(self) -> None:
        """Refuse points, and models none of which can rebuild a picture."""
        dataset = self.one_dataset()
        if not self.runs[0].source.is_image:
            raise UserError(f"{dataset} holds points, and a point cannot be blurred or lack a piece: the gallery needs pictures")
        if not any(way(run.kind) for run in self.runs):
            raise UserError("none of these models can rebuild a picture: choose one with a code, or a GAN")

    def needs(self) -> tuple[Spec, ...]:
        """Return the net by whose features errors are measured."""
        return features.needs(self.one_dataset())

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Rebuild, edit, measure, judge, correlate."""
        data = context.data(self.one_dataset())
        x = data.test[: max(JUDGED, self.settings.n)]  # (M, C, H, W)
        if len(x) < LEAST:
            raise UserError(f"the gallery needs at least {LEAST} test pictures, {data.source.title} has {len(x)}: add some")
        n = min(self.settings.n, len(x))
        sources, models = yield from self._rebuilt(context, x)
        edits = list(EDITS.values()) if self.settings.edits else [EDITS["identity"]]
        sources += map(source_of_edit, edits)
        changes = [edit(e.name, x[:n], data.train, context.rng(self.settings.seed, f"edit {e.name}")) for e in edits]
        pictures = torch.cat([*(one.pictures[: one.n_ways, :n] for one in models), torch.stack(changes)])  # (S, n, C, H, W)
        yield 0.55
        extract = features.extractor(data, context.store)
        table, reference = _measured(pictures, x[:n], data, extract, context.rng(0, "gallery reference"))
        yield 0.7
        fakes = [one.pictures for one in models]
        judges = Judges(data.source.shape, sum(map(len, fakes))).to(x.device)
        yield from within(0.7, 0.97, judges.fit(data.train, fakes, context.rng(self.settings.seed, "gallery judge")))
        logits, fold = torch.stack([judges(x_hat) for x_hat in pictures], 1), folds(n, x.device)  # (judges, S, n)
        table["judge"], versions = verdict(logits, fold), {"judge": resampled(logits, fold)}
        measures = {"judge": Measure("judge's logit"), "neighbours": Measure("realism score")}
        measures |= self._discriminators(context, pictures, x[:n], table)
        rng = context.rng(self.settings.seed, "gallery bootstrap")
        correlations = yield from within(0.97, 1, _correlations(table, versions, list(measures), sources, rng))
        Pictures(to_bytes(pictures), to_bytes(x[:n])).write(context)
        Critics(judges.state_dict(), reference).write(context)
        Plane(
            dataset=data.source.name,
            n=n,
            labels=None if data.test_labels is None else data.test_labels[:n].tolist(),
            sources=sources,
            measures=measures,
            correlations=correlations,
            table={name: values.float() for name, values in table.items()},
            n_judged=len(x),
            n_reference=len(reference),
            features=extract.about,
        ).write(context)
        yield 1.0

    def _discriminators(self, context: StudyContext, pictures: Tensor, x: Tensor, table: dict[str, Tensor]) -> dict[str, Measure]:
        """Add each discriminator's logits of pictures (S, n, C, H, W) to the table, and return their measures."""
        measures = {}
        for i, model in enumerate(map(context.model, self.runs)):
            if isinstance(model, HasDiscriminator):
                table[f"d{i}"] = relative_logits(model, pictures, x)
                measures[f"d{i}"] = Measure(f"{title_of_run(self.runs[i], self.runs)}'s own D", i)
        return measures

    def _rebuilt(self, context: StudyContext, x: Tensor) -> Generator[float, None, tuple[list[Source], list[ModelPictures]]]:
        """Yield the progress; return the sources of models' reconstructions of x (M, C, H, W), and each model's pictures."""
        sources, pictures = [], []
        for i, run in enumerate(self.runs):
            model, rng = context.model(run), context.rng(self.settings.seed, f"gallery {i}")
            low, high = 0.5 * i / len(self.runs), 0.5 * (i + 1) / len(self.runs)
            ways = yield from within(low, high, rebuilds(model, x, rng, self.settings.search_steps, self.settings.searched))
            if ways:
                sources += [source_of_run(i, self.runs, way, len(ways)) for way in ways]
                samples = [model.sample(len(x), rng)] if isinstance(model, Samples) else []
                pictures.append(ModelPictures(torch.stack([*(way.x_hat for way in ways), *samples]), len(ways)))
            yield high
        return sources, pictures


def _measured(
    pictures: Tensor, x: Tensor, data: Dataset, extract: Extractor, rng: torch.Generator
) -> tuple[dict[str, Tensor], Tensor]:
    """Return both errors and the neighbours' realism of pictures (S, n, C, H, W), (S, n) each, and the reference's features."""
    some = torch.randperm(len(data.train), generator=rng, device=rng.device)[:REFERENCE].to(x.device)
    reference, own = extract(data.train[some]), extract(x)
    of_pictures = extract(pictures.flatten(0, 1))  # (S n, F)
    table = {
        "pixels": root_mean_square(pictures, x),
        "features": root_mean_square(of_pictures.unflatten(0, pictures.shape[:2]), own),
        "neighbours": realism_apart(of_pictures, reference).unflatten(0, pictures.shape[:2]),
    }
    return table, reference.float().cpu()


def _correlations(
    table: Mapping[str, Tensor],
    versions: Mapping[str, Tensor],
    measures: list[str],
    sources: Sequence[Source],
    rng: torch.Generator,
) -> Generator[float, None, dict[str, Correlations]]:
    """Yield the progress; return, by error and realism, the rank correlation over models, over all sources, and of each."""
    models = [i for i, source in enumerate(sources) if source.correlated]
    correlations = {}
    pairs = [(e, r) for e in ERRORS for r in measures]
    for i_pair, (e, r) in enumerate(pairs):
        yield i_pair / len(pairs)
        error, realism, other = table[e], table[r], versions.get(r)
        alone = [error[i : i + 1] for i in range(len(sources))]
        correlations[pair(e, r)] = Correlations(
            models=rank_correlation(error[models], realism[models], rng, None if other is None else other[:, models]),
            all=rank_correlation(error, realism, rng, resampled=0).rho,
            each=[rank_correlation(own, realism[i : i + 1], rng, resampled=0).rho for i, own in enumerate(alone)],
        )
    return correlations
