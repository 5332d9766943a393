"""Adversarial game: what it can show; equal seed, weights and chances in every game."""

from typing import Literal

from genmodels.config import knob
from genmodels.models.parts import game_moves
from genmodels.models.parts.game import TargetName
from genmodels.models.parts.losses import Loss
from genmodels.runs import RunSpec, Spec
from genmodels.studies.adversarial.study import SNAPSHOTS
from genmodels.studies.findings import StudySpec
from pages.parts.choice import Choice
from pages.parts.views.base import PageView

Against = Literal["nothing", "non-saturating", "minimax", "least squares", "hinge", "wasserstein", "relativistic"]
PICTURES = RunSpec.make("digits", "gan")  # the GAN of pictures, whose D is asked of each sample


class View(PageView):
    """What this page can show; equal seed, weights and chances in every game."""

    target: TargetName = knob("8 Gaussians", "The density of the real points, known exactly.", label="real points")
    loss: Loss = knob("non-saturating", "What the two players of the first game minimise.")
    against: Against = knob("minimax", "A second game, from the same weights with the same chances.", label="beside it")
    k: int = knob(1, "Updates of D to one of G, the k of Goodfellow's algorithm.", ge=1, le=5, label="D updates per G update")
    truth: bool = knob(True, "A last game in which fakes are fresh real points: what must D do?", label="perfect generator")
    shown: Literal["D", "best possible D"] = knob("D", "Whose field is drawn: D's, or p / (p + q)'s.", label="field of")
    arrows: bool = knob(True, "The gradient on each fake.")
    grid: bool = knob(True, "Where G puts a square grid of noise.", label="noise grid")
    rounds: int = knob(1500, "Updates of G in the whole game.", ge=10, le=5000, log=True)
    seed: int = knob(0, "What all chance comes from.", ge=0, le=999)
    frame: int = knob(24, "The photograph shown.", ge=0, le=SNAPSHOTS)
    moves: str = knob("", "Moves played on from there.", pattern=game_moves.PATTERN)

    def games(self) -> list[StudySpec]:
        """Return the game, the one beside it, and the one with a perfect generator, as far as they are shown."""
        games: list[tuple[str, bool]] = [(self.loss, False)]
        if self.against not in ("nothing", self.loss):
            games.append((self.against, False))
        if self.truth:
            games.append(("non-saturating", True))
        common = {"target": self.target, "k": self.k, "rounds": self.rounds, "seed": self.seed}
        return [StudySpec.make("adversarial", settings=common | {"loss": loss, "perfect": perfect}) for loss, perfect in games]

    def opinion(self) -> StudySpec:
        """Return what D thinks of each sample of the GAN of pictures."""
        return StudySpec.make("opinion", [PICTURES])

    def needs(self, choice: Choice) -> list[Spec]:
        """Return the games and the opinion."""
        return [*self.games(), self.opinion()]
