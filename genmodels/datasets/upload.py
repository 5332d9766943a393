"""Datasets that viewers bring: kept under a name made of their content, which is all that leads to them.

`<cache>/uploads/<name>.safetensors` holds the examples x, as bytes or float32, the labels y if there are any, and as metadata a
small JSON text. Equal content has an equal name: what had to make room is there again once it is uploaded again.
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
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from genmodels import device
from genmodels.config import UserError, canonical_json
from genmodels.datasets.base import Arrays, Maker, Source
from genmodels.datasets.parts import unpack
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.store import Store
from genmodels.store.files import write_whole

NAME = re.compile(r"own-[0-9a-f]{32}")
LIMIT_BYTES = 500 * 10**6  # of all uploads together; the longest unused goes
DRAFT_SECONDS = 3600.0  # a draft this old has no writer any more
TEST_SHARE, MIN_TEST = 6, 32  # one in six is held out
MAX_CLASSES = 100
LABEL_LETTERS = 40
SIDE = 32  # pixels, unless asked for more: training is bearable

log = logging.getLogger(__name__)
_TURN = threading.Lock()  # one upload is unpacked at a time: each may take a few hundred MB while it is


def add(files: Sequence[unpack.File], side: int = SIDE) -> str:
    """Keep what these files (name and content) hold and return the dataset's name; a fault is one line and nothing is kept."""
    if side not in unpack.SIDES:
        raise UserError(f"side = {side} is not allowed; give one of {', '.join(map(str, sorted(unpack.SIDES)))}")
    with _TURN:
        try:
            x, y, classes = _canonical(unpack.read(files, side))
            content = {"x": x} | ({} if y is None else {"y": y})
            name = _name_of(content, classes)
            packed = tensors_to_bytes(content, {"genmodels": canonical_json({"classes": classes})})
        except UserError:
            raise
        except MemoryError:
            raise UserError("there is not enough memory free to read these files: try again soon, or give fewer of them") from None
        except Exception as error:  # never foreseen, and still no reason to show a viewer more than one line
            log.exception("an upload could not be read")
            raise UserError(f"these files cannot be read ({type(error).__name__}): {unpack.ALLOWED}") from None
        _keep(name, packed)
    return name


def _canonical(found: unpack.Found) -> tuple[Tensor, Tensor | None, list[str]]:
    """Return examples, labels and classes in an order of their own, whatever order they came in.

    A picture that came twice is kept once, so that none is both trained on and held out. Points stay as they are: measured
    values repeat, and how often they do is part of their density.
    """
    x = found.x
    pictures = x.ndim == 4
    if pictures and (x == x[:, :1]).all():
        x = x[:, :1]
    labels = [" ".join(label.split())[:LABEL_LETTERS] or "none" for label in found.labels or ()]
    classes = sorted(set(labels), key=_natural)
    y = np.array([classes.index(label) for label in labels], np.int64) if labels else np.zeros(len(x), np.int64)
    rows = [row.tobytes() if pictures else row.tolist() for row in np.ascontiguousarray(x)]
    order = sorted(range(len(x)), key=lambda i: (rows[i], y[i]))
    if pictures:
        order = [i for i, before in zip(order, [None, *order]) if before is None or rows[i] != rows[before]]
        unpack.check_count(len(order), "different pictures")
    elif (x.min(0) == x.max(0)).any():
        raise UserError("all points have the same first or second number: give points that differ in both")
    _check_classes(y[order], classes)
    return torch.from_numpy(x[order]), torch.from_numpy(y[order]) if labels else None, classes


def _natural(label: str) -> tuple[bool, float, str]:
    """Return what sorts numbers by value, before words."""
    return (False, float(label), label) if re.fullmatch(r"-?\d{1,15}", label, re.ASCII) else (True, 0.0, label)


def _check_classes(y: np.ndarray, classes: list[str]) -> None:
    most = min(MAX_CLASSES, _n_test(len(y)))
    if len(classes) > most:
        raise UserError(f"there are {len(classes):,} different labels: give at most {most} here, or none")
    counts = np.bincount(y, minlength=len(classes))
    if classes and counts.min() < 2:
        rare = unpack.shown(classes[int(counts.argmin())])
        raise UserError(f"label {rare} is there once only: give each at least twice, to train on and to hold out")


