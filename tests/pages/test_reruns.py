"""What a rerun makes anew: nothing is parsed, and what lies in a closed popover is neither made nor sent."""

import ast
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmodels import models
from genmodels.runs import RunSpec
from pages.parts import contents, host
from tests.pages.shell import FILES, opened

pytestmark = pytest.mark.usefixtures("cache")

WIDGETS = ("slider", "select_slider", "selectbox", "toggle", "number_input")


def widgets(at: AppTest) -> int:
    """How many widgets of the kinds that settings are made of the page has."""
    return sum(len(at.get(kind)) for kind in WIDGETS)


def test_no_source_text_is_parsed_as_a_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    parse, texts = ast.parse, []

    def note(text: Any, *rest: Any, **options: Any) -> Any:
        texts.append(text)
        return parse(text, *rest, **options)

    host.preload()  # libraries may parse as they are imported
    contents.entries.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", note)
        at = opened("compare/samples.py", auto="0")
    assert not at.exception
    assert texts == []


def test_the_table_of_contents_has_every_page_in_its_order() -> None:
    entries = contents.entries()
    assert sorted(str(entry.file.relative_to(contents.PAGES)) for entry in entries) == FILES
    assert [(entry.section, entry.number) for entry in entries[:2]] == [("Compare", 1), ("Compare", 2)]
    assert entries[0].title == "Side by side"
    assert entries[0].purpose == "what different models make of the same data, at the same share of their training."
    assert entries is contents.entries()


def test_a_page_without_a_headline_is_named(tmp_path: Path) -> None:
    (tmp_path / "nameless.py").write_text('"""A page."""')
    with pytest.raises(ValueError, match=r"nameless.py: its docstring must open with `N. Title: what it is for`"):
        contents._entry("compare", tmp_path / "nameless.py")


def test_the_settings_are_made_only_while_their_popover_is_open() -> None:
    at = opened("compare/samples.py", auto="0")
    closed = widgets(at)
    assert closed == 2  # the dataset, and the nearest training image
    at.session_state["settings"] = True  # the popover, opened
    at.run()
    knobs = sum(len(RunSpec.make("digits", name).settings.knobs()) for name in ("gmm", "vae", "gan"))
    assert widgets(at) == closed + knobs + 2  # the seed, and whether to train at once
    assert len(models.models()) > 3  # those that are not compared have none
