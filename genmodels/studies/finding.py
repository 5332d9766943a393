"""A finding as a typed object: a frozen dataclass is the one description of what a study writes and of what is read back.

Numbers and words go to `<stem>.json`, tensors to `<stem>.safetensors` under their path, as in `models/vae/codes`. A study whose
parts are read one at a time, or while it still runs, has a dataclass for each part.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, ClassVar, Protocol, Self, TypeVar

from pydantic import ConfigDict, TypeAdapter
from torch import Tensor

from genmodels.config import UserError
from genmodels.store import UNREADABLE, Damaged, Recording

CACHE_BYTES = 128 * 2**20
F = TypeVar("F", bound="Finding")


class Files(Protocol):
    """Where a finding is written: a study's context or a recording's writer."""

    def json(self, name: str, content: Mapping[str, Any]) -> None:
        """Write a JSON file."""

    def tensors(self, name: str, content: Mapping[str, Tensor]) -> None:
        """Write a file of tensors."""


@dataclass(frozen=True, eq=False)
class Finding:
    """Base of all findings. Fields are numbers, text, tensors, and lists, dicts, dataclasses or None of these.

    Decorate subclasses with `@dataclass(frozen=True, eq=False)`: equal by identity, they are keys of a view's `lru_cache`.
    """

    stem: ClassVar[str] = "finding"  # of the names of its files
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    def write(self, files: Files, part: str = "") -> None:
        """Write the finding, or part `part` of several alike; written again it replaces what was there."""
        tensors: dict[str, Tensor] = {}
        content = _split(self, "", tensors)
        if tensors:
            files.tensors(f"{self._name(part)}.safetensors", tensors)
        files.json(f"{self._name(part)}.json", content)  # last: with it the part counts as written

    @classmethod
    def written(cls, recording: Recording, part: str = "") -> bool:
        """Whether the recording, maybe still growing, has this part."""
        return recording.has(f"{cls._name(part)}.json")

    @classmethod
    def read(cls, recording: Recording, part: str = "") -> Self:
        """Return the finding; that of a finished recording is read once per process. Raise `Damaged` where it is another's."""
        if not recording.finished:
            return cls._read(recording, part)[0]
        return _CACHE.get(cls, recording, part)

    @classmethod
    def _read(cls, recording: Recording, part: str) -> tuple[Self, int]:
        """Return the finding and its size in bytes."""
        name, size = cls._name(part), 0
        try:
            content = recording.json(f"{name}.json")
            if recording.has(f"{name}.safetensors"):
                tensors = recording.tensors(f"{name}.safetensors")
                size = sum(tensor.nbytes for tensor in tensors.values())
                for path, tensor in tensors.items():
                    _insert(content, path, tensor)
            return cls._adapter().validate_python(content), size
        except UserError:  # damaged, or out of file handles
            raise
        except (*UNREADABLE, FileNotFoundError):
            raise Damaged(f"{name} of recording {recording.key[:12]}... is no {cls.__name__}: delete this recording") from None

    @classmethod
    @cache
    def _adapter(cls) -> TypeAdapter[Self]:
        return TypeAdapter(cls)

    @classmethod
    def _name(cls, part: str) -> str:
        return f"{cls.stem}-{part}" if part else cls.stem


class _Cache:
    """The findings read last, bounded by the bytes of their tensors."""

    def __init__(self) -> None:
        self._findings: OrderedDict[tuple[Any, ...], tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, kind: type[F], recording: Recording, part: str) -> F:
        """Return a finding of a finished recording, read anew unless it is held."""
        key = (kind, recording, part)
        with self._lock:
            if key in self._findings:
                self._findings.move_to_end(key)
                finding: F = self._findings[key][0]
                return finding
        finding, size = kind._read(recording, part)
        with self._lock:
            finding = self._findings.setdefault(key, (finding, size + 2**14))[0]  # of two threads' the first
            while sum(size for _, size in self._findings.values()) > CACHE_BYTES and len(self._findings) > 1:
                self._findings.popitem(last=False)
        return finding


_CACHE = _Cache()


def _split(value: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    """Return `value` as JSON, with None in place of each tensor, which is added to `tensors` under its path."""
    if isinstance(value, Tensor):
        tensors[path] = value.clone()  # safetensors refuses tensors that share memory
        return None
    if is_dataclass(value):
        return _object(((field.name, getattr(value, field.name)) for field in fields(value)), path, tensors)
    if isinstance(value, Mapping):
        return _object(value.items(), path, tensors)
    if isinstance(value, list | tuple):
        return [_split(item, _join(path, i), tensors) for i, item in enumerate(value)]
    return value


def _object(items: Iterable[tuple[Any, Any]], path: str, tensors: dict[str, Tensor]) -> dict[str, Any]:
    return {str(name): _split(item, _join(path, name), tensors) for name, item in items}


def _join(path: str, name: object) -> str:
    if "/" in str(name):
        raise ValueError(f"{name!r} cannot name a part of a finding: it must not contain a slash")
    return f"{path}/{name}" if path else str(name)


def _insert(content: Any, path: str, tensor: Tensor) -> None:
    """Put a tensor where `_split` took it from."""
    *parents, name = path.split("/")
    for parent in parents:
        content = content[int(parent) if isinstance(content, list) else parent]
    content[int(name) if isinstance(content, list) else name] = tensor
