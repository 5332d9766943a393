"""The store of all recordings: look up, list, write, evict."""

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self

from genmodels.config import UserError
from genmodels.store.recording import KEY, Damaged, Recording, Stamp, check_key, stamp, verify
from genmodels.store.writer import Writer, is_alive, remove

IN_USE_SECONDS = 3600.0  # a recording read this recently is not evicted
MAX_ASIDE = 20  # damaged folders kept for inspection, in at most this fraction of the limit: 1/20
ASIDE_PART = 20
REASON = "set-aside.txt"


def cache_root() -> Path:
    """Return the folder that GENMODELS_CACHE names, else `cache/` in the checkout, else (installed) the user's own cache folder."""
    checkout = Path(__file__).resolve().parents[2]
    if (checkout / "pyproject.toml").is_file():
        usual = checkout / "cache"
    else:
        usual = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "genmodels"
    return Path(os.environ.get("GENMODELS_CACHE") or usual).expanduser().absolute()


class Store:
    """All recordings below one folder, bounded in bytes."""

    def __init__(self, root: Path, limit_bytes: int = 4 * 2**30):
        self.root = root
        self.limit_bytes = limit_bytes
        self._verified: dict[str, tuple[dict[str, str], Stamp]] = {}  # key -> checksums and stamp when last verified

    @classmethod
    def of(cls, place: "Place | None") -> "Store":
        """Return the store that `place` is, or the one in that folder, or without any the one that GENMODELS_CACHE names."""
        if place is None:
            return cls.from_environment()
        return place if isinstance(place, Store) else cls.at(place)

    @classmethod
    def from_environment(cls) -> Self:
        """Return the store in the folder that GENMODELS_CACHE names, at most GENMODELS_CACHE_GB large."""
        return cls.at(cache_root())

    @classmethod
    def at(cls, folder: str | os.PathLike[str]) -> Self:
        """Return the store in this folder, at most GENMODELS_CACHE_GB large."""
        limit = os.environ.get("GENMODELS_CACHE_GB", "4")
        try:
            if not float(limit) > 0:
                raise ValueError
            return cls(Path(folder).expanduser().absolute(), int(float(limit) * 2**30))
        except (ValueError, OverflowError):
            raise UserError(f"GENMODELS_CACHE_GB={limit!r} is no number of gigabytes: give for example 4") from None

    def find(self, key: str) -> Recording | None:
        """Return the finished recording, or None, and mark it as used, so that it is not the next to be evicted."""
        recording = self.peek(key)
        if recording:
            self._touch(recording.path)
        return recording

    def peek(self, key: str) -> Recording | None:
        """Return the finished recording, or None, without marking it as used; a damaged folder is set aside."""
        path = self.root / "runs" / check_key(key)
        try:
            checksums = self._checked(path)
        except FileNotFoundError:
            return None
        except Damaged as damage:
            self._set_aside(path, str(damage))
            return None
        return Recording(path, True, checksums, partial(self._reopen, key))

    def specs(self, at_most: int | None = None) -> Iterator[tuple[Recording, dict[str, Any]]]:
        """Yield every finished recording with its spec, newest first; unreadable ones are skipped."""
        for key in self.keys()[:at_most]:
            try:
                recording = self.peek(key)
                spec = recording.json("spec.json") if recording else {}
            except UserError:
                continue
            if recording:
                yield recording, spec

    def growing(self, key: str) -> Recording | None:
        """Return the recording that is being written for `key`, or None."""
        drafts = [path for path in self._drafts(key) if (path / "status.json").is_file() and is_alive(path)]
        newest = min(drafts, key=lambda path: _age(path / "status.json"), default=None)
        return Recording(newest, finished=False, reopen=partial(self.peek, key)) if newest else None

    def keys(self) -> list[str]:
        """Return the keys of all finished folders, newest first, not yet verified."""
        folders = [p for p in (self.root / "runs").glob("*") if KEY.fullmatch(p.name)]
        return [p.name for p in sorted(folders, key=_age)]

    def names(self) -> set[str]:
        """Return the names of all finished folders, not yet verified: one reading of one folder."""
        try:
            return set(os.listdir(self.root / "runs"))
        except FileNotFoundError:
            return set()

    def aside(self) -> list[str]:
        """Return one line for each folder that was set aside, with the reason."""
        lines: list[str] = []
        for place in sorted((self.root / "aside").glob(f"*/{REASON}")):
            with contextlib.suppress(OSError, ValueError):  # another process may evict it meanwhile
                lines.append(place.read_text())
        return lines

    def writer(self, key: str) -> Writer:
        """Open a new recording, or raise one line if the folder cannot be written."""
        writer = Writer(self.root / "growing" / f"{check_key(key)}.{uuid.uuid4().hex[:8]}", self.root / "runs" / key)
        self.sweep()
        writer.open()
        return writer

    @contextlib.contextmanager
    def writing(self, key: str) -> Iterator[Writer]:
        """Open a new recording: finished when the block ends, removed when it fails; then evict others if there is too much."""
        writer = self.writer(key)
        try:
            yield writer
            writer.finish()
        finally:
            writer.discard()
        self.evict()

    def sweep(self) -> None:
        """Remove drafts of dead processes, and folders whose deletion was interrupted, as far as possible."""
        with contextlib.suppress(OSError):
            _remove_dead((self.root / "growing").glob("*"))
            for path in (self.root / "removed").glob("*"):
                shutil.rmtree(path, ignore_errors=True)

    def discard_growing(self, key: str) -> None:
        """Remove the drafts of `key` whose writer is dead."""
        _remove_dead(self._drafts(key))

    def delete(self, key: str) -> None:
        """Remove one finished run."""
        remove(self.root / "runs" / check_key(key))

    def size(self) -> int:
        """Return the size of all finished recordings and of the folders set aside, in bytes."""
        return _bytes(self.root / "runs") + _bytes(self.root / "aside")

    def evict(self) -> list[str]:
        """Remove the least recently used recordings until the store is within its limit, but none used in the last hour.

        Folders set aside go first; they have a limit of their own, in number and bytes.
        """
        removed: list[str] = []
        self._trim_aside(min(self.limit_bytes // ASIDE_PART, self.limit_bytes - _bytes(self.root / "runs")))
        excess = self.size() - self.limit_bytes
        for key in reversed(self.keys()):
            path = self.root / "runs" / key
            if excess <= 0 or abs(_age(path)) < IN_USE_SECONDS:
                break
            excess -= _bytes(path)
            self.delete(key)
            removed.append(key)
        return removed

    def _checked(self, path: Path) -> dict[str, str]:
        """Return file -> sha256 of a finished folder, verified at first and whenever one of its files was written to."""
        checksums, old_stamp = self._verified.get(path.name, ({}, ()))
        if not checksums or stamp(path, checksums) != old_stamp:
            self._verified.pop(path.name, None)
            checksums, old_stamp = verify(path)
            self._verified[path.name] = checksums, old_stamp
        return checksums

    def _reopen(self, key: str) -> Recording | None:
        """Return the recording after verifying it again: one of its files did not match its checksum."""
        self._verified.pop(key, None)
        return self.peek(key)

    def _drafts(self, key: str) -> list[Path]:
        return list((self.root / "growing").glob(f"{check_key(key)}.*"))

    def _set_aside(self, path: Path, reason: str) -> None:
        target = self.root / "aside" / f"{path.name}.{uuid.uuid4().hex[:8]}"
        try:
            target.parent.mkdir(exist_ok=True)
            os.rename(path, target)
            (target / REASON).write_text(f"{path.name}: {reason}; set aside, it will be trained again")
            os.utime(target)
        except OSError:
            return  # a read-only cache: the folder stays where it is, and still counts as absent
        self._trim_aside(self.limit_bytes // ASIDE_PART)

    def _trim_aside(self, room: int) -> None:
        """Remove the oldest folders set aside until the rest takes at most `room` bytes."""
        total = 0
        for number, path in enumerate(sorted((self.root / "aside").glob("*"), key=_age)):
            total += _bytes(path)
            if number >= MAX_ASIDE or total > room:
                remove(path)

    def _touch(self, path: Path) -> None:
        with contextlib.suppress(OSError):  # a read-only cache is never evicted from
            os.utime(path)


Place = Store | str | os.PathLike[str]


def _remove_dead(folders: Iterable[Path]) -> None:
    for path in folders:
        if not is_alive(path):
            remove(path)


def _bytes(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):  # unlike rglob, it skips files that vanish meanwhile
        for file in files:
            with contextlib.suppress(OSError):
                total += os.stat(f"{place}/{file}").st_size
    return total


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")
