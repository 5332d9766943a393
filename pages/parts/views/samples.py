"""Side by side: its controls are the comparison's."""

from genmodels.runs import Spec
from pages.parts.choice import Choice
from pages.parts.views.base import PageView


class View(PageView):
    """This page has no controls of its own."""

    def needs(self, choice: Choice) -> list[Spec]:
        """Return the run of each column."""
        return list(choice.specs())
