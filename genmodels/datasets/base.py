"""Datasets: a `Source` declares one, a `Dataset` is one loaded, whole on one device.

To add a dataset, add a file to this folder with a `Source` at its top level; the contract tests and every page discover it.
Datasets that viewers make themselves have a `Maker` at the top level of their file.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

ORDER = 1  # version of `permuted`: raise it when it gives another order
VALIDATION_SHARE = 5  # at most one training example in five is held out for tuning


Draw = Callable[[int, torch.Generator], tuple[Tensor, Tensor | None]]  # n -> examples (n, *shape) and their labels (n,), or none


@dataclass(frozen=True)
class Arrays:
    """Examples on the CPU: train and test (N, *shape) float32, labels (N,) int64 or none."""

    train: Tensor
    test: Tensor
    train_labels: Tensor | None = None
    test_labels: Tensor | None = None
    attributes: tuple[Tensor, Tensor] | None = None  # of train and test: (N, A), in the order of `Source.attributes`


@dataclass(frozen=True)
class Units:
    """How points are kept: in data units they are offset + scale * x, column by column."""

    offset: tuple[float, ...] = (0.0, 0.0)
    scale: tuple[float, ...] = (1.0, 1.0)

    @classmethod
    def of(cls, x: np.ndarray) -> "Units":
        """Return mean and standard deviation of points (N, 2), float64, by exact sums: their order does not matter."""
        offset = tuple(math.fsum(column) / len(x) for column in x.T)
        squares = (math.fsum((column - middle) ** 2) for column, middle in zip(x.T, offset, strict=True))
        return cls(offset, tuple(math.sqrt(total / len(x)) for total in squares))

    @property
    def log_volume(self) -> float:
        """What a log-density of the kept points has more than one in data units, nats."""
        return sum(map(math.log, self.scale))

    def in_data(self, x: Tensor) -> Tensor:
        """Return kept points (..., 2) in data units, float64."""
        offset, scale = (torch.tensor(values, dtype=torch.float64, device=x.device) for values in (self.offset, self.scale))
        return x.double() * scale + offset

    def standardise(self, x: Tensor) -> Tensor:
        """Return points in data units (..., 2) as they are kept, float32."""
        offset, scale = (torch.tensor(values, dtype=torch.float64, device=x.device) for values in (self.offset, self.scale))
        return ((x.double() - offset) / scale).float()


@dataclass(frozen=True)
class Source:
    """The declaration of a dataset: everything known before it is loaded."""

    name: str
    title: str
    shape: tuple[int, ...]  # (2,) for points; (C, H, W) in [0, 1] for images
    load: Callable[[], Arrays]
    about: str  # one sentence, shown on the page
    licence: str
    version: int = 1  # raise it when the arrays change
    clusters: int = 10  # number of groups one would expect; a mixture's default
    offline: bool = True  # whether it needs no download
    ink: bool = False  # light ink on black, shown as dark ink on paper
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()  # names of the true factors of every example
    log_density: Callable[[Tensor], Tensor] | None = field(default=None, repr=False)  # (N, 2) -> (N,), nats
    modes: Tensor | None = field(default=None, repr=False)  # (K, 2) centres
    mode_std: float | None = None
    draw: Draw | None = field(default=None, repr=False)  # fresh examples, where any number can be drawn
    units: Units | None = None  # of points that are kept about their mean and in units of their spread
    private: bool = False  # secret: no list shows it, nor the runs on it; its name gives access

    @property
    def edition(self) -> int:
        """The version of the arrays and of their order: part of every key."""
        return 1000 * ORDER + self.version

    @property
    def log_volume(self) -> float:
        """What the log-density of an example as it is kept has more than one in data units, nats."""
        return self.units.log_volume if self.units else 0.0

    def in_data(self, x: Tensor) -> Tensor:
        """Return examples (N, *shape) as they are kept in data units: float64 where these differ, else as they are."""
        return self.units.in_data(x) if self.units else x

    def standardise(self, x: Tensor) -> Tensor:
        """Return examples (N, *shape) in data units as they are kept, float32."""
        return self.units.standardise(x) if self.units else x.float()

    @property
    def is_large(self) -> bool:
        """Whether examples have more than 256 numbers: presets then choose wider networks."""
        return math.prod(self.shape) > 256

    @property
    def is_image(self) -> bool:
        """Whether the examples are pictures rather than points."""
        return len(self.shape) == 3


@dataclass(frozen=True)
class Maker:
    """A kind of dataset that viewers make: never listed; names begin with the maker's name and a hyphen."""

    name: str
    make: Callable[[str], Source]  # from the whole name; raises a `UserError` if there is no such dataset


@dataclass(frozen=True)
class Dataset:
    """A loaded dataset: its arrays on one device, in random order, so that the first N are a random sample."""

    source: Source
    train: Tensor  # (N, *shape)
    test: Tensor  # (M, *shape)
    train_labels: Tensor | None
    test_labels: Tensor | None
    train_attributes: Tensor | None = None
    test_attributes: Tensor | None = None

    @property
    def device(self) -> torch.device:
        """Where the arrays live."""
        return self.train.device

    def for_tuning(self) -> "Dataset":
        """Return the dataset for tuning: a validation part of the training set takes the place of the test set.

        It is as large as the test set, but at most a fifth of the training set.
        """
        n = len(self.train) - min(len(self.test), len(self.train) // VALIDATION_SHARE)
        labels, attributes = self.train_labels, self.train_attributes
        return replace(
            self,
            train=self.train[:n],
            test=self.train[n:],
            train_labels=None if labels is None else labels[:n],
            test_labels=None if labels is None else labels[n:],
            train_attributes=None if attributes is None else attributes[:n],
            test_attributes=None if attributes is None else attributes[n:],
        )


def permuted(arrays: Arrays, rng: torch.Generator) -> Arrays:
    """Return each split in random order, with its labels and attributes, so that the first N are a random sample."""
    train, test = (torch.randperm(len(part), generator=rng) for part in (arrays.train, arrays.test))
    labels, test_labels, attributes = arrays.train_labels, arrays.test_labels, arrays.attributes
    return Arrays(
        arrays.train[train],
        arrays.test[test],
        None if labels is None else labels[train],
        None if test_labels is None else test_labels[test],
        attributes and (attributes[0][train], attributes[1][test]),
    )
