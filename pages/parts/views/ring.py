"""Ring: how far the cloud is carried, what is compared, and which step of training is shown."""

from genmodels.config import Budget, knob
from genmodels.runs import Spec
from genmodels.studies import ring
from genmodels.studies.findings import StudySpec
from pages.parts.choice import Choice
from pages.parts.views.base import PageView


class View(PageView):
    """How far the cloud is carried, what is compared, and which step of training is shown."""

    way: float = knob(1.0, "How far the slider has carried the cloud from x to y.", ge=0, le=1)
    mark: int = knob(99, "Which recorded step of VAE and GAN is shown; 99 is the last.", ge=0, le=99)
    k: int = knob(12, "How many Gaussians the mixture has.", ge=1, le=32, label="components K")
    effort: Budget = knob("quick", "How long VAE and GAN may train: about 10 s, 1 min or 5 min on one core.", label="training")

    def study(self) -> StudySpec:
        """Return the comparison of a mixture, a VAE and a GAN on the ring, in this order."""
        return StudySpec.make("ring", ring.specs(self.k, self.effort))

    def needs(self, choice: Choice) -> list[Spec]:
        """Return the comparison."""
        return [self.study()]
