"""Uploads on disk: `<cache>/uploads/<name>.safetensors`, under a name made of the content.

A file holds the examples x, as bytes or as float32 about their mean and in units of their spread, the labels y if there are any,
and as metadata a small JSON text of facts.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from torch import Tensor

from genmodels.config import UserError, canonical_json
from genmodels.datasets.base import Units
from genmodels.store import Store
from genmodels.store.files import write_whole

NAME = re.compile(r"own-[0-9a-f]{32}")
LIMIT_BYTES = 500 * 10**6  # of all uploads together; the least recently used is evicted
DRAFT_SECONDS = 3600.0  # the writer of a draft this old is dead

log = logging.getLogger(__name__)


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


def name_of(content: dict[str, Tensor], facts: Facts) -> str:
    """Return the name that stands for this content."""
    shapes = {name: list(t.shape) for name, t in content.items()}
    digest = hashlib.sha256(canonical_json({"format": 2, "shapes": shapes, "facts": facts.to_json()}).encode())
    for name in sorted(content):
        digest.update(content[name].contiguous().numpy().tobytes())
    return f"own-{digest.hexdigest()[:32]}"


def path_of(name: str) -> Path:
    """Return the path of a name; other forms of names are refused before they become part of a path."""
    if not NAME.fullmatch(name):
        raise UserError(f"no dataset named {name[:40]!r}: own- is followed by 32 of the digits 0-9a-f; copy the whole link")
    return Store.from_environment().root / "uploads" / f"{name}.safetensors"


def write(name: str, content: bytes) -> None:
    """Write the file atomically, then evict the least recently used others if there is too much."""
    path = path_of(name)
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


def absent(name: str) -> UserError:
    """Return the line that says that a dataset is not here."""
    return UserError(
        f"no dataset named {name!r}: it is not on this server, or had to make room; upload it again and the link works"
    )


def read(path: Path) -> tuple[dict[str, Tensor], Facts]:
    """Return a file's tensors and facts; one that is not what its name says is removed and counts as absent.

    Whatever else stands against reading it, such as want of memory, is no fault of the file: it stays.
    """
    try:
        data = path.read_bytes()
        with contextlib.suppress(OSError):  # a read-only cache, from which nothing is evicted
            os.utime(path)  # used last, evicted last
        return _contents(data, path.stem)
    except FileNotFoundError:
        raise absent(path.stem) from None
    except (ValueError, LookupError, TypeError, AttributeError, SafetensorError) as error:
        log.warning("%s: %s; removed", path, error)
        with contextlib.suppress(OSError):
            path.unlink()
        raise absent(path.stem) from None
    except Exception as error:
        log.exception("%s cannot be read now", path)
        why = "memory is short" if isinstance(error, MemoryError | RuntimeError) else type(error).__name__
        raise UserError(f"{path.stem[:12]}... cannot be read now ({why}): it is kept; try again in a moment") from None


def _contents(data: bytes, name: str) -> tuple[dict[str, Tensor], Facts]:
    """Return the tensors and facts that the bytes hold, if they are those of that name."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    facts = Facts.from_json(header["__metadata__"]["genmodels"])
    content = tensors_from_bytes(data)
    if name_of(content, facts) != name:
        raise ValueError("the content belongs to another name")
    return content, facts
