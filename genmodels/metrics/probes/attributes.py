"""Attributes of pictures, predicted by a small network or measured, and the directions of a code that change them.

A direction is the slope of the least-squares plane from z ~ N(0, I) to an attribute of the decoded z. As z has unit covariance, it
is also that from the mean code without the attribute to the mean with it (Radford 2016; Fisher's discriminant). The predictor
that finds directions must not judge them: two predictors are trained on disjoint halves of the data.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genmodels.config import UserError
from genmodels.datasets.base import Dataset
from genmodels.models.parts import nets

Half = Literal["finder", "judge"]
HIDDEN_DIM, BATCH_SIZE, LEARNING_RATE, STEPS = 64, 128, 3e-3, 1000
CHUNK = 500
RIDGE = 1e-3  # of the mean square of a code: 1, for N(0, I)
SHAPES = ("slant", "thickness")


@dataclass(frozen=True)
class Attributes:
    """The attributes of a dataset: names, which are binary, and mean and standard deviation of each over the training data."""

    names: tuple[str, ...]
    on_off: Tensor  # (A,) bool
    middle: Tensor  # (A,) threshold from which a picture has the attribute: .5 for binary ones, else the mean
    spread: Tensor  # (A,) standard deviations
    n_classes: int = 0  # the first so many are exclusive classes: a picture has the one with the largest prediction


class Teller(nn.Module):
    """Predicts the attributes of pictures (N, C, H, W), (N, A), in their own units; `quality` is R² on test data."""

    def __init__(self, about: Attributes, net: nn.Module | None, quality: Tensor):
        super().__init__()
        self.about, self.net, self.quality = about, net, quality
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the attributes, of each example independently."""
        parts = []
        for part in x.split(CHUNK):
            values = [self.net(part.flatten(1))] if self.net is not None else []
            parts.append(torch.cat([*values, shapes(part)] if "slant" in self.about.names else values, 1))
        return torch.cat(parts)

    def has(self, values: Tensor) -> Tensor:
        """Return whether attributes (N, A) are there, (N, A) bool."""
        has = values >= self.about.middle
        if n := self.about.n_classes:
            has[:, :n] = F.one_hot(values[:, :n].argmax(1), n).bool()
        return has


def teller(data: Dataset, half: Half, rng: torch.Generator) -> Generator[float, None, Teller]:
    """Yield the progress; return a predictor of a dataset's named factors, or of its classes, slant and thickness, trained on one
    half of its pictures."""
    source, rows = data.source, slice(0, None, 2) if half == "finder" else slice(1, None, 2)
    target: Tensor
    test: Tensor
    if data.train_attributes is not None and data.test_attributes is not None:
        names, target, test = source.attributes, data.train_attributes, data.test_attributes
        on_off = torch.stack([(column == column.round()).all() for column in target.T])
    elif data.train_labels is not None and data.test_labels is not None and source.is_image and source.shape[0] == 1:
        names = (*source.classes, *SHAPES)
        target, test = (F.one_hot(y, len(source.classes)).float() for y in (data.train_labels, data.test_labels))
        on_off = torch.tensor([True] * len(source.classes) + [False] * len(SHAPES), device=data.device)
    else:
        raise UserError(f"{source.name} has neither named attributes nor labelled grey pictures: choose sketch-faces or digits")
    net = yield from _learn(data.train[rows], target[rows], rng)
    predictions = torch.cat([net(part.flatten(1)) for part in data.test.split(CHUNK)])
    quality = 1 - (predictions - test).square().mean(0) / test.var(0, correction=0)
    everything = target if len(names) == target.shape[1] else torch.cat([target, shapes(data.train)], 1)
    middle = torch.where(on_off, 0.5, everything.mean(0))
    n_classes = len(source.classes) if data.train_attributes is None else 0
    return Teller(Attributes(names, on_off, middle, everything.std(0), n_classes), net, quality)


