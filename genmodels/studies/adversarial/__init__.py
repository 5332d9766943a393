"""The adversarial game in the plane, recorded so that it can be played on from any snapshot."""

from genmodels.studies.adversarial.finding import GameFinding, Players
from genmodels.studies.adversarial.snapshot import Snapshot
from genmodels.studies.adversarial.study import Adversarial, GameConfig

__all__ = ["Adversarial", "GameConfig", "GameFinding", "Players", "Snapshot"]
