"""Links the terms in a text to their meanings, and lists these for pages and for docs/glossary.md."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from html import escape

from genmodels.views.terms import TERMS, Term

ANCHOR = "term-"  # before a term's slug in the address of its link
# What is not prose: formulas, code, links, bare addresses, HTML tags, escaped characters.
NOT_PROSE = re.compile(r"\$[^$]*\$|`[^`]*`|\[[^\]]*\]\([^)]*\)|https?://\S+|<[^>]*>|\\.")


@cache
def terms() -> Mapping[str, Term]:
    """Return the terms by slug."""
    return {term.slug: term for term in TERMS}


@lru_cache(maxsize=4096)  # pages say the same at every run
def linked(text: str) -> str:
    """Return Markdown whose terms, each where it occurs first, are links to their meaning; formulas, code and links stay."""
    return _with_links(text, "[{word}](#{anchor})")


@lru_cache(maxsize=4096)
def linked_html(text: str) -> str:
    """Return HTML whose terms, each where it occurs first, are links to their meaning; tags stay."""
    return _with_links(text, '<a href="#{anchor}">{word}</a>')


def occurring(text: str) -> set[str]:
    """Return the slugs of the terms that the prose of a text uses."""
    return {slug for part in NOT_PROSE.split(text) for match in _pattern().finditer(part) if (slug := _slug(match))}


def page() -> str:
    """Return docs/glossary.md."""
    head = "# Glossary\n\nWritten by `make glossary` from `genmodels/views/terms.py`, whose terms open on the pages.\n"
    entries = [_entry(term) for term in sorted(TERMS, key=lambda term: term.name.lower())]
    return head + "\n" + "\n".join(entries)


def definitions(titles: Mapping[str, str]) -> str:
    """Return all terms as an HTML list for the browser; `titles` are those of the pages, by their names in the address."""
    return "".join(_definition(term, titles[term.page]) for term in TERMS)


def _with_links(text: str, form: str) -> str:
    slugs: set[str] = set()

    def link(match: re.Match[str]) -> str:
        slug = _slug(match)
        if slug in slugs:
            return match[0]
        slugs.add(slug)
        return form.format(word=match[0], anchor=ANCHOR + slug)

    parts, at = [], 0
    for other in NOT_PROSE.finditer(text):
        parts += [_pattern().sub(link, text[at : other.start()]), other[0]]
        at = other.end()
    return "".join([*parts, _pattern().sub(link, text[at:])])


def _slug(match: re.Match[str]) -> str:
    return _forms()[match.lastindex or 0]


@cache
def _forms() -> tuple[str, ...]:
    """Return the slug that each group of the pattern stands for; group 0 is none."""
    return ("", *(term.slug for term, _ in _every_form()))


def _every_form() -> list[tuple[Term, str]]:
    forms = [(term, form) for term in TERMS for form in (term.name, *term.forms)]
    return sorted(forms, key=lambda pair: -len(pair[1]))  # a longer form before one that begins it


@cache
def _pattern() -> re.Pattern[str]:
    groups = "|".join(f"({_form(form)})" for _, form in _every_form())
    return re.compile(rf"(?<![\w-])(?:{groups})(?![\w-])")


def _form(form: str) -> str:
    first, rest = re.escape(form[0]), re.escape(form[1:])
    if form.lower() != form or len(form) == 1:
        return first + rest
    return f"[{first}{first.upper()}]{rest}s?"


def _entry(term: Term) -> str:
    formula = f"  \n`{term.formula}`" if term.formula else ""
    return f"**{term.name}**: {term.meaning}{formula}  \nOn the page `/{term.page}`.\n"


def _definition(term: Term, title: str) -> str:
    formula = f"<code>{escape(term.formula)}</code>" if term.formula else ""
    name, meaning = escape(term.name), escape(term.meaning)
    return f'<div data-term="{term.slug}"><b>{name}</b><p>{meaning}</p>{formula}<small>See the page {escape(title)}.</small></div>'
