"""A page is drawn in parts: what is missing, fails or is broken in one of them never ends another."""

import ast
import hashlib
import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.runs import RunSpec, record
from genmodels.store import Recording, Store
from tests.pages.shell import FILES, PAGES, opened
from tests.pages.test_pages import board_of

pytestmark = pytest.mark.usefixtures("cache")

WAITING = {"lecture/adversarial.py": 2, "lecture/autoencoders.py": 2}  # pages that wait for several things at once


def subheaders(page: str) -> list[str]:
    """The subheaders that stand in the source of a page outside of any condition, part or function."""
    calls = [node.value for node in ast.parse((PAGES / page).read_text()).body if isinstance(node, ast.Expr)]
    return [
        str(ast.literal_eval(call.args[0]))
        for call in calls
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "st.subheader"
    ]


def words(at: AppTest) -> list[str]:
    """All that stands on a page in words of its own."""
    return [element.value for kind in (at.title, at.subheader, at.markdown, at.caption) for element in kind]


def begins(at: AppTest) -> list[str]:
    """The keys of the buttons that begin what a part waits for."""
    return [str(button.key) for button in at.button if str(button.key).startswith("begin") and "-" not in str(button.key)[6:]]


def spoil(recording: Recording, name: str, content: bytes) -> None:
    """Put something else into a file of a recording, whole as far as its checksums tell."""
    (recording.path / name).write_bytes(content)
    manifest = recording.path / "manifest.json"
    content_of = json.loads(manifest.read_text())
    content_of["sha256"][name] = hashlib.sha256(content).hexdigest()
    manifest.write_text(json.dumps(content_of))


@pytest.mark.parametrize("page", FILES)
def test_what_is_missing_or_refused_in_one_part_leaves_all_others_there(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_SCHEDULER", "nowhere")  # whatever is begun is refused
    at = opened(page, auto="0")
    assert set(subheaders(page)) <= {title.value for title in at.subheader}
    buttons, before = begins(at), words(at)
    assert len(buttons) == WAITING.get(page, min(1, len(buttons)))
    for key in buttons:
        at.button(key=key).click().run()
    assert not at.exception
    assert len([error for error in at.error if "nowhere" in error.value]) >= len(buttons)
    assert words(at) == before


def test_no_page_stops_the_whole_script() -> None:
    assert [file for file in PAGES.rglob("*.py") if "st.stop()" in file.read_text()] == []


def test_a_part_that_fails_or_ends_is_followed_by_the_next() -> None:
    def page() -> None:
        import streamlit as st

        from genmodels.config import UserError
        from pages.parts import cards

        with cards.guard():
            raise UserError("settings that [cannot](//be)")
        with cards.guard():
            st.text("begun")
            raise cards.End
        with cards.guard():
            raise ZeroDivisionError("secret")
        st.text("the last part")

    at = AppTest.from_function(page).run()
    assert not at.exception
    assert [text.value for text in at.text] == ["begun", "the last part"]
    assert at.error[0].value == r"settings that \[cannot\](//be)"
    assert "ZeroDivisionError" in at.error[1].value


def test_one_broken_recording_leaves_the_other_models_column(cache: Path) -> None:
    store = Store(cache)
    recordings = {model: record(RunSpec.make("moons", model, {"steps": 3}), store) for model in ("gmm", "vae")}
    spoil(recordings["vae"], "status.json", b'{"state": "finished"}')
    at = opened("compare/samples.py", auto="0", data="moons", models="gmm,vae", gmm__steps="3", vae__steps="3")
    assert not at.exception
    board = board_of(at)
    assert "3 updates" in board
    assert "cannot be read: delete this recording" in board
