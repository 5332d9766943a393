"""On every page each term of the glossary that its texts use opens its meaning."""

import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.views import glossary
from tests.pages.shell import FILES, PAGES, opened

pytestmark = pytest.mark.usefixtures("cache")

LINK = re.compile(rf"\[[^\]]*\]\(#{glossary.ANCHOR}([a-z-]+)\)")


@pytest.mark.parametrize("page", FILES)
def test_a_term_of_the_glossary_that_a_page_uses_is_linked_there(page: str) -> None:
    at = opened(page, auto="0")
    texts = [element.value for kind in (at.markdown, at.caption) for element in kind]
    texts += [text for metric in at.metric for text in (metric.label, metric.help)]
    used = {slug for text in texts for slug in glossary.occurring(text)}
    linked = {slug for text in texts for slug in LINK.findall(text)}
    of_data = glossary.occurring(at.caption[0].value) if page.startswith("compare/") else set()  # about a dataset, maybe an upload
    assert used - linked <= of_data
    assert linked <= set(glossary.terms())


@pytest.mark.parametrize("page", FILES)
def test_no_page_writes_past_the_glossary(page: str) -> None:
    lines = re.findall(r"\bst\.(?:markdown|caption)\(.*", (PAGES / page).read_text())
    assert [line for line in lines if "source.title" not in line] == []  # a title may be a viewer's own


def label_of(element: Any) -> str:
    return getattr(element, "label", "") if getattr(element, "help", "") else ""


@pytest.mark.parametrize("page", FILES)
def test_a_name_with_a_help_button_holds_no_link_since_it_names_the_button_too(page: str) -> None:
    assert [label for element in opened(page, auto="0").main if LINK.search(label := label_of(element))] == []


def test_of_a_number_the_terms_of_its_note_are_linked_and_its_name_is_plain() -> None:
    at = AppTest.from_function(one_number).run()
    assert at.metric[0].label == "Largest fall in an EM step"
    assert at.metric[0].help == "Over all [EM](#term-em) steps"


def one_number() -> None:
    from pages.parts import heading  # noqa: PLC0415 (the script of a page of its own)

    heading.settle("Largest fall in an EM step", "0 nats", "Over all EM steps")
