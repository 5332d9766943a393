"""A game in the plane, played once and recorded at snapshots.

With `perfect`, D first learns against the generator as it was initialised; then fakes are fresh real points. Theory then demands
of D a loss of log 4, an accuracy of 1/2 and the output 1/2 everywhere (Goodfellow 2014, theorem 1).
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, get_args

from genmodels import device
from genmodels.config import Config, UserError, knob
from genmodels.models.parts import game, game_moves
from genmodels.models.parts.game import Rules, State, TargetName
from genmodels.models.parts.losses import Loss
from genmodels.runs import RunSpec
from genmodels.studies.adversarial.finding import GameFinding, Players
from genmodels.studies.adversarial.snapshot import CROSS_ENTROPY, Snapshot, cells_of, take_snapshot
from genmodels.studies.base import Study, StudyContext, neighbours

SNAPSHOTS = 60  # after the initial one, closer together at first
WRITE_SECONDS = 0.4  # between two writings of the snapshots so far
TARGETS = ("moons", "one Gaussian")  # that the page leads to next; the ring is among its openings
WARM_UP = 150  # rounds of D alone before the target replaces the generator


class GameConfig(Config):
    """Settings of one game."""

    target: TargetName = knob(
        "8 Gaussians", "The density of the real points, known in closed form.", label="real points", ahead=TARGETS
    )
    loss: Loss = knob("non-saturating", "What the two players minimise.")
    k: int = knob(1, "Updates of D to each of G.", ge=1, le=5, label="D updates per G update", ahead=(2, 5))
    rounds: int = knob(1500, "Updates of G.", ge=10, le=5000, log=True)
    perfect: bool = knob(False, "Whether the generator is replaced by the truth.")
    seed: int = knob(0, "What all chance comes from.", ge=0, le=999)

    @property
    def warm_up(self) -> int:
        """The rounds of D alone before the target replaces the generator; 0 in a game of two."""
        return min(WARM_UP, self.rounds // 3) if self.perfect else 0

    def rules(self) -> Rules:
        """Return the rules of this game."""
        return Rules(self.target, self.loss, self.k, self.rounds, self.seed)


def snapshot_rounds(rounds: int) -> list[int]:
    """Return the rounds after which snapshots are taken: from 0 to the last, quadratically spaced, each once."""
    spaced = {max(i, round(rounds * (i / SNAPSHOTS) ** 2)) for i in range(SNAPSHOTS + 1)}
    return sorted(spaced & set(range(rounds + 1)) | {rounds})


class Adversarial(Study):
    """Plays one game; records its snapshots and, at each, both players."""

    name = "adversarial"
    title = "Adversarial game"
    version = 3
    Settings = GameConfig
    seconds = 5.0
    settings: GameConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the games that the page opens with, and what a class asks for next: another loss, the ring."""
        page = cls._page()
        others = [{"loss": loss} for loss in get_args(Loss) if loss not in CROSS_ENTROPY]
        return [([], settings) for settings in [*page, *others, *({**game, "target": "ring"} for game in page)]]

    @classmethod
    def ahead(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the neighbours of the games that the page opens with."""
        return neighbours(cls.Settings, [([], settings) for settings in cls._page()])

    @classmethod
    def _page(cls) -> list[dict[str, Any]]:
        return [{"loss": "non-saturating"}, {"loss": "minimax"}, {"perfect": True}]

    def check(self) -> None:
        """Refuse a perfect generator where theory promises no number."""
        if self.settings.perfect and self.settings.loss not in CROSS_ENTROPY:
            raise UserError(f"adversarial: a perfect generator is theory's case for loss = {' or '.join(CROSS_ENTROPY)}: give one")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Play, take snapshots and write them, those so far from time to time: a page shows the game as it is played."""
        rules, at = self.settings.rules(), snapshot_rounds(self.settings.rounds)
        snapshots, states, written_at = [], [], 0.0
        for index, state in enumerate(self._states(rules)):
            if index in at:
                snapshots.append(take_snapshot(rules, state, cells_of(rules.target)))
                states.append(state)
                if time.monotonic() - written_at > WRITE_SECONDS:
                    GameFinding.of(at[: len(snapshots)], snapshots).write(context)
                    written_at = time.monotonic()
            yield index / rules.rounds
        Players.of(states).write(context)
        GameFinding.of(at, snapshots).write(context)

    def _states(self, rules: Rules) -> Iterator[State]:
        """Yield the game after each round, from 0 to the last."""
        state = game.start(rules)
        for index in range(rules.rounds + 1):
            if index > 0:
                state = _update_d(rules, state) if self.settings.perfect else game.step_both(rules, state)
            if index == self.settings.warm_up and self.settings.perfect:
                state = replace(state, perfect=True)
            yield state


def _update_d(rules: Rules, state: State) -> State:
    for _ in range(rules.k):
        state = game.step_d(rules, state)
    return state


_REPLAYS = game_moves.Replays()


def play_on(players: Players, settings: GameConfig, index: int, moves: str) -> Snapshot:
    """Return the snapshot after playing on from snapshot number `index` by `moves`, one letter each."""
    device.limit_threads()
    rules, index = settings.rules(), min(index, len(players.perfect) - 1)
    state = _REPLAYS.state(f"{settings.model_dump_json()} {index}", lambda: players.state(index), rules, moves)
    return take_snapshot(rules, state, cells_of(rules.target))
