"""Latent arithmetic: directions of each model's code that change one attribute, how well they do, and A - B + C."""

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from genmodels.config import Budget, Config, UserError, knob
from genmodels.metrics.path_length import arc, path_length_ratio
from genmodels.metrics.probes import attributes
from genmodels.metrics.probes.attributes import Attributes, Teller, Turned
from genmodels.models.base import Decodes, Model
from genmodels.progress import within
from genmodels.runs import RunSpec, Spec
from genmodels.studies import features
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.finding import Finding

N_DIRECTIONS, N_JUDGE = 4000, 300  # codes that directions are fitted to; others, on which they are judged
REACH, STRIDE = 3.0, 0.25  # prior standard deviations
GROUP, DRAWS = 3, 40  # codes averaged into A, B and C (Radford 2016); sums that are judged
LEAST_CODES = 30  # to draw A, B or C from: fewer make too few different sums
PATHS = 100
DATASETS = ("sketch-faces", "digits")  # those with named attributes, or classes


@dataclass(frozen=True)
class Sum:
    """A - B + C for attributes p and q: A has p, B and C do not, C alone has q. A, B and C are means of GROUP codes each."""

    p: str
    q: str
    success: float  # fraction of DRAWS sums that have both
    codes: list[int]  # how many there were to draw A, B and C from
    members: list[list[list[float]]]  # (3, GROUP, Z) of the first sum


@dataclass(frozen=True)
class Directions:
    """The attribute directions of one model's code, as judged."""

    directions: Tensor  # (A, Z)
    flipped: list[float | None]  # (A,) fraction of codes without the attribute that get it within REACH; None: no such code
    needed: list[float | None]  # (A,) how far that is on average, prior standard deviations
    change: list[list[float]]  # (A, A) of each attribute (columns), in the data's standard deviations
    sums: list[Sum]
    path_length: float  # perceptual, over that of a cross-fade


@dataclass(frozen=True, eq=False)
class ArithmeticFinding(Finding):
    """Attributes and, by run key, what each model's code does with them."""

    names: list[str]  # (A,)
    quality: dict[str, list[float | None]]  # of `finder` and `judge`: accuracy or R² for each attribute, on test data
    models: dict[str, Directions]


def specs(dataset: str, budget: Budget) -> list[RunSpec]:
    """Return the page's runs on a dataset, presets both; of digits the quick ones, whatever the budget.

    Neither is tuned for this page. Large batches gave the VAE of faces more sums with both attributes (.57, .62 against .48, .59,
    .32), but that was measured on the very number that the page reports.
    """
    return [RunSpec.make(dataset, model, budget="quick" if dataset == "digits" else budget) for model in ("vae", "gan")]


class ArithmeticConfig(Config):
    """Settings of the study."""

    step: float = knob(2.0, "Step at which the change of every attribute is measured, prior standard deviations.", ge=0.5, le=3)


