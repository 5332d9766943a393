"""Failures on demand: which failure, what was predicted, and how much is revealed."""

from typing import Literal

from genmodels.config import knob
from genmodels.runs import Spec
from genmodels.studies.failures.cases import CASES, CaseName
from genmodels.studies.failures.study import indicator_specs
from pages.parts.choice import Choice
from pages.parts.views.base import PageView


class View(PageView):
    """Which failure, what was predicted, and how much is revealed."""

    case: CaseName = knob("mode-collapse", "Who is ill.", label="patient")
    guess: str = knob("", "The number of the answer that was predicted.", pattern="^[0-2]?$")
    stage: Literal["predict", "run", "reveal"] = knob("predict", "How much is told.")
    chance: int = knob(0, "Another seed, for both: was it an accident?", ge=0, le=4, label="seed")
    frame: int = knob(99, "The share of the training that is shown; 99 is its end.", ge=0, le=99)

    def needs(self, choice: Choice) -> list[Spec]:
        """Return the indicator of the failing and of the mended run, though the page asks for them once it is run."""
        return list(indicator_specs(CASES[self.case], self.chance))