def _name_of(content: dict[str, Tensor], classes: list[str]) -> str:
    shapes = {name: list(t.shape) for name, t in content.items()}
    digest = hashlib.sha256(canonical_json({"format": 1, "shapes": shapes, "classes": classes}).encode())
    for name in sorted(content):
        digest.update(content[name].contiguous().numpy().tobytes())
    return f"own-{digest.hexdigest()[:32]}"


# ---- on disk ------------------------------------------------------------------------------------------------------------


def _path(name: str) -> Path:
    """Return the file of a name; one that is not of this form never touches a path."""
    if not NAME.fullmatch(name):
        raise UserError(f"no dataset named {name[:40]!r}: own- is followed by 32 of the digits 0-9a-f; copy the whole link")
    return Store.from_environment().root / "uploads" / f"{name}.safetensors"


def _keep(name: str, content: bytes) -> None:
    """Write the file whole or not at all, then let the longest unused others make room."""
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
    found: list[tuple[float, int, Path]] = []
    for file in newest.parent.iterdir():
        with contextlib.suppress(OSError):  # another process may remove it meanwhile
            state = file.stat()
            if file.suffix == ".part":
                if time.time() - state.st_mtime > DRAFT_SECONDS:
                    file.unlink()
            elif file != newest:
                found.append((state.st_mtime, state.st_size, file))
    total = newest.stat().st_size
    for _, size, file in sorted(found, reverse=True):
        total += size
        if total > LIMIT_BYTES:
            with contextlib.suppress(OSError):
                file.unlink()


def _gone(name: str) -> UserError:
    return UserError(
        f"no dataset named {name!r}: it is not on this server, or had to make room; upload it again and the link works"
    )


def _read(path: Path) -> tuple[dict[str, Tensor], list[str]]:
    """Return a file's tensors and classes; one that is not what its name says is removed and counts as absent.

    Whatever else stands against reading it, such as want of memory, is no fault of the file: it stays.
    """
    try:
        data = path.read_bytes()
        with contextlib.suppress(OSError):  # a read-only cache, where nothing has to make room
            os.utime(path)  # what is used is not the next to go
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


def _contents(data: bytes, name: str) -> tuple[dict[str, Tensor], list[str]]:
    """Return the tensors and classes that the bytes hold, if they are those of that name."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    classes: list[str] = json.loads(header["__metadata__"]["genmodels"])["classes"]
    content = tensors_from_bytes(data)
    if _name_of(content, classes) != name:
        raise ValueError("the content belongs to another name")
    return content, classes


# ---- as a dataset -------------------------------------------------------------------------------------------------------


def make(name: str) -> Source:
    """Return the declaration of an uploaded dataset."""
    path = _path(name)
    if not path.is_file():
        raise _gone(name)
    return _declare(path)


@lru_cache(maxsize=64)
def _declare(path: Path) -> Source:
    content, classes = _read(path)
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
        about=f"{n:,} uploaded {noun}: {n - held_out:,} to train on, {held_out:,} held out.",
        licence="its owner's; only who has the link finds it here",
        clusters=max(2, min(20 if pictures else 16, (n - held_out) // 8)),
        classes=tuple(classes),
        private=True,
    )


def _load(path: Path) -> Arrays:
    content, classes = _read(path)
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
    """Return the indices to train on and those held out: at random, but one of every class in each."""
    rng = device.generator(torch.device("cpu"), 0, "dataset own")
    order: list[int] = torch.randperm(n, generator=rng).tolist()
    first: list[int] = []
    second: list[int] = []
    if y is not None:
        of_class = y.tolist()
        for sure in (first, second):
            met: set[int] = set()
            for i in order:
                if of_class[i] not in met and i not in first:
                    met.add(of_class[i])
                    sure.append(i)
    taken = {*first, *second}
    rest = [i for i in order if i not in taken]
    more = _n_test(n) - len(first)
    return torch.tensor(second + rest[more:]), torch.tensor(first + rest[:more])


own = Maker("own", make)