def _learn(x: Tensor, target: Tensor, rng: torch.Generator) -> Generator[float, None, nn.Module]:
    """Yield the progress; return a network from flat pictures to targets (N, T), fitted by least squares."""
    shape = tuple(x.shape[1:])
    body = "conv" if all(side % 4 == 0 for side in shape[1:]) else "mlp"
    units = nets.Standardise(x[0].numel()).to(x.device)
    units.learn(x.flatten(1))
    net = nets.encoder(body, shape, HIDDEN_DIM, 2, target.shape[1]).to(x.device)
    nets.initialise(net, rng)
    optimiser, schedule = nets.adam_with_cosine(net.parameters(), LEARNING_RATE, STEPS)
    for step, i in zip(range(STEPS), nets.batches(torch.arange(len(x), device=x.device), BATCH_SIZE, rng)):
        optimiser.zero_grad()
        with torch.enable_grad():
            F.mse_loss(net(units(x[i].flatten(1))), target[i]).backward()
        optimiser.step()
        schedule.step()
        yield (step + 1) / STEPS
    return nn.Sequential(units, net).requires_grad_(False)


def shapes(x: Tensor) -> Tensor:
    """Return slant and thickness of ink pictures (N, 1, H, W), (N, 2): how far a row of ink lies to the right of the one below it,
    and the ink over the length of its edge, both in pixels."""
    ink = x[:, 0].double().clamp(min=0)
    n, height, width = ink.shape
    total = ink.sum((1, 2)).clamp(min=1e-6)
    rows = torch.arange(height, device=x.device, dtype=ink.dtype)
    columns = torch.arange(width, device=x.device, dtype=ink.dtype)
    y = (ink.sum(2) @ rows / total)[:, None]
    across = (ink.sum(1) @ columns / total)[:, None]
    covariance = (ink * ((rows - y)[:, :, None] * (columns - across)[:, None, :])).sum((1, 2)) / total
    variance = (ink.sum(2) * (rows - y).square()).sum(1) / total
    padded = F.pad(ink, (1, 1, 1, 1))
    edge = (padded.diff(dim=1).abs().sum((1, 2)) + padded.diff(dim=2).abs().sum((1, 2))).clamp(min=1e-6)
    return torch.stack([-covariance / variance.clamp(min=1e-6), 2 * total / edge], 1).float()


def directions(z: Tensor, values: Tensor) -> Tensor:
    """Return the unit direction of codes z (N, Z) along which each attribute (N, A) rises most steeply, (A, Z)."""
    z, values = z.double() - z.double().mean(0), values.double() - values.double().mean(0)
    gram = z.T @ z / len(z) + RIDGE * torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
    slopes = torch.linalg.solve(gram, z.T @ values / len(z)).T  # (A, Z)
    return F.normalize(slopes, dim=1).float()


@dataclass(frozen=True)
class Turned:
    """The effect of moving codes along one attribute's direction, by a predictor that did not find it."""

    flipped: Tensor  # (A,) fraction of those without the attribute that get it within the largest step
    needed: Tensor  # (A,) mean step at which they get it, prior standard deviations; NaN where none does
    change: Tensor  # (A, A) mean change of each attribute (columns) at `reference_step`, in the data's standard deviations


def turn(
    decode: Callable[[Tensor], Tensor], judge: Teller, z: Tensor, along: Tensor, steps: Tensor, reference_step: float
) -> Turned:
    """Return the effect of moving codes z (N, Z) along each of the directions (A, Z) by each of `steps` (S,)."""
    before = judge(decode(z))  # (N, A)
    without = ~judge.has(before)
    n = len(along)
    flipped, needed = torch.full((n,), torch.nan), torch.full((n,), torch.nan)
    change = torch.zeros(n, n)
    for a in range(n):
        start = z[without[:, a]]
        if len(start):
            has = torch.stack([judge.has(judge(decode(start + s * along[a])))[:, a] for s in steps])  # (S, N)
            ever = has.any(0)
            flipped[a] = ever.double().mean()
            if bool(ever.any()):
                needed[a] = steps[has.int().argmax(0)[ever]].mean()
        change[a] = ((judge(decode(z + reference_step * along[a])) - before).mean(0) / judge.about.spread).cpu()
    return Turned(flipped, needed, change)
