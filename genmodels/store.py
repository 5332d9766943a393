"""Recordings on disk: key -> a folder of checksummed files; whole or absent, never half. It knows no models.

runs/<key>/      finished: spec.json status.json *.safetensors snapshots/NN.safetensors manifest.json (written last)
growing/<key>/   being written; readable at any moment, since each file is renamed into place
aside/           folders that failed their checksums, kept for a look
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from safetensors.torch import load as tensors_from_bytes
from safetensors.torch import save as tensors_to_bytes
from torch import Tensor

from genmodels.config import UserError

log = logging.getLogger(__name__)

KEY = re.compile(r"[0-9a-f]{64}")
MANIFEST = "manifest.json"
STALE_SECONDS = 30.0  # a writer renews its folder several times a second
IN_USE_SECONDS = 3600.0  # a recording read this recently is not evicted


def check_key(key: str) -> str:
    """Return `key` if it is 64 lower-case hexadecimal digits; anything else never touches a path."""
    if not KEY.fullmatch(key):
        raise UserError(f"{key[:40]!r} is no run key: a key is 64 digits 0-9a-f, as `train` and `list runs` print it")
    return key


class Damaged(Exception):
    """A folder that is not the recording its name promises."""


@dataclass(frozen=True)
class Recording:
    """One run's files, finished or growing."""

    path: Path
    finished: bool

    @property
    def key(self) -> str:
        """The run key, the name of the folder."""
        return self.path.name.partition(".")[0]

    def json(self, name: str) -> dict[str, Any]:
        """Return the JSON object in file `name`."""
        content: dict[str, Any] = json.loads((self.path / name).read_text())
        return content

    def tensors(self, name: str) -> dict[str, Tensor]:
        """Return the tensors, on the CPU, in file `name`."""
        return tensors_from_bytes((self.path / name).read_bytes())

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return (self.path / name).is_file()


