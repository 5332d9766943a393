"""Writing recordings, and telling whether a recording's writer is alive.

The writer locks a file of its folder; the kernel releases the lock however the process ends. So no clock is needed: a step may
take hours, or the machine sleep. Where locks do not work (some network folders), an hour without a write counts as dead.
"""

import contextlib
import errno
import hashlib
import json
import logging
import os
import shutil
import socket
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from genmodels.config import UserError
from genmodels.store.files import write_whole
from genmodels.store.recording import MANIFEST

log = logging.getLogger(__name__)

LOCK = "lock"  # holds the machine's name once locked: seen from another machine, a free lock may be one that does not work there
SILENCE_SECONDS = 3600.0
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
MACHINE = socket.gethostname().encode()


@dataclass
class Writer:
    """A recording being written: `finish` puts it in place, `discard` removes it."""

    path: Path
    target: Path
    checksums: dict[str, str] = field(default_factory=dict)
    lock: int | None = None  # a file descriptor, from `open` to `finish` or `discard`

    def open(self) -> None:
        """Create the folder and lock it."""
        try:
            self.path.mkdir(parents=True)
            self.lock = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise refusal(self.target.parent.parent, error) from None
        try:
            _lock(self.lock, exclusive=True)
            os.write(self.lock, MACHINE)
        except OSError:  # no locks in this folder, or no room for a line
            self._unlock()

    def json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file, whole or not at all."""
        self._write(name, json.dumps(content, indent=1, allow_nan=False).encode())

    def tensors(self, name: str, content: Mapping[str, Tensor]) -> None:
        """Write a safetensors file, whole or not at all."""
        self._write(name, tensors_to_bytes({k: v.detach().cpu().contiguous() for k, v in content.items()}))

    def finish(self) -> None:
        """Write the manifest and rename the folder into place; of two writers of one key the first wins."""
        self._write(MANIFEST, json.dumps({"sha256": dict(self.checksums)}, indent=1).encode())
        try:
            self.target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(self.path, self.target)
        except OSError as error:
            if not self.target.is_dir():
                raise self._refusal(error) from None
        else:
            (self.target / LOCK).unlink(missing_ok=True)
        self.discard()

    def discard(self) -> None:
        """Remove the draft, unless it is finished."""
        remove(self.path)
        self._unlock()

    def _unlock(self) -> None:
        if self.lock is not None:
            os.close(self.lock)
            self.lock = None

    def _write(self, name: str, content: bytes) -> None:
        place = self.path / name
        try:
            if place.parent != self.path:  # a folder that was removed is not created again: half a recording is none
                place.parent.mkdir(exist_ok=True)
            write_whole(place, content)
        except OSError as error:
            raise self._refusal(error) from None
        self.checksums[name] = hashlib.sha256(content).hexdigest()

    def _refusal(self, error: OSError) -> UserError:
        if not self.path.is_dir():
            return UserError("what was written of it was removed from the cache meanwhile, by hand or by a program: train it again")
        return refusal(self.target.parent.parent, error)


def refusal(root: Path, error: OSError) -> UserError:
    """Return the line that says why the cache cannot be written, with the remedy; its path is only logged."""
    if error.errno in NO_SPACE:
        remedy = "free some space, then try again"
    elif error.errno in (errno.EMFILE, errno.ENFILE, errno.EIO):
        remedy = "try again"
    else:
        remedy = "set GENMODELS_CACHE to a folder that can; runs that are there already still open"
    log.warning("%s cannot be written: %s", root, error)
    return UserError(f"the cache cannot be written ({error.strerror}): {remedy}")


def is_alive(path: Path) -> bool:
    """Whether the folder `path` of `growing/` has a live writer."""
    try:
        lock = os.open(path / LOCK, os.O_RDONLY)
    except OSError:  # being created at this moment, or by another version
        return _is_young(path)
    try:
        _lock(lock, exclusive=False)
        machine = os.read(lock, 256)
    except BlockingIOError:
        return True
    except OSError:  # no locks in this folder
        machine = b""
    finally:
        os.close(lock)
    return machine != MACHINE and _is_young(path)


def _lock(file: int, exclusive: bool) -> None:
    """Lock an open file until it is closed: exclusively, after waiting; or shared, raising if it is not possible at once."""
    if sys.platform == "win32":
        raise OSError(errno.ENOLCK, "no locks")
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH | fcntl.LOCK_NB)


def _is_young(path: Path) -> bool:
    """Whether it was written to within the last hour, by a clock that may be an hour off."""
    for place in (path / "status.json", path):
        try:
            return abs(time.time() - place.stat().st_mtime) < SILENCE_SECONDS
        except OSError:
            continue
    return False


def remove(path: Path) -> None:
    """Remove a folder of the store: it is moved away first, so that it vanishes at once for every reader."""
    target = path.parent.parent / "removed" / f"{path.name}.{uuid.uuid4().hex[:8]}"
    with contextlib.suppress(OSError):  # no room, or a read-only cache
        target.parent.mkdir(exist_ok=True)
        os.rename(path, target)
        shutil.rmtree(target, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)
