"""Moves of the adversarial game: d updates D, g updates G, b plays a round, p replaces G by the target; short form: 10d1g3b."""

import itertools
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from genmodels.models.parts.game import Rules, State, step_both, step_d, step_g

PATTERN = r"^(?:[1-9]\d{0,2}[dgbp]){0,24}$"  # of the short form
MAX_MOVES = 400  # that a link may ask for: half a second of playing


def spelled(short: str) -> str:
    """Return the moves one by one, cut off after `MAX_MOVES`: 3d1g is dddg."""
    return "".join(move * int(n) for n, move in re.findall(r"(\d+)([dgbp])", short))[:MAX_MOVES]


def shortened(moves: str) -> str:
    """Return moves in their short form: dddg is 3d1g."""
    return "".join(f"{len(list(run))}{move}" for move, run in itertools.groupby(moves))


def fits(moves: str) -> bool:
    """Whether a link can hold these moves."""
    return len(moves) <= MAX_MOVES and re.fullmatch(PATTERN, shortened(moves)) is not None


def play(rules: Rules, state: State, moves: str) -> State:
    """Return the game after these moves."""
    for move in moves:
        state = _MOVES[move](rules, state)
    return state


class Replays:
    """A cache of the games that viewers continued: a click costs its own moves, not all moves before it."""

    def __init__(self, limit: int = 64):
        self.limit = limit
        self._states: OrderedDict[tuple[str, str], State] = OrderedDict()

    def state(self, origin: str, begin: Callable[[], State], rules: Rules, moves: str) -> State:
        """Return the game after `moves` from the state of `begin`, which `origin` identifies."""
        for n in range(len(moves), -1, -1):
            start = self._states.get((origin, moves[:n])) or (begin() if n == 0 else None)
            if start:
                break
        assert start is not None
        state = play(rules, start, moves[n:])
        self._states[origin, moves] = state
        self._states.move_to_end((origin, moves))
        while len(self._states) > self.limit:
            self._states.popitem(last=False)
        return state


def _truth(rules: Rules, state: State) -> State:
    return replace(state, perfect=True)


_MOVES: dict[str, Callable[[Rules, State], State]] = {"d": step_d, "g": step_g, "b": step_both, "p": _truth}
