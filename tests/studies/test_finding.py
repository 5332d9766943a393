"""A finding is read back as it was written; a file of another kind is refused with the store's own error."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
import torch
from torch import Tensor

from genmodels.store import Damaged, Store, Writer
from genmodels.studies.finding import Finding

KEY = sha256(b"canonical").hexdigest()


@dataclass(frozen=True)
class Row:
    """A line of a table, with its picture."""

    name: str
    value: float | None
    picture: Tensor | None  # (H, W)


@dataclass(frozen=True, eq=False)
class Table(Finding):
    """Every kind of field."""

    rows: list[Row]
    by_model: dict[str, Row]
    by_k: dict[int, list[float]]
    frames: dict[str, Tensor]
    samples: list[Tensor]
    corner: tuple[int, float]


@dataclass(frozen=True, eq=False)
class Trajectory(Finding):
    """One of several parts."""

    stem = "trajectory"
    points: Tensor  # (N, 2)


@dataclass(frozen=True, eq=False)
class Other(Finding):
    """A finding of another study in a file of the same name."""

    rows: list[float]


def table() -> Table:
    """A finding with nested tensors, an empty one, an absent one and a missing number."""
    rows = [Row("a", 0.5, torch.eye(2)), Row("b", None, None)]
    by_k = {1: [0.25], 16: [1.0, 2.0]}
    frames = {"bytes": torch.arange(3, dtype=torch.uint8), "none": torch.zeros(0, 2)}
    return Table(rows, {"vae.mlp": rows[0]}, by_k, frames, [torch.ones(1), torch.zeros(2)], (3, 1.0))


def begun(store: Store) -> Writer:
    writer = store.writer(KEY)
    writer.json("spec.json", {"canonical": "canonical"})
    writer.json("status.json", {})
    return writer


def finished(store: Store, *parts: tuple[Finding, str]):
    writer = begun(store)
    for finding, part in parts:
        finding.write(writer, part)
    writer.finish()
    return store.find(KEY)


def test_a_finding_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    original, copy = table(), Table.read(finished(Store(tmp_path), (table(), "")))
    assert [(row.name, row.value) for row in copy.rows] == [("a", 0.5), ("b", None)]
    assert torch.equal(copy.rows[0].picture, torch.eye(2))
    assert copy.rows[1].picture is None
    assert torch.equal(copy.by_model["vae.mlp"].picture, torch.eye(2))
    assert copy.by_k == original.by_k
    assert copy.corner == (3, 1.0)
    assert copy.frames["bytes"].dtype == torch.uint8
    assert copy.frames["none"].shape == (0, 2)
    assert [len(x) for x in copy.samples] == [1, 2]


def test_a_finished_finding_is_read_once_per_process_and_each_part_is_its_own(tmp_path: Path) -> None:
    one, two = Trajectory(torch.ones(3, 2)), Trajectory(torch.zeros(5, 2))
    recording = finished(Store(tmp_path), (table(), ""), (one, "01"), (two, "02"))
    assert len(Trajectory.read(recording, "01").points) == 3
    assert len(Trajectory.read(recording, "02").points) == 5
    assert Trajectory.read(recording, "01") is Trajectory.read(Store(tmp_path).find(KEY), "01")
    assert not Trajectory.written(recording, "03")


def test_a_growing_finding_is_read_anew_each_time(tmp_path: Path) -> None:
    writer, store = begun(Store(tmp_path)), Store(tmp_path)
    growing = store.growing(KEY)
    assert not Trajectory.written(growing)
    for n in (3, 5):
        Trajectory(torch.ones(n, 2)).write(writer)
        assert len(Trajectory.read(growing).points) == n
    writer.discard()


@pytest.mark.parametrize("kind", [Other, Trajectory])
def test_a_finding_of_another_kind_is_refused(tmp_path: Path, kind: type[Finding]) -> None:
    recording = finished(Store(tmp_path), (table(), ""))
    with pytest.raises(Damaged, match=f"is no {kind.__name__}: delete this recording"):
        kind.read(recording)


@pytest.mark.parametrize(
    ("content", "tensors"),
    [
        ({"points": None}, {}),  # the tensor is missing
        ({"points": None, "more": 1}, {"points": torch.ones(1, 2)}),
        ({"points": 3}, {"points/0": torch.ones(1, 2)}),
        ({"points": [1, 2]}, {"points/7": torch.ones(1, 2)}),
    ],
)
def test_files_that_do_not_fit_are_refused(tmp_path: Path, content: dict, tensors: dict) -> None:
    writer = begun(store := Store(tmp_path))
    writer.json("trajectory.json", content)
    writer.tensors("trajectory.safetensors", tensors)
    writer.finish()
    with pytest.raises(Damaged, match="is no Trajectory"):
        Trajectory.read(store.find(KEY))


def test_a_name_with_a_slash_cannot_be_written(tmp_path: Path) -> None:
    writer = begun(Store(tmp_path))
    with pytest.raises(ValueError, match="'a/b' cannot name a part"):
        Table([], {"a/b": Row("a", 1.0, None)}, {}, {}, [], (0, 0.0)).write(writer)
    writer.discard()