class Arithmetic(Study):
    """Fits and judges attribute directions in the codes of models of one dataset."""

    name = "arithmetic"
    title = "Attributes in the codes"
    version = 4
    Settings = ArithmeticConfig
    seconds = 25.0
    settings: ArithmeticConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return sketch faces at the standard budget, digits at the quick one."""
        return [(specs("sketch-faces", "standard"), {}), (specs("digits", "quick"), {})]

    def check(self) -> None:
        """Refuse data without attributes, and models without a normal code to decode."""
        if self.one_dataset() not in DATASETS:
            raise UserError(f"arithmetic needs data with named attributes, {self.one_dataset()} has none: take {DATASETS}")
        for run in self.runs:
            if run.model not in ("vae", "gan", "vae-gan"):
                raise UserError(
                    f"arithmetic needs a model that decodes z ~ N(0, I), {run.model} does not: take vae, gan or vae-gan"
                )

    def needs(self) -> tuple[Spec, ...]:
        """Return the net by whose features the lengths of paths are measured."""
        return features.needs(self.one_dataset())

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Train finder and judge, then study each model."""
        data = context.data(self.one_dataset())
        finder = yield from within(0, 0.1, attributes.teller(data, "finder", context.rng(0, "finder")))
        judge = yield from within(0.1, 0.2, attributes.teller(data, "judge", context.rng(0, "judge")))
        models = {}
        for i, run in enumerate(self.runs):
            low, high = (0.2 + 0.8 * (i + end) / len(self.runs) for end in (0, 1))
            models[run.key] = yield from within(low, high, self._directions(context, run, finder, judge))
        quality = {"finder": _numbers(finder.quality), "judge": _numbers(judge.quality)}
        ArithmeticFinding(list(finder.about.names), quality, models).write(context)

    def _directions(self, context: StudyContext, run: RunSpec, finder: Teller, judge: Teller) -> Generator[float, None, Directions]:
        """Fit the directions of one model by the finder, and judge them by the judge; yield the progress."""
        model = context.model(run)
        assert isinstance(model, Decodes)
        z = torch.randn(N_DIRECTIONS, model.settings.latent_dim, generator=context.rng(run.seed, "find"), device=context.where)
        values = torch.cat([finder(model.decode(batch)) for batch in z.split(500)])
        directions = attributes.directions(z, values)
        yield 0.3
        moves = self._judge(model, judge, directions, context.rng(run.seed, "judge"))
        sums = _sums(model, finder, judge, z, values, context.rng(run.seed, "sums"))
        yield 0.6
        path_length = self._path_length(context, model, context.rng(run.seed, "paths"))
        yield 1.0
        change = [[round(v, 4) for v in row] for row in moves.change.double().tolist()]
        return Directions(directions, _numbers(moves.flipped), _numbers(moves.needed), change, sums, path_length)

    def _judge(self, model: Decodes, judge: Teller, directions: Tensor, rng: torch.Generator) -> Turned:
        z = torch.randn(N_JUDGE, directions.shape[1], generator=rng, device=rng.device)
        steps = torch.arange(STRIDE, REACH + STRIDE / 2, STRIDE, device=rng.device)
        return attributes.turn(model.decode, judge, z, directions, steps, self.settings.step)

    def _path_length(self, context: StudyContext, model: Model, rng: torch.Generator) -> float:
        assert isinstance(model, Decodes)
        extract = features.extractor(context.data(self.one_dataset()), context.store)
        a, b = torch.randn(2, PATHS, model.settings.latent_dim, generator=rng, device=rng.device)
        return path_length_ratio(model.decode, extract, arc(a, b))


def _sums(model: Decodes, finder: Teller, judge: Teller, z: Tensor, values: Tensor, rng: torch.Generator) -> list[Sum]:
    """Return A - B + C for each pair of attributes of which there are enough clear examples."""
    about, has = finder.about, finder.has(values)
    clear = (values - about.middle).abs() > 0.5 * about.spread  # clear cases make plain pictures
    strong, clear_no = has & clear, ~has & clear
    sums = []
    for p, q in _pairs(about):
        groups = [z[strong[:, p] & clear_no[:, q]], z[clear_no[:, p] & clear_no[:, q]], z[clear_no[:, p] & strong[:, q]]]
        if min(map(len, groups)) < LEAST_CODES:
            continue
        a, b, c = (_draws(group, rng) for group in groups)  # (DRAWS, GROUP, Z)
        total = a.mean(1) - b.mean(1) + c.mean(1)  # (DRAWS, Z)
        both = judge.has(judge(model.decode(total)))[:, [p, q]].all(1)
        members = [[[round(v, 4) for v in code] for code in draws[0].double().tolist()] for draws in (a, b, c)]
        sums.append(Sum(about.names[p], about.names[q], float(both.double().mean()), [len(group) for group in groups], members))
    return sums


def _draws(codes: Tensor, rng: torch.Generator) -> Tensor:
    """Return DRAWS random sets of GROUP different codes, (DRAWS, GROUP, Z); of 30 codes there are 4,060 such sets."""
    order = torch.rand(DRAWS, len(codes), generator=rng, device=rng.device).argsort(1)
    return codes[order[:, :GROUP]]


def _pairs(about: Attributes) -> list[tuple[int, int]]:
    """Return the pairs of attributes that one picture can have: not two classes."""
    eligible = [i for i, name in enumerate(about.names) if bool(about.on_off[i]) or name in ("smile", "slant", "thickness")]
    return [(p, q) for p in eligible for q in eligible if p != q and not (p < about.n_classes and q < about.n_classes)]


def _numbers(x: Tensor) -> list[float | None]:
    """Return the numbers of x, rounded; None in place of NaN."""
    return [round(v, 4) if math.isfinite(v) else None for v in x.double().cpu().tolist()]
