"""What a game leaves: its snapshots, and at each both players, from which it can be played on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from genmodels.datasets.parts.pictures import to_bytes
from genmodels.models.parts.game import Player, State
from genmodels.studies.adversarial.snapshot import Measurement, Snapshot
from genmodels.studies.finding import Finding


@dataclass(frozen=True, eq=False)
class GameFinding(Finding):
    """The snapshots of a game, T of them; the fields are those of `Snapshot`, opinions as bytes."""

    rounds: list[int]  # updates of G before each snapshot
    measurements: list[Measurement]
    field: Tensor  # (T, cells) uint8
    best: Tensor  # (T, cells) uint8
    fake: Tensor  # (T, N_POINTS, 2)
    pull: Tensor  # (T, N_ARROWS, 2)
    grid: Tensor  # (T, 2 LINES PER_LINE, 2)

    @classmethod
    def of(cls, rounds: list[int], snapshots: Sequence[Snapshot]) -> Self:
        """Return the finding of these snapshots."""
        stacks = {name: torch.stack([getattr(s, name) for s in snapshots]) for name in ("field", "best", "fake", "pull", "grid")}
        opinions = {name: to_bytes(stacks[name]) for name in ("field", "best")}
        return cls(rounds=rounds, measurements=[s.measurement for s in snapshots], **stacks | opinions)


@dataclass(frozen=True)
class PlayerStates:
    """One player at every snapshot."""

    weights: Tensor  # (T, S)
    squares: Tensor  # (T, S)
    updates: Tensor  # (T,)

    @classmethod
    def of(cls, players: Sequence[Player]) -> Self:
        """Return the players' states, stacked."""
        weights, squares = (torch.stack([getattr(p, name) for p in players]) for name in ("weights", "squares"))
        return cls(weights, squares, torch.tensor([p.updates for p in players]))

    def at(self, index: int) -> Player:
        """Return the player at one snapshot."""
        return Player(self.weights[index], self.squares[index], int(self.updates[index]))


@dataclass(frozen=True, eq=False)
class Players(Finding):
    """Both players at every snapshot."""

    stem = "players"
    g: PlayerStates
    d: PlayerStates
    perfect: Tensor  # (T,) whether the target has replaced the generator

    @classmethod
    def of(cls, states: Sequence[State]) -> Self:
        """Return the players of these states."""
        g, d = PlayerStates.of([s.g for s in states]), PlayerStates.of([s.d for s in states])
        return cls(g, d, torch.tensor([s.perfect for s in states]))

    def state(self, index: int) -> State:
        """Return the game at one snapshot."""
        return State(self.g.at(index), self.d.at(index), bool(self.perfect[index]))
