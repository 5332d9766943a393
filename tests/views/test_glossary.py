"""The glossary: terms in a text become links to their meaning, and nothing else of the text changes."""

import ast
import re
from pathlib import Path

import pytest

from genmodels.views import glossary
from genmodels.views.glossary import linked, linked_html, occurring
from genmodels.views.terms import TERMS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the ELBO", "the [ELBO](#term-elbo)"),
        ("**ELBO** and ELBO", "**[ELBO](#term-elbo)** and ELBO"),
        ("Codes, then a code", "[Codes](#term-code), then a code"),
        ("a mode collapse", "a [mode collapse](#term-mode-collapse)"),
        ("by posterior collapse", "by [posterior collapse](#term-posterior-collapse)"),
        ("$ELBO$, `ELBO`, [ELBO](x), http://a/ELBO", "$ELBO$, `ELBO`, [ELBO](x), http://a/ELBO"),
        ("a code-plane, decodes, SKLearn", "a code-plane, decodes, SKLearn"),
        ("kl", "kl"),
        (r"\[prior\]", r"\[[prior](#term-prior)\]"),
        ("no term here", "no term here"),
    ],
)
def test_the_first_of_a_term_is_a_link_and_formulas_code_and_links_stay(text: str, expected: str) -> None:
    assert linked(text) == expected


def test_tags_of_html_stay_and_its_words_are_linked() -> None:
    assert linked_html('<b title="a judge">a judge</b>') == '<b title="a judge">a <a href="#term-judge">judge</a></b>'


def test_without_its_links_a_text_is_as_before() -> None:
    for term in TERMS:
        assert re.sub(r"\[([^\]]*)\]\(#[^)]*\)", r"\1", linked(term.meaning)) == term.meaning


def test_every_term_has_a_slug_of_its_own_a_page_and_one_or_two_sentences() -> None:
    assert len(glossary.terms()) == len(TERMS)
    pages = {file.stem for file in ROOT.glob("pages/*/*.py")} - {"samples"} | {""}
    assert {term.page for term in TERMS} <= pages
    for term in TERMS:
        assert term.meaning.endswith(".")
        assert 1 <= len(re.findall(r"[.:;?] |\.$", term.meaning)) <= 5
        assert term.slug in occurring(f"the {term.name} of")


def test_every_term_is_used_by_a_page() -> None:
    files = [*ROOT.glob("pages/*/*.py"), *ROOT.glob("genmodels/views/**/*.py"), *ROOT.glob("genmodels/metrics/*.py")]
    files += [*ROOT.glob("genmodels/studies/scores/rows.py"), *ROOT.glob("genmodels/studies/failures/*.py")]
    trees = [ast.parse(file.read_text()) for file in files if file.name not in ("glossary.py", "terms.py")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    strings = [node.value for node in nodes if isinstance(node.value, str) and not node.value.startswith("Return")]
    assert {term.slug for term in TERMS} - {slug for text in strings for slug in occurring(text)} == set()


def test_the_glossary_of_the_documentation_is_that_of_the_pages() -> None:
    assert (ROOT / "docs" / "glossary.md").read_text() == glossary.page()


def test_the_browser_has_every_term_with_its_meaning_escaped() -> None:
    titles = dict.fromkeys([term.page for term in TERMS], "A & B")
    html = glossary.definitions(titles)
    assert html.count("data-term=") == len(TERMS)
    assert '<div data-term="active-unit"><b>active unit</b>' in html
    assert "Var_x[μ_d(x)] &gt; 0.01" in html
    assert "See the page A &amp; B." in html
