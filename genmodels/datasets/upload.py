"""Datasets that viewers bring: kept under a name made of their content, which is all that leads to them.

`<cache>/uploads/<name>.safetensors` holds the examples x, as bytes or as float32 about their mean and in units of their
spread, the labels y if there are any, and as metadata a small JSON text of facts. Equal content has an equal name: what had
to make room is there again once it is uploaded again.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Self

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from genmodels import device
from genmodels.config import UserError, canonical_json
from genmodels.datasets import reading
from genmodels.datasets.base import Arrays, Maker, Source, Units
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.datasets.reading import File, Options, Reading
from genmodels.store import Store
from genmodels.store.files import write_whole

NAME = re.compile(r"own-[0-9a-f]{32}")
LIMIT_BYTES = 500 * 10**6  # of all uploads together; the least recently used is evicted
DRAFT_SECONDS = 3600.0  # the writer of a draft this old is dead
TEST_SHARE, MIN_TEST = 6, 32  # one in six is held out
MAX_CLASSES = 100
LABEL_LETTERS = 40
FEWEST_DISTINCT = 0.99  # share of a column's different values that must stay different in float32
LEAST_CONTRAST = 8  # levels of grey of 255

log = logging.getLogger(__name__)
_TURN = threading.Lock()  # one upload is unpacked at a time, since each may take a few hundred MB


@dataclass(frozen=True)
class Facts:
    """What is stored beside the examples: classes, notes on how the files were read, and the units of points."""

    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    units: Units | None = None

    def to_json(self) -> str:
        """Return the text that is stored and hashed."""
        return canonical_json(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the facts that `to_json` wrote."""
        content = json.loads(text)
        units = content["units"] and Units(
            tuple(map(float, content["units"]["offset"])), tuple(map(float, content["units"]["scale"]))
        )
        return cls(tuple(map(str, content["classes"])), tuple(map(str, content["notes"])), units)


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
    name = _name_of(content, facts)
    _write(name, tensors_to_bytes(content, {"genmodels": facts.to_json()}))
    return name


def _canonical(contents: Reading) -> tuple[dict[str, Tensor], Facts]:
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
    return content, Facts(tuple(classes), contents.notes, units)


def _standardised(points: np.ndarray) -> tuple[np.ndarray, Units]:
    """Return points (N, 2) about their mean and in units of their spread, float32, or raise where that loses them."""
    if (points.min(0) == points.max(0)).any():
        raise UserError("all points have the same first or second number: give points that differ in both")
    units = Units.of(points)
    standard = units.keep(points)
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


def _name_of(content: dict[str, Tensor], facts: Facts) -> str:
    shapes = {name: list(t.shape) for name, t in content.items()}
    digest = hashlib.sha256(canonical_json({"format": 2, "shapes": shapes, "facts": facts.to_json()}).encode())
    for name in sorted(content):
        digest.update(content[name].contiguous().numpy().tobytes())
    return f"own-{digest.hexdigest()[:32]}"


# ---- on disk ------------------------------------------------------------------------------------------------------------


def _path(name: str) -> Path:
    """Return the path of a name; other forms of names are refused before they become part of a path."""
    if not NAME.fullmatch(name):
        raise UserError(f"no dataset named {name[:40]!r}: own- is followed by 32 of the digits 0-9a-f; copy the whole link")
    return Store.from_environment().root / "uploads" / f"{name}.safetensors"


def _write(name: str, content: bytes) -> None:
    """Write the file atomically, then evict the least recently used others if there is too much."""
    path = _path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, content)
    except OSError as error:
        log.warning("%s cannot be written: %s", path.parent, error)
        raise UserError(
            f"the cache cannot be written ({error.strerror}): free some space, or set GENMODELS_CACHE to a folder that can; "
            "then upload it again"
        ) from None
    _make_room(path)


def _make_room(newest: Path) -> None:
    others: list[tuple[float, int, Path]] = []
    for file in newest.parent.iterdir():
        with contextlib.suppress(OSError):  # another process may remove it meanwhile
            state = file.stat()
            if file.suffix == ".part":
                if abs(time.time() - state.st_mtime) > DRAFT_SECONDS:  # a time in the future is as wrong as one long ago
                    file.unlink()
            elif file != newest:
                others.append((state.st_mtime, state.st_size, file))
    total = newest.stat().st_size
    for _, size, file in sorted(others, reverse=True):
        total += size
        if total > LIMIT_BYTES:
            with contextlib.suppress(OSError):
                file.unlink()


def _gone(name: str) -> UserError:
    return UserError(
        f"no dataset named {name!r}: it is not on this server, or had to make room; upload it again and the link works"
    )


def _read(path: Path) -> tuple[dict[str, Tensor], Facts]:
    """Return a file's tensors and facts; one that is not what its name says is removed and counts as absent.

    Whatever else stands against reading it, such as want of memory, is no fault of the file: it stays.
    """
    try:
        data = path.read_bytes()
        with contextlib.suppress(OSError):  # a read-only cache, from which nothing is evicted
            os.utime(path)  # used last, evicted last
        return _contents(data, path.stem)
    except FileNotFoundError:
        raise _gone(path.stem) from None
    except (ValueError, LookupError, TypeError, AttributeError, SafetensorError) as error:
        log.warning("%s: %s; removed", path, error)
        with contextlib.suppress(OSError):
            path.unlink()
        raise _gone(path.stem) from None
    except Exception as error:
        log.exception("%s cannot be read now", path)
        why = "memory is short" if isinstance(error, MemoryError | RuntimeError) else type(error).__name__
        raise UserError(f"{path.stem[:12]}... cannot be read now ({why}): it is kept; try again in a moment") from None


def _contents(data: bytes, name: str) -> tuple[dict[str, Tensor], Facts]:
    """Return the tensors and facts that the bytes hold, if they are those of that name."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    facts = Facts.from_json(header["__metadata__"]["genmodels"])
    content = tensors_from_bytes(data)
    if _name_of(content, facts) != name:
        raise ValueError("the content belongs to another name")
    return content, facts


# ---- as a dataset -------------------------------------------------------------------------------------------------------


def make(name: str) -> Source:
    """Return the declaration of an uploaded dataset."""
    path = _path(name)
    if not path.is_file():
        raise _gone(name)
    return _declare(path)


@lru_cache(maxsize=64)
def _declare(path: Path) -> Source:
    content, facts = _read(path)
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
    content, _ = _read(path)
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
