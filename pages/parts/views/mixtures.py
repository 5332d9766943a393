"""Mixtures: what is fitted, and which half step of EM is drawn."""

from typing import Any, Literal

from genmodels.config import knob
from genmodels.runs import Spec
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures.study import MAX_K, Shape, Start, Toy
from genmodels.studies.mixtures.uses import specs
from pages.parts.choice import Choice
from pages.parts.views.base import PageView


class View(PageView):
    """What is fitted, and which half step of EM is drawn."""

    part: Literal["EM", "how many", "three uses"] = knob(
        "EM", "EM on points, how many components they ask for, or what a mixture is good for, on pictures.", label="show"
    )
    toy: Toy = knob("pinwheel", "Whose first 2,000 training points are fitted.", label="points")
    k: int = knob(5, "How many Gaussians are mixed: the values that z can have.", ge=1, le=MAX_K, label="components K")
    shape: Shape = knob(
        "full", "full: any ellipse each; tied: one for all; diag: along the axes; spherical: discs.", label="covariance Σ"
    )
    start: Start = knob("random points", "Where the means start.")
    draw: int = knob(0, "Which random start.", ge=0, le=4, label="start no.")
    frame: int = knob(999, "The half step of EM that is shown; 999 is the last.", ge=0, le=999)
    pictures: Literal["digits", "mnist", "sketch-faces"] = knob("digits", "Pictures for the three uses.")
    groups: int = knob(10, "Components of the mixtures of pictures.", ge=2, le=20, label="components of pictures")

    def fits(self, **changes: Any) -> StudySpec:
        """Return the fits of every K on the points, with these of its settings changed."""
        settings = {"toy": self.toy, "shape": self.shape, "start": self.start, "seed": self.draw}
        return StudySpec.make("mixtures", [], settings | changes)

    def k_means(self) -> StudySpec:
        """Return the same fits from k-means, and thus without chance."""
        return self.fits(start="k-means", seed=0)

    def eight(self) -> StudySpec:
        """Return the fits of the points whose number of Gaussians is known."""
        return self.fits(toy="gaussians-8", shape="full", start="k-means", seed=0)

    def uses(self) -> StudySpec:
        """Return the three uses of mixtures of pictures."""
        return StudySpec.make("mixture-uses", specs(self.pictures, self.groups))

    def needs(self, choice: Choice) -> list[Spec]:
        """Return the fits of the points, or the uses of the mixtures of pictures."""
        return [self.uses()] if self.part == "three uses" else [self.fits(), self.k_means(), self.eight()]
