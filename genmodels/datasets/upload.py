"""Datasets that viewers bring: kept under a name made of their content, which is all that leads to them.

Equal content has an equal name: what had to make room is there again once it is uploaded again.
"""

import logging
import re
import threading
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from genmodels import device
from genmodels.config import UserError
from genmodels.datasets import reading
from genmodels.datasets.base import Arrays, Maker, Source, Units
from genmodels.datasets.parts import uploads
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.datasets.reading import File, Options, Reading

TEST_SHARE, MIN_TEST = 6, 32  # one in six is held out
MAX_CLASSES = 100
LABEL_LETTERS = 40
FEWEST_DISTINCT = 0.99  # share of a column's different values that must stay different in float32
LEAST_CONTRAST = 8  # levels of grey of 255

log = logging.getLogger(__name__)
_TURN = threading.Lock()  # one upload is unpacked at a time, since each may take a few hundred MB


def preview(files: Sequence[File], options: Options = Options()) -> Reading:  # noqa: B008 - immutable
    """Return the contents of these files (name and content) and how they are understood, or raise one line."""
    if options.side not in reading.SIDES:
        raise UserError(f"side = {options.side} is not allowed; give one of {', '.join(map(str, sorted(reading.SIDES)))}")
    with _TURN:
        try:
            return reading.read(files, options)
        except UserError:
            raise
        except MemoryError:
            raise UserError("there is not enough memory free to read these files: try again soon, or give fewer of them") from None
        except Exception as error:  # unforeseen: a viewer gets one line all the same
            log.exception("an upload could not be read")
            raise UserError(f"these files cannot be read ({type(error).__name__}): {reading.ALLOWED}") from None


def add(files: Sequence[File], options: Options = Options()) -> str:  # noqa: B008 - immutable
    """Store the dataset in these files and return its name, or raise one line."""
    return keep(preview(files, options))


def keep(contents: Reading) -> str:
    """Store the contents of files as a dataset and return its name."""
    content, facts = _canonical(contents)
    name = uploads.name_of(content, facts)
    uploads.write(name, tensors_to_bytes(content, {"genmodels": facts.to_json()}))
    return name


def _canonical(contents: Reading) -> tuple[dict[str, Tensor], uploads.Facts]:
    """Return examples x, labels y and facts in a canonical order.

    Duplicate pictures are removed, so that none is both trained on and held out. Duplicate points stay: how often a measured value
    repeats is part of its density.
    """
    x, units = (contents.x, None) if contents.x.ndim == 4 else _standardised(contents.x)
    if units is None:
        _check_contrast(x)
        x = x[:, :1] if (x == x[:, :1]).all() else x
    labels = [" ".join(label.split())[:LABEL_LETTERS] or "none" for label in contents.labels or ()]
    classes = sorted(set(labels), key=_natural)
    number = {label: i for i, label in enumerate(classes)}
    y = np.array([number[label] for label in labels], np.int64) if labels else np.zeros(len(x), np.int64)
    rows = [row.tobytes() if units is None else row.tolist() for row in np.ascontiguousarray(x)]
    order = sorted(range(len(x)), key=lambda i: (rows[i], y[i]))
    if units is None:
        order = [i for i, before in zip(order, [None, *order]) if before is None or rows[i] != rows[before]]
        reading.check_count(len(order), "different pictures")
    _check_classes(y[order], classes)
    content = {"x": torch.from_numpy(x[order])} | ({"y": torch.from_numpy(y[order])} if labels else {})
    return content, uploads.Facts(tuple(classes), contents.notes, units)


def _standardised(points: np.ndarray) -> tuple[np.ndarray, Units]:
    """Return points (N, 2) about their mean and in units of their spread, float32, or raise where that loses them."""
    if (points.min(0) == points.max(0)).any():
        raise UserError("all points have the same first or second number: give points that differ in both")
    units = Units.of(points)
    standard = units.standardise(torch.from_numpy(points)).numpy()
    for column in (0, 1):
        before, after = (len(np.unique(values[:, column])) for values in (points, standard))
        if after < FEWEST_DISTINCT * before:
            raise UserError(
                f"of {before:,} different {('first', 'second')[column]} numbers only {after:,} can be told apart at the scale "
                "of their spread: leave out the few that lie far from the others"
            )
    return standard, units


