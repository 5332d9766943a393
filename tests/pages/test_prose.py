"""On every page each term of the glossary that its texts use opens its meaning."""

import re

import pytest

from genmodels.views import glossary
from tests.pages.shell import FILES, PAGES, opened

pytestmark = pytest.mark.usefixtures("cache")

LINK = re.compile(rf"\[[^\]]*\]\(#{glossary.ANCHOR}([a-z-]+)\)")


@pytest.mark.parametrize("page", FILES)
def test_a_term_of_the_glossary_that_a_page_uses_is_linked_there(page: str) -> None:
    at = opened(page, auto="0")
    texts = [element.value for kind in (at.markdown, at.caption) for element in kind] + [metric.label for metric in at.metric]
    used = {slug for text in texts for slug in glossary.occurring(text)}
    linked = {slug for text in texts for slug in LINK.findall(text)}
    of_data = glossary.occurring(at.caption[0].value) if page.startswith("compare/") else set()  # about a dataset, maybe an upload
    assert used - linked <= of_data
    assert linked <= set(glossary.terms())


@pytest.mark.parametrize("page", FILES)
def test_no_page_writes_past_the_glossary(page: str) -> None:
    lines = re.findall(r"\bst\.(?:markdown|caption)\(.*", (PAGES / page).read_text())
    assert [line for line in lines if "source.title" not in line] == []  # a title may be a viewer's own
