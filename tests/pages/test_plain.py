"""What comes from outside is shown as it is: no parameter of any page, no file's name and no label makes a link or a picture."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

from genmodels import models
from genmodels.datasets import upload
from pages.parts.plain import plain
from tests.pages.shell import FILES, opened
from tests.pages.test_hostile_links import parts_of
from tests.pages.test_own_data import TABLE, uploading
from tests.pages.test_own_data import opened as opened_on

pytestmark = pytest.mark.usefixtures("cache")

HOSTILE = [
    "![EVIL](//h/x.png)",
    "[EVIL](//h)",
    "<img src=//h/EVIL>",
    ":material/EVIL:",
    "$EVIL$",
    "`EVIL`",
    "http://EVIL.org",
    "a@EVIL.org",
    "*www.EVIL.org*",
    "\\[EVIL](//h)",
    "a\n# EVIL",
]
COMPARISON = ("data", "models", "budget", "seed", "step", "nearest", "auto", "present", "lesson")


def texts(at: AppTest) -> Iterator[str]:
    """Yield every text of the page that Streamlit draws; what a component is given, its own code writes letter by letter."""
    for element in at._tree:
        proto = getattr(element, "proto", None)
        if isinstance(proto, Message) and element.type != "bidi_component":
            yield from strings(proto)


def strings(message: Message) -> Iterator[str]:
    """Yield all texts within a message."""
    for field, value in message.ListFields():
        for entry in value if field.is_repeated and not hasattr(value, "items") else [value]:
            if isinstance(entry, str):
                yield entry
            elif isinstance(entry, Message):
                yield from strings(entry)


def live(text: str) -> str:
    """Return what of a text Markdown would take for more than letters."""
    letters = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)
    return "".join(re.findall(r"[\\`*\[\]<>$~|#&\n]|[:@](?=[^\s\u2060])|www(?=\.)", letters))


def check(at: AppTest) -> int:
    """Assert that what is hostile is shown by letters alone, and return how often it is shown."""
    assert not at.exception
    lines = [text for text in texts(at) if "EVIL" in text]
    assert [(text, live(text)) for text in lines if live(text)] == []
    return len(lines)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("![x](//h/x.png)", r"!\[x\](//h/x.png)"),
        ("<b>", r"\<b\>"),
        (":material/home:", ":\u2060material/home:"),
        ("http://h.org", "http:\u2060//h.org"),
        ("www.h.org a@h.org", "www\u2060.h.org a@\u2060h.org"),
        ("$x$ and `y`", r"\$x\$ and \`y\`"),
        ("a\n# b", r"a \# b"),
        ("vae.learning_rate = '3': give a number", "vae.learning_rate = '3': give a number"),
        ("_x_ \\", r"\_x\_ \\"),
    ],
)
def test_markdown_shows_outside_text_letter_by_letter(text: str, escaped: str) -> None:
    assert plain(text) == escaped
    assert not live(escaped)
    assert live("[a](b)") == "[]"


def hostile_query(page: str, turn: int) -> dict[str, list[str]]:
    """Return an address in which every parameter of the page, and a name that it does not know, is hostile, each in another way."""
    names = [*parts_of(page), "EVIL"]
    if page.startswith("compare/"):
        names += COMPARISON[1 + turn % 2 :]  # with unknown models, the others' settings are not read
        names += [f"{name}.{knob}" for name in ("gmm", "vae") for knob in models.model(name).Settings.knobs()]
    query = {name: [HOSTILE[(place + turn) % len(HOSTILE)]] for place, name in enumerate(dict.fromkeys([*names, *COMPARISON[5:]]))}
    return query | {HOSTILE[turn % len(HOSTILE)]: ["1"], "auto": ["0"], **({} if turn % 2 else {"models": ["gmm,vae"]})}


@pytest.mark.parametrize("page", FILES)
def test_no_parameter_of_any_page_becomes_more_than_letters(page: str) -> None:
    assert check(opened(page, hostile_query(page, 0)))


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(1, len(HOSTILE)))
@pytest.mark.parametrize("page", FILES)
def test_no_parameter_of_any_page_becomes_more_than_letters_however_it_is_put(page: str, turn: int) -> None:
    assert check(opened(page, hostile_query(page, turn)))


@pytest.mark.parametrize("name", [text.replace("/", "") for text in HOSTILE[:6]])
def test_a_files_name_is_shown_by_letters(name: str) -> None:
    at = opened_on()
    uploading(at, (name + ".png", b"no picture", "image/png"))
    assert check(at) == 1
    assert len(at.error) == 1


def test_labels_are_shown_by_letters(cache: Path) -> None:
    rows = TABLE[1].decode().splitlines()
    lines: list[Any] = [f"{row},{HOSTILE[i % 6]}" for i, row in enumerate(rows)]
    at = opened_on()
    uploading(at, ("points.csv", "\n".join([*lines, f"0,0,{HOSTILE[1]} once"]).encode(), "text/csv"))
    assert check(at) == 1
    assert "once only" in at.error[0].value
    name = upload.add([("points.csv", "\n".join(lines).encode())])
    for page in (page for page in FILES if page.startswith("compare/")):
        check(opened_on(page, data=name))
