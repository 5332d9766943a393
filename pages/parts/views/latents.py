"""Latent space: how codes are laid flat, and what is picked."""

from typing import Literal

from genmodels.config import knob
from genmodels.runs import RunSpec, Spec
from genmodels.studies.findings import StudySpec
from genmodels.views.latents.methods import ITERATED, Method, default_method, impossible
from pages.parts.choice import Choice
from pages.parts.views.base import PageView


class View(PageView):
    """The page's own controls."""

    map: Literal["auto", "t-SNE", "PCA", "as it is", "with samples"] = knob("auto", "How codes are laid flat.")
    perplexity: float = knob(30.0, "About how many neighbours each dot of a t-SNE minds.", ge=5, le=100, log=True)
    start: int = knob(0, "0: the dots begin on the principal axes, as is best; 1 to 9: at random places.", ge=0, le=9)
    prior: bool = knob(True, "Crosses: codes that samples are decoded from, laid onto the map.", label="codes to sample from")
    colour: str = knob("", "By what the dots are coloured.", pattern="^[a-z ]{0,20}$")
    picks: str = knob("", "The dots that were clicked.", pattern=r"^(\d{1,4}(\.\d{1,4}){0,7})?$")
    trust: str = knob("", "The model whose nine maps are shown.", pattern="^[a-z_-]{0,30}$")

    def method(self, dataset: str) -> Method:
        """Return how codes are laid flat on this dataset."""
        return default_method(dataset) if self.map == "auto" else self.map

    def studies(self, run: RunSpec, method: Method) -> list[StudySpec]:
        """Return the codes of a run and, where it has to be iterated, their map; `start` 0 is on the principal axes."""
        specs = [StudySpec.make("latents", [run])]
        if method in ITERATED:
            space = "codes" if method == "t-SNE" else "features"
            begin = "random" if self.start else "principal axes"
            settings = {"space": space, "perplexity": self.perplexity, "seed": self.start, "start": begin}
            specs.append(StudySpec.make("latent-map", [run], settings))
        return specs

    def trust_study(self, run: RunSpec) -> StudySpec:
        """Return the nine small maps of a run."""
        return StudySpec.make("latent-seeds", [run])

    def needs(self, choice: Choice) -> list[Spec]:
        """Return the maps of every model that has one, and the nine of the one whose maps are checked."""
        method = self.method(choice.dataset)
        runs = [run for model in choice.models if not impossible(run := choice.spec(model), method)]
        nine = [self.trust_study(run) for run in runs if run.model == self.trust and not impossible(run, "t-SNE")]
        return [*(study for run in runs for study in self.studies(run, method)), *nine]
