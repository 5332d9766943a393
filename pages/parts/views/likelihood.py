"""Estimating p(x): what is shown, of which model and which picture."""

from typing import Literal

from genmodels.config import knob
from genmodels.runs import Spec
from genmodels.studies.findings import StudySpec
from genmodels.studies.likelihood import subject
from genmodels.studies.likelihood.brute_force import Truth
from genmodels.studies.likelihood.subject import PICTURES, Dim
from pages.parts.choice import Choice
from pages.parts.views.base import PageView


class View(PageView):
    """What is shown, of which model and which picture."""

    part: Literal["estimates", "identity", "gradient"] = knob("estimates", "Which of the three is shown.", label="show")
    model: Truth = knob("probabilistic PCA", "Whose P(X): PCA with noise, whose integral is known; or a VAE, by quadrature.")
    dim: Dim = knob("8", "Numbers in z.", label="latent dimensions")
    picture: int = knob(3, "Which test picture X is.", ge=0, le=PICTURES - 1, label="picture X")
    width: float = knob(1.2, "Q's deviations over those of the best Gaussian Q; 1 is the best.", ge=0.75, le=2, label="width of Q")

    def is_exact(self) -> bool:
        """Whether the model is one of any dimension whose integral is known."""
        return self.part == "gradient" or (self.part == "estimates" and self.model == "probabilistic PCA")

    def study(self) -> StudySpec:
        """Return what is computed of the part that is shown."""
        if self.part == "identity":
            return StudySpec.make("elbo-identity", [subject.vae_spec()], {"picture": self.picture})
        if self.part == "gradient":
            return StudySpec.make("elbo-gradient", [], {"dim": self.dim, "picture": self.picture})
        settings = {"model": self.model, "picture": self.picture, "width": self.width}
        return StudySpec.make("brute-force", [] if self.is_exact() else [subject.vae_spec()], settings)

    def needs(self, choice: Choice) -> list[Spec]:
        """Return it."""
        return [self.study()]