@dataclass
class Writer:
    """A recording being written; it becomes a run by `finish` and vanishes by `discard`."""

    path: Path
    target: Path
    checksums: dict[str, str] = field(default_factory=dict)

    def json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file, whole or not at all."""
        self._write(name, json.dumps(content, indent=1, allow_nan=False).encode())

    def tensors(self, name: str, content: Mapping[str, Tensor]) -> None:
        """Write a safetensors file, whole or not at all."""
        self._write(name, tensors_to_bytes({k: v.detach().cpu().contiguous() for k, v in content.items()}))

    def finish(self) -> None:
        """Write the manifest and rename the folder into its place; the first of two writers of one key wins."""
        self._write(MANIFEST, json.dumps({"sha256": dict(self.checksums)}, indent=1).encode())
        self.target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(self.path, self.target)
        except OSError:
            if not self.target.is_dir():
                raise
            self.discard()

    def discard(self) -> None:
        """Remove what was written."""
        shutil.rmtree(self.path, ignore_errors=True)

    def _write(self, name: str, content: bytes) -> None:
        place = self.path / name
        if place.parent != self.path:  # a folder that was swept away stays away: half a recording is none
            place.parent.mkdir(exist_ok=True)
        draft = place.with_name(place.name + ".part")
        draft.write_bytes(content)
        os.replace(draft, place)
        self.checksums[name] = hashlib.sha256(content).hexdigest()


class Store:
    """All recordings below one folder, bounded in bytes."""

    def __init__(self, root: Path, limit_bytes: int = 4 * 2**30):
        self.root = root
        self.limit_bytes = limit_bytes
        self._verified: dict[str, float] = {}  # key -> modification time of the manifest that was checked

    @classmethod
    def from_environment(cls) -> Self:
        """Return the store that GENMODELS_CACHE names (`cache/` beside the package if unset), at most GENMODELS_CACHE_GB large."""
        beside = Path(__file__).resolve().parent.parent / "cache"
        root = Path(os.environ.get("GENMODELS_CACHE") or beside)
        limit = os.environ.get("GENMODELS_CACHE_GB", "4")
        try:
            if not float(limit) > 0:
                raise ValueError
            return cls(root.expanduser().absolute(), int(float(limit) * 2**30))
        except (ValueError, OverflowError):
            raise UserError(f"GENMODELS_CACHE_GB={limit!r} is no number of gigabytes: give for example 4") from None

    def find(self, key: str) -> Recording | None:
        """Return the finished recording, or None, and count it as read: what is read is not evicted."""
        recording = self.peek(key)
        if recording:
            self._touch(recording.path)
        return recording

    def peek(self, key: str) -> Recording | None:
        """Return the finished recording, or None, for a list; a damaged folder is set aside and counts as absent."""
        path = self.root / "runs" / check_key(key)
        try:
            self._verify(path)
        except FileNotFoundError:
            return None
        except Damaged as damage:
            self._set_aside(path, str(damage))
            return None
        return Recording(path, finished=True)

    def growing(self, key: str) -> Recording | None:
        """Return the recording that is being written for `key` now, or None."""
        folders = (self.root / "growing").glob(f"{check_key(key)}.*")
        alive = [(age, path) for path in folders if (age := _age(path / "status.json")) < STALE_SECONDS]
        return Recording(min(alive)[1], finished=False) if alive else None

    def keys(self) -> list[str]:
        """Return the keys of all finished folders, newest first; they are not yet verified."""
        folders = [p for p in (self.root / "runs").glob("*") if KEY.fullmatch(p.name)]
        return [p.name for p in sorted(folders, key=_age)]

    def aside(self) -> list[str]:
        """Return one line for each folder that was set aside, with the reason."""
        return [p.read_text() for p in sorted((self.root / "aside").glob("*.txt"))]

    def writer(self, key: str) -> Writer:
        """Open a new recording; a folder that cannot be written is one clear line."""
        path = self.root / "growing" / f"{check_key(key)}.{uuid.uuid4().hex[:8]}"
        try:
            self._sweep()
            path.mkdir(parents=True)
        except OSError as error:
            log.warning("%s cannot be written: %s", self.root, error)
            raise UserError(
                f"the cache cannot be written ({error.strerror}): set GENMODELS_CACHE to a folder that can; "
                "runs that are there already still open"
            ) from None
        return Writer(path, self.root / "runs" / key)

    @contextlib.contextmanager
    def writing(self, key: str) -> Iterator[Writer]:
        """Open a new recording that is finished when the block ends, and of which nothing is left when it fails; then make room."""
        writer = self.writer(key)
        try:
            yield writer
            writer.finish()
        except OSError as error:
            log.warning("%s cannot be written: %s", self.root, error)
            raise UserError(f"the cache cannot be written ({error.strerror}): free some space, then try again") from error
        finally:
            if writer.path.exists():
                writer.discard()
        self.evict()

    def discard_growing(self, key: str) -> None:
        """Remove half-written recordings of `key`, whose writer is known to be dead."""
        for path in (self.root / "growing").glob(f"{check_key(key)}.*"):
            shutil.rmtree(path, ignore_errors=True)

    def delete(self, key: str) -> None:
        """Remove one finished run."""
        shutil.rmtree(self.root / "runs" / check_key(key), ignore_errors=True)

    def size(self) -> int:
        """Return the bytes that finished runs take."""
        return _bytes(self.root / "runs")

    def evict(self) -> list[str]:
        """Remove the runs longest unread until the store is within its limit; none that was read in the last hour."""
        removed: list[str] = []
        excess = self.size() - self.limit_bytes
        for key in reversed(self.keys()):
            path = self.root / "runs" / key
            if excess <= 0 or _age(path) < IN_USE_SECONDS:
                break
            excess -= _bytes(path)
            self.delete(key)
            removed.append(key)
        return removed

    def _verify(self, path: Path) -> None:
        if not path.is_dir():
            raise FileNotFoundError(path)
        manifest = path / MANIFEST
        try:
            changed = manifest.stat().st_mtime
            if self._verified.get(path.name) == changed:
                return
            checksums = json.loads(manifest.read_text())["sha256"]
            if not {"spec.json", "status.json"} <= checksums.keys():
                raise Damaged("its manifest lists no spec and no status")
            for name, digest in checksums.items():
                if Path(name).is_absolute() or ".." in Path(name).parts:
                    raise Damaged(f"its manifest names {name!r}, outside the folder")
                if hashlib.sha256((path / name).read_bytes()).hexdigest() != digest:
                    raise Damaged(f"{name} does not match its checksum")
            spec = (path / "spec.json").read_text()
            if hashlib.sha256(json.loads(spec)["canonical"].encode()).hexdigest() != path.name:
                raise Damaged("its spec belongs to another key")
        except FileNotFoundError as error:
            raise Damaged(f"{Path(error.filename).name} is missing") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Damaged(f"its manifest or spec cannot be read ({type(error).__name__})") from None
        self._verified[path.name] = changed

    def _set_aside(self, path: Path, reason: str) -> None:
        target = self.root / "aside" / f"{path.name}.{uuid.uuid4().hex[:8]}"
        try:
            target.parent.mkdir(exist_ok=True)
            os.rename(path, target)
            target.with_suffix(target.suffix + ".txt").write_text(f"{path.name}: {reason}; set aside, it will be trained again")
        except OSError:
            return  # a read-only cache: the folder stays where it is, and still counts as absent

    def _sweep(self) -> None:
        for path in (self.root / "growing").glob("*"):
            if min(_age(path), _age(path / "status.json")) > STALE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)

    def _touch(self, path: Path) -> None:
        with contextlib.suppress(OSError):  # a read-only cache is never evicted from
            os.utime(path)


def _bytes(folder: Path) -> int:
    total = 0
    for file in folder.rglob("*"):
        with contextlib.suppress(OSError):  # another process may evict meanwhile
            total += file.stat().st_size if file.is_file() else 0
    return total


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")
