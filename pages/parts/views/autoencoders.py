"""Autoencoder to VAE: which pictures, how strong the pull, what is drawn and where it is decoded."""

from typing import Literal

from genmodels.config import knob
from genmodels.runs import Spec
from genmodels.studies import autoencoders
from genmodels.studies.findings import StudySpec
from pages.parts.choice import Choice
from pages.parts.views.base import PageView

SPOT = r"^(1000|\d{1,3})-(1000|\d{1,3})$"


class View(PageView):
    """Which pictures, how strong the pull, what is drawn and where it is decoded."""

    pictures: Literal["digits", "mnist", "sketch-faces"] = knob("digits", "What both are trained on, with a code of two numbers.")
    beta: float = knob(
        1.0,
        "The weight of D[Q‖P(z)] in the loss, at the decoder's σ that a VAE of β = 1 learns.",
        ge=0.01,
        le=20,
        log=True,
        label="β",
    )
    sampler: Literal["prior", "Gaussian", "mixture", "data"] = knob(
        "prior",
        "Where new codes (crosses) come from: N(0, I); one Gaussian, or a mixture, fitted to codes; or codes of training pictures.",
        label="new codes from",
    )
    show: Literal["codes", "sheet"] = knob("codes", "The codes of test pictures, or what each place decodes to.", label="plane")
    picture: Literal["mean", "sample"] = knob(
        "mean", "The decoder's mean μ(z), or a sample of p(X|z), which has its noise σ.", label="decoder's"
    )
    autoencoder: str = knob("500-500", "Where its plane is decoded, thousandths from the lower left.", pattern=SPOT)
    vae: str = knob("500-500", "Where its plane is decoded, thousandths from the lower left.", pattern=SPOT)

    def plane(self) -> StudySpec:
        """Return the planes of an autoencoder and a VAE with codes of two numbers."""
        return StudySpec.make("code-plane", autoencoders.plane_specs(self.pictures), {"beta": self.beta})

    def samplers(self) -> StudySpec:
        """Return the ways to draw new codes, for the presets."""
        return StudySpec.make("code-samplers", autoencoders.longer_specs(self.pictures))

    def needs(self, choice: Choice) -> list[Spec]:
        """Return both."""
        return [self.plane(), self.samplers()]
