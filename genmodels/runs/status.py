"""The status of a run: how far its training is, and what was recorded at its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Provenance:
    """Where, with what and when something was computed."""

    torch: str
    device: str
    kind: str
    threads: int
    machine: str
    cores: int | None
    commit: str | None
    finished: str  # UTC, ISO 8601


@dataclass(frozen=True)
class RunResult:
    """What is recorded at the end of a training."""

    parameters: int
    final: dict[str, float]  # the last losses and their step
    training: dict[str, float]  # scores of training examples
    test: dict[str, float]  # scores of test examples
    provenance: Provenance


@dataclass(frozen=True)
class RunStatus:
    """How far a training is."""

    state: Literal["growing", "finished"]
    progress: float  # 0 to 1
    step: int
    steps: int
    snapshot_steps: list[int]  # of the snapshots taken so far
    seconds: float  # of fitting alone
    result: RunResult | None = None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "RunStatus":
        """Return the status that was written as JSON; raise `ValueError` where it is none."""
        return _adapter().validate_python(content)


@cache
def _adapter() -> TypeAdapter[RunStatus]:
    return TypeAdapter(RunStatus)
