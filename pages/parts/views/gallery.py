"""Realism gallery: the two axes, the picture and what was picked."""

from typing import Literal

from genmodels.config import knob
from genmodels.runs import Spec
from genmodels.studies.findings import StudySpec
from pages.parts.choice import Choice
from pages.parts.plane import sweep
from pages.parts.views.base import PageView

NAMES = r"^([a-z0-9-]{1,20}(,[a-z0-9-]{1,20}){0,39})?$"
PICKS = r"^([a-z0-9-]{1,20}\.\d{1,3}(,[a-z0-9-]{1,20}\.\d{1,3}){0,23})?$"


class View(PageView):
    """The page's own controls."""

    error: Literal["pixels", "features"] = knob("pixels", "How far from the original: over pixels, or in features.")
    realism: Literal["judge", "neighbours", "discriminator"] = knob(
        "judge",
        "judge: nets that learnt real pictures from what these models make and from random damage; neighbours: nearness to real "
        "ones in features, which look past a blur; discriminator: the GAN's own D, partial to its own generator.",
    )
    picture: int = knob(0, "The test picture on the shelf and on the pad.", ge=0, le=399)
    picks: str = knob("", "The dots that were picked.", pattern=PICKS)
    hidden: str = knob("", "The sources that are hidden.", pattern=NAMES)
    drawn: str = knob("", "What is drawn on the pad.", pattern=r"^[A-Za-z0-9_-]{0,4200}$")
    sweep: bool = knob(
        False, "Curves as one knob turns: β of the VAE, the adversarial weight of the VAE-GAN.", label="turn one knob"
    )

    def needs(self, choice: Choice) -> list[Spec]:
        """Return the plane of the models, and that of the turned knobs where it is shown."""
        plane = StudySpec.make("gallery", [choice.spec(model) for model in choice.models])
        return [plane, sweep.study(choice)] if self.sweep else [plane]
