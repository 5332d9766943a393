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

N_EXAMPLES, N_TRAIN, N_PRIOR = 1800, 1500, 200  # held-out examples, training examples that vote, prior samples; at most
N_JOINT, N_SEEDS = 900, 900  # of real and as many of generated examples; of examples in each map of the honesty panel
SEEDS = (0, 1, 2)
PERPLEXITIES = (5, 30, 100)


class Nothing(Config):
    """A study without settings."""


class Latents(Study):
    """Codes of held-out examples as they are and on their principal axes, prior samples, reconstructions, and kNN accuracy."""

    name = "latents"
    title = "Codes of held-out examples"
    version = 2
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
        """Encode test and training examples, lay the codes on their principal axes, and let training codes vote."""
        data, model, parts = context.data(self.runs[0].dataset), context.model(self.runs[0]), dict[str, Coded]()
        labelled = data.test_labels is not None and data.train_labels is not None
        sizes = {"test": N_EXAMPLES, "train": N_TRAIN if labelled else 0}
        for index, (part, n) in enumerate(sizes.items()):
            if n:
                low = 0.5 * index
                parts[part] = yield from within(low, low + 0.4, codes(context, self.runs[0], model, part, n))
        test, drawn = parts["test"], prior(model, N_PRIOR, parts["test"].z.shape[1], context.rng(self.runs[0].seed, "prior codes"))
        axes, shares = principal_axes(test.z)
        tensors = {"z": test.z, "x_hat": stored(test.x_hat, data), "axes": (test.z.double() - test.z.double().mean(0)) @ axes}
        if drawn:
            tensors |= {"prior_z": drawn.z, "prior_x": stored(drawn.x_hat, data)}
            tensors["prior_axes"] = (drawn.z.double() - test.z.double().mean(0)) @ axes
        yield 0.95
        told: dict[str, Any] = {"dimensions": test.z.shape[1], "shares": shares, "kept": _kept(test.z, tensors["axes"])}
        yield 0.97
        told |= self._votes(data, test.z, parts["train"].z) if labelled else {}
        context.tensors("codes.safetensors", {name: tensor.contiguous() for name, tensor in tensors.items()})
        context.json("latents.json", told)

    def _votes(self, data: Dataset, z: Tensor, z_train: Tensor) -> dict[str, Any]:
        """Return the kNN accuracy of codes and of raw pixels, by the same examples."""
        assert data.test_labels is not None
        assert data.train_labels is not None
        labels, train_labels = data.test_labels[: len(z)].cpu(), data.train_labels[: len(z_train)].cpu()
        x, x_train = data.test[: len(z)].flatten(1).cpu(), data.train[: len(z_train)].flatten(1).cpu()
        return {
            "accuracy": knn_accuracy(z, labels, z_train, train_labels),
            "raw_accuracy": knn_accuracy(x, labels, x_train, train_labels),
            "neighbours": K_VOTES,
            "voters": len(z_train),
        }


class LatentMapConfig(Config):
    """Settings of one t-SNE map."""

    space: Literal["codes", "features"] = knob(
        "codes", "codes: of held-out examples; features: real and generated examples together, as a classifier sees them."
    )
    perplexity: float = knob(30.0, "About how many neighbours each code minds.", ge=2, le=200, log=True)
    seed: int = knob(0, "The map's own chance.", ge=0, le=999)
    start: Literal["principal axes", "random"] = knob("principal axes", "Where the dots begin.")


class LatentMap(Study):
    """A t-SNE, written while it iterates; prior samples are laid onto it, generated examples are part of it."""

    name = "latent-map"
    title = "t-SNE of the codes"
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
        """Gather what is mapped, descend, and lay the prior's codes onto the map."""
        s, model = self.settings, context.model(self.runs[0])
        z, drawn = yield from self._gather(context, model)
        chart, frames, marks = Map(z, s.perplexity, s.seed, s.start), [], []
        for moment in chart.descend():
            frames.append(moment.y.float())
            marks.append(moment.iteration)
            context.tensors("map.safetensors", {"frames": torch.stack(frames)})
            context.json("marks.json", {"iterations": marks})
            yield 0.3 + 0.6 * moment.share
        tensors = {"frames": torch.stack(frames)}  # (T, N, 2)
        if drawn is not None:
            for moment in chart.place(drawn):
                tensors["prior"] = moment.y.float()
                yield 0.9 + 0.09 * moment.share
        context.tensors("map.safetensors", tensors)
        told = {"kl": chart.divergence(), "kept": _kept(z, frames[-1]), "perplexity": chart.perplexity, "dimensions": z.shape[1]}
        context.json("map.json", told | ({"n_real": len(z) // 2} if s.space == "features" else {"n_real": len(z)}))

    def _gather(self, context: StudyContext, model: Model) -> Generator[float, None, tuple[Tensor, Tensor | None]]:
        """Yield shares; return what is mapped (N, Z), and prior codes to be placed or None."""
        if self.settings.space == "features":
            data = context.data(self.runs[0].dataset)
            net = features.extractor(data, context.store)
            n = min(N_JOINT, len(data.test))
            assert isinstance(model, Samples)
            fake = model.sample(n, context.rng(self.runs[0].seed, "joint samples"))
            context.tensors("fake.safetensors", {"fake": stored(fake.cpu(), data)})
            return torch.cat([net(data.test[:n]), net(fake)]).cpu(), None
        z = (yield from within(0, 0.3, codes(context, self.runs[0], model, "test", N_EXAMPLES))).z
        drawn = prior(model, N_PRIOR, z.shape[1], context.rng(self.runs[0].seed, "prior codes"))
        return z, None if drawn is None else drawn.z


class LatentSeeds(Study):
    """How much of a t-SNE is chance and choice: the same codes from three random starts at three perplexities."""

    name = "latent-seeds"
    title = "Three starts at three perplexities"
    Settings = Nothing
    seconds = 12.0

    def check(self) -> None:
        """Refuse several runs, and a model without any code."""
        check_one_with_codes(self)

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Make the nine maps, one after the other."""
        z = (yield from within(0, 0.1, codes(context, self.runs[0], context.model(self.runs[0]), "test", N_SEEDS))).z
        maps: list[Tensor] = []
        told: list[dict[str, Any]] = []
        for perplexity in PERPLEXITIES:
            for seed in SEEDS:
                chart = Map(z, perplexity, seed, "random")
                for moment in chart.descend():
                    yield 0.1 + 0.9 * (len(maps) + moment.share) / (len(SEEDS) * len(PERPLEXITIES))
                maps.append(moment.y.float())
                shown = {"perplexity": allowed_perplexity(perplexity, len(z)), "seed": seed}
                told.append(shown | {"kl": chart.divergence(), "kept": _kept(z, moment.y)})
                context.tensors("maps.safetensors", {"maps": torch.stack(maps)})
                context.json("maps.json", {"maps": told})


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
    """Return examples as they are kept: pictures as bytes, points as they are."""
    return to_bytes(x) if data.source.is_image else x.float()


def _kept(z: Tensor, y: Tensor) -> float:
    return neighbours_kept(z, y, min(K_KEPT, len(z) - 1))
