"""Discovery: one file is enough, and nothing is lost silently."""

import importlib
import sys
import textwrap

import pytest

from genmodels.config import UserError
from genmodels.datasets.base import Source
from genmodels.registry import discover, lookup

SOURCE = """
    from genmodels.datasets.base import Source
    {variable} = Source("{name}", "A title", (2,), lambda: None, "About.", "none")
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """`package(module=text, ...)`: the name of a new package of those modules; it is forgotten after the test."""
    names = []

    def make(**modules):
        names.append(f"rooms_{tmp_path.name}_{len(names)}")
        folder = tmp_path / names[-1]
        folder.mkdir()
        for name, text in {"__init__": "", **modules}.items():
            (folder / f"{name}.py").write_text(textwrap.dedent(text).replace("PACKAGE", names[-1]))
        importlib.invalidate_caches()
        return names[-1]

    monkeypatch.syspath_prepend(tmp_path)
    yield make
    for name in [n for n in sys.modules if n.partition(".")[0] in names]:
        del sys.modules[name]


def test_a_new_file_is_found_by_its_name(package):
    made = package(one=SOURCE.format(variable="a", name="first"), two=SOURCE.format(variable="b", name="second"))
    assert {name: entry.name for name, entry in discover(made, Source).items()} == {"first": "first", "second": "second"}


def test_the_contract_itself_is_no_entry(package):
    assert discover(package(base=SOURCE.format(variable="example", name="example")), Source) == {}


def test_two_entries_of_one_name_raise(package):
    made = package(one=SOURCE.format(variable="a", name="same"), two=SOURCE.format(variable="b", name="same"))
    with pytest.raises(ValueError, match=r"two: the name 'same' is taken already"):
        discover(made, Source)


def test_an_entry_that_another_file_imports_counts_once(package):
    made = package(one=SOURCE.format(variable="a", name="shared"), two="from PACKAGE.one import a")
    assert list(discover(made, Source)) == ["shared"]


def test_an_import_that_fails_raises(package):
    with pytest.raises(ModuleNotFoundError, match="no_such_thing"):
        discover(package(fine=SOURCE.format(variable="a", name="fine"), broken="import no_such_thing"), Source)


def test_classes_are_found_where_they_are_defined_and_only_there(package):
    made = package(
        base="class Room: pass",
        kitchen="from PACKAGE.base import Room\nclass Kitchen(Room): name = 'kitchen'",
        pantry="from PACKAGE.kitchen import Kitchen\nclass Pantry(Kitchen): name = 'pantry'",
    )
    room = importlib.import_module(f"{made}.base").Room
    assert {n: kind.__name__ for n, kind in discover(made, room).items()} == {"kitchen": "Kitchen", "pantry": "Pantry"}


def test_the_nearest_name_is_suggested():
    entries = {"moons": 1, "digits": 2}
    assert lookup(entries, "digits", "dataset") == 2
    with pytest.raises(UserError, match=r"^no dataset named 'digts': there are moons, digits; did you mean digits\?$"):
        lookup(entries, "digts", "dataset")


def test_a_name_like_no_other_gets_no_suggestion():
    with pytest.raises(UserError, match=r"^no dataset named '\?': there are moons$"):
        lookup({"moons": 1}, "?", "dataset")


def test_a_hostile_name_is_one_short_line():
    with pytest.raises(UserError) as refused:
        lookup({"moons": 1}, "../\n\0" * 100_000, "dataset")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200