def _check_contrast(x: np.ndarray) -> None:
    """Raise where all pictures together use so few levels of grey that there is nothing to learn."""
    low, high = int(x.min()), int(x.max())
    if high - low < LEAST_CONTRAST:
        raise UserError(
            f"the pictures are all but one colour: their values lie between {low} and {high} of 255; "
            "give the range that is to be black to white, or other pictures"
        )


def _natural(label: str) -> tuple[bool, float, str]:
    """Return a sort key: numbers by value, before words."""
    return (False, float(label), label) if re.fullmatch(r"-?\d{1,15}", label, re.ASCII) else (True, 0.0, label)


def _check_classes(y: np.ndarray, classes: list[str]) -> None:
    most = min(MAX_CLASSES, _n_test(len(y)))
    if len(classes) > most:
        raise UserError(f"there are {len(classes):,} different labels: give at most {most} here, or none")
    counts = np.bincount(y, minlength=len(classes))
    if classes and counts.min() < 2:
        rare = reading.safe_name(classes[int(counts.argmin())])
        raise UserError(f"label {rare} is there once only: give each at least twice, to train on and to hold out")


# ---- as a dataset -------------------------------------------------------------------------------------------------------


def make(name: str) -> Source:
    """Return the declaration of an uploaded dataset."""
    path = uploads.path_of(name)
    if not path.is_file():
        raise uploads.absent(name)
    return _declare(path)


@lru_cache(maxsize=64)
def _declare(path: Path) -> Source:
    content, facts = uploads.read(path)
    shape = tuple(content["x"].shape[1:])
    n, pictures = len(content["x"]), len(shape) == 3
    held_out = _n_test(n)
    colour = "in colour" if shape[0] == 3 else "grey"
    noun = f"pictures, {shape[1]}x{shape[2]} {colour}" if pictures else "points"
    return Source(
        name=path.stem,
        title=f"Uploaded {'pictures' if pictures else 'points'} {path.stem[4:8]}",  # lists need distinct titles
        shape=shape,
        load=partial(_load, path),
        about=f"{n:,} uploaded {noun}: {n - held_out:,} to train on, {held_out:,} held out.{_notes(facts.notes)}",
        licence="its owner's; only who has the link finds it here",
        clusters=max(2, min(20 if pictures else 16, (n - held_out) // 8)),
        classes=facts.classes,
        units=facts.units,
        private=True,
    )


def _notes(notes: Sequence[str]) -> str:
    """Return what was chosen or left out as a sentence of the description."""
    text = "; ".join(notes)
    return f" {text[:1].upper()}{text[1:]}." if text else ""


def _load(path: Path) -> Arrays:
    content, _ = uploads.read(path)
    x, y = content["x"], content.get("y")
    train, test = _split(len(x), y)
    if x.dtype == torch.uint8:
        x = from_bytes(x)
    if y is None:
        return Arrays(x[train], x[test])
    return Arrays(x[train], x[test], y[train], y[test])


def _n_test(n: int) -> int:
    return max(MIN_TEST, n // TEST_SHARE)


def _split(n: int, y: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the indices of the training and of the test examples: at random, but with every class in each."""
    rng = device.generator(torch.device("cpu"), 0, "dataset own")
    order: list[int] = torch.randperm(n, generator=rng).tolist()
    test: list[int] = []
    train: list[int] = []
    if y is not None:
        of_class = y.tolist()
        for part in (test, train):  # one of each class
            classes: set[int] = set()
            for i in order:
                if of_class[i] not in classes and i not in test:
                    classes.add(of_class[i])
                    part.append(i)
    rest = [i for i in order if i not in {*test, *train}]
    more = _n_test(n) - len(test)
    return torch.tensor(train + rest[more:]), torch.tensor(test + rest[:more])


own = Maker("own", make)
