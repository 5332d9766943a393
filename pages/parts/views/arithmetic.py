"""Latent arithmetic: what is done, on which data."""

from typing import Literal

from genmodels.config import knob
from genmodels.runs import Spec
from genmodels.studies.arithmetic import specs
from genmodels.studies.findings import StudySpec
from pages.parts.choice import Choice
from pages.parts.views.base import PageView

SUMS, SLIDERS, BETWEEN, EFFECTS, SWAP = "A − B + C", "Sliders", "In between", "What else changes", "Swapped identities"


class View(PageView):
    """What the page shows."""

    on: Literal["sketch-faces", "digits"] = knob("sketch-faces", "Faces of nobody, or handwritten digits.", label="dataset")
    effort: Literal["quick", "standard", "thorough"] = knob("standard", "How long each model trains.", label="budget")
    part: Literal["A − B + C", "Sliders", "In between", "What else changes", "Swapped identities"] = knob(SUMS, "What is done.")
    p: str = knob("hat", "What A has and B lacks.", pattern="^[a-z0-9 ]{1,20}$")
    q: str = knob("beard", "What C has and B lacks.", pattern="^[a-z0-9 ]{1,20}$")
    noise: int = knob(0, "Seed of the codes shown.", ge=0, le=999, label="seed")
    mix: str = knob("glasses:2", "Amounts along directions.", pattern=r"^([a-z0-9 ]{1,20}:-?\d(\.\d)?,?){0,13}$")

    def study(self) -> StudySpec:
        """Return the directions of the models' codes or, of swapped identities, the autoencoder with two decoders."""
        return StudySpec.make("swap") if self.part == SWAP else StudySpec.make("arithmetic", specs(self.on, self.effort))

    def needs(self, choice: Choice) -> list[Spec]:
        """Return it."""
        return [self.study()]
