"""Lessons: the list that a link brings."""

from genmodels.config import knob
from pages.parts import list_link
from pages.parts.views.base import PageView


class View(PageView):
    """The page's own controls."""

    list: str = knob("", "A list of lessons, packed.", pattern=list_link.PATTERN)
