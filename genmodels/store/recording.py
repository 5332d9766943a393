"""Reading recordings: every file is compared with its checksum at every reading."""

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from safetensors import SafetensorError
from safetensors.torch import load as tensors_from_bytes
from torch import Tensor

from genmodels.config import UserError

KEY = re.compile(r"[0-9a-f]{64}")
MANIFEST = "manifest.json"
EXHAUSTED = {errno.EMFILE, errno.ENFILE, errno.ENOMEM}  # faults of this process, not of the file
Stamp = tuple[tuple[int, int], ...]
UNREADABLE = (UserError, LookupError, TypeError, ValueError, AttributeError)  # what reading foreign JSON may raise


def check_key(key: str) -> str:
    """Return `key` if it is 64 lower-case hexadecimal digits; anything else is refused before it becomes part of a path."""
    if not KEY.fullmatch(key):
        raise UserError(f"{key[:40]!r} is no run key: a key is 64 digits 0-9a-f, as `train` and `list runs` print it")
    return key


class Damaged(UserError):
    """A folder whose content is not the recording that its name stands for."""


@dataclass(frozen=True)
class Recording:
    """The files of one recording, finished or growing."""

    path: Path
    finished: bool
    checksums: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)  # file -> sha256; none while it grows
    reopen: Callable[[], "Self | None"] = field(default=lambda: None, compare=False, repr=False)  # opens the key anew

    @property
    def key(self) -> str:
        """The run key, the name of the folder."""
        return self.path.name.partition(".")[0]

    def read(self, name: str) -> bytes:
        """Return the content of file `name`, or raise `Damaged` where the recording was evicted or set aside."""
        content = self._content(name)
        if content is None:  # since it was opened it was finished, evicted or damaged, and maybe recorded again
            other = self.reopen()
            content = other._content(name) if other else None
        if content is None:
            raise Damaged(f"recording {self.key[:12]}... was damaged or removed while it was open: open it again to train it anew")
        return content

    def json(self, name: str) -> dict[str, Any]:
        """Return the JSON object in file `name`."""
        return _object(self.read(name), name)

    def tensors(self, name: str) -> dict[str, Tensor]:
        """Return the tensors, on the CPU, in file `name`."""
        try:
            return tensors_from_bytes(self.read(name))
        except SafetensorError:
            raise Damaged(f"{name} of recording {self.key[:12]}... holds no tensors: delete this recording") from None

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return name in self.checksums if self.finished else (self.path / name).is_file()

    def changed(self, name: str) -> int:
        """Return when the file was written, in nanoseconds; 0 if it is gone."""
        try:
            return (self.path / name).stat().st_mtime_ns
        except OSError:
            return 0

    def _content(self, name: str) -> bytes | None:
        """Return the file's content, or None if it is missing or does not match its checksum."""
        if self.finished and name not in self.checksums:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.path / name))
        try:
            content = (self.path / name).read_bytes()
        except OSError as error:
            if error.errno in EXHAUSTED:
                raise _exhausted(error) from None
            if not self.finished and self.path.is_dir():
                raise
            return None
        return content if not self.finished or _sha256(content) == self.checksums[name] else None


def verify(path: Path) -> tuple[dict[str, str], Stamp]:
    """Check every file of a finished folder; return file -> sha256 and the files' stamp, or raise `Damaged`."""
    if not path.is_dir():
        raise FileNotFoundError(path)
    try:
        checksums: dict[str, str] = _object((path / MANIFEST).read_bytes(), MANIFEST)["sha256"]
        if not {"spec.json", "status.json"} <= checksums.keys():
            raise Damaged("its manifest lists no spec and no status")
        for name in checksums:
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise Damaged(f"its manifest names {name!r}, outside the folder")
        before = stamp(path, checksums)
        for name, digest in checksums.items():
            if _sha256((path / name).read_bytes()) != digest:
                raise Damaged(f"{name} does not match its checksum")
        spec, _ = (_object((path / name).read_bytes(), name) for name in ("spec.json", "status.json"))
        if _sha256(spec["canonical"].encode()) != path.name:
            raise Damaged("its spec belongs to another key")
    except Damaged:
        raise
    except FileNotFoundError as error:
        raise Damaged(f"{Path(error.filename).name} is missing") from None
    except OSError as error:
        if error.errno in EXHAUSTED:
            raise _exhausted(error) from None
        raise Damaged(f"a file of it cannot be read ({type(error).__name__})") from None
    except UNREADABLE as error:
        raise Damaged(f"its manifest or spec cannot be read ({type(error).__name__})") from None
    return checksums, before


def stamp(path: Path, checksums: Mapping[str, str]) -> Stamp:
    """Return size and modification time of the manifest and of each file: they change when a file is written to."""
    return tuple(map(_size_and_time, (f"{path}/{name}" for name in (MANIFEST, *checksums))))


def _size_and_time(place: str) -> tuple[int, int]:
    try:
        entry = os.stat(place)
    except (OSError, ValueError):
        return (-1, -1)
    return entry.st_size, entry.st_mtime_ns


def _object(content: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise Damaged(f"{name} holds no JSON object")
    return value


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _exhausted(error: OSError) -> UserError:
    return UserError(f"recordings cannot be read at the moment ({error.strerror}): try again")
