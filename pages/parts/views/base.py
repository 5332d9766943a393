"""The base of every page's own controls, and the way from an address to what its page needs."""

import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec

from genmodels.config import Config
from genmodels.runs import Spec
from genmodels.runs.work import in_order
from pages.parts.address import Reader
from pages.parts.choice import Choice


class PageView(Config):
    """A page's own controls."""

    def needs(self, choice: Choice) -> Sequence[Spec]:
        """Return the specs whose recordings the page shows; what those need in turn is understood."""
        return ()


@cache
def view_class(page: str) -> type[PageView]:
    """Return the controls of the page of this name, without any for a page that has none."""
    name = f"pages.parts.views.{page}"
    if not find_spec(name):
        return PageView
    kind: type[PageView] = importlib.import_module(name).View
    return kind


def needs(page: str, query: Mapping[str, str]) -> list[Spec]:
    """Return all that the page of an address reads, each spec after what it needs itself; a part that is wrong has its default."""
    reader = Reader(query)
    view = reader.controls(view_class(page), page)
    specs = [each for spec in view.needs(Choice.read(reader)) for each in in_order(spec)]
    return list({spec.key: spec for spec in specs}.values())
