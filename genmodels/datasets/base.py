"""What a dataset is: named, sized and licensed arrays, whole on one device.

To add one: a new file in this folder with a `Source` at its top level; the contract tests and every page find it.
A kind of datasets that viewers make themselves is a `Maker` at the top level of its file.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

ORDER = 1  # of the way in which examples are permuted: raise it when `permuted` gives another order
VALIDATION_SHARE = 5  # at most one training example in five is held out for whoever tunes


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

    def keep(self, x: np.ndarray) -> np.ndarray:
        """Return points in data units (N, 2), float64, as they are kept, float32."""
        return ((x - self.offset) / self.scale).astype(np.float32)

    def in_data(self, x: Tensor) -> Tensor:
        """Return kept points (..., 2) in data units, float64."""
        return x.double() * torch.tensor(self.scale, dtype=torch.float64, device=x.device) + torch.tensor(
            self.offset, dtype=torch.float64, device=x.device
        )


@dataclass(frozen=True)
class Source:
    """A dataset's declaration: everything that is known of it before it is loaded."""

    name: str
    title: str
    shape: tuple[int, ...]  # (2,) for points; (C, H, W) in [0, 1] for images
    load: Callable[[], Arrays]
    about: str  # one sentence, shown on the page
    licence: str
    version: int = 1  # raise it when the arrays change
    clusters: int = 10  # how many groups one would expect; a mixture's default
    offline: bool = True  # whether it needs no download
    ink: bool = False  # light ink on black, to be shown as ink on paper
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()  # named true factors of every example
    log_density: Callable[[Tensor], Tensor] | None = field(default=None, repr=False)  # (N, 2) -> (N,), nats
    modes: Tensor | None = field(default=None, repr=False)  # (K, 2) centres
    mode_std: float | None = None
    draw: Draw | None = field(default=None, repr=False)  # fresh examples, where there are any number of them
    units: Units | None = None  # of points that are kept about their mean and in units of their spread
    private: bool = False  # only who has its name may learn of it: no list shows it, nor the runs on it

    @property
    def edition(self) -> int:
        """What tells these arrays, in this order, from earlier ones: part of every key."""
        return 1000 * ORDER + self.version

    @property
    def is_large(self) -> bool:
        """Whether the examples have more numbers than a small picture's 256: presets then take wider nets."""
        return math.prod(self.shape) > 256

    @property
    def is_image(self) -> bool:
        """Whether the examples are pictures rather than points."""
        return len(self.shape) == 3


@dataclass(frozen=True)
class Maker:
    """A kind of dataset that viewers make: never listed, found by a name that begins with the maker's and a hyphen."""

    name: str
    make: Callable[[str], Source]  # from the whole name; one that stands for no dataset raises one `UserError` line


@dataclass(frozen=True)
class Dataset:
    """A loaded dataset: its source, and its arrays on one device, in random order: the first N stand for all."""

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
        """Return the dataset for whoever chooses settings: a part of the training set takes the place of the test set.

        It is as large as the test set, at most a fifth of the training set; nobody learns from it, and the test set stays unseen.
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
    """Return the examples of each split in random order, labels and attributes alike, so that the first N stand for all."""
    train, test = (torch.randperm(len(part), generator=rng) for part in (arrays.train, arrays.test))
    labels, test_labels, attributes = arrays.train_labels, arrays.test_labels, arrays.attributes
    return Arrays(
        arrays.train[train],
        arrays.test[test],
        None if labels is None else labels[train],
        None if test_labels is None else test_labels[test],
        attributes and (attributes[0][train], attributes[1][test]),
    )
