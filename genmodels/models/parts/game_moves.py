"""Moves of the adversarial game: d updates D, g updates G, b plays a round, p puts the truth in G's place; in short, 10d1g3b."""

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
    """Games that viewers have played on, the latest used kept: a click costs its own moves, not all that led there."""

    def __init__(self, limit: int = 64):
        self.limit = limit
        self._kept: OrderedDict[tuple[str, str], State] = OrderedDict()

    def state(self, origin: str, begin: Callable[[], State], rules: Rules, moves: str) -> State:
        """Return the game after `moves` from the state that `begin` gives, which `origin` names."""
        for n in range(len(moves), -1, -1):
            known = self._kept.get((origin, moves[:n])) or (begin() if n == 0 else None)
            if known:
                break
        assert known is not None
        state = play(rules, known, moves[n:])
        self._kept[origin, moves] = state
        self._kept.move_to_end((origin, moves))
        while len(self._kept) > self.limit:
            self._kept.popitem(last=False)
        return state


def _truth(rules: Rules, state: State) -> State:
    return replace(state, perfect=True)


_MOVES: dict[str, Callable[[Rules, State], State]] = {"d": step_d, "g": step_g, "b": step_both, "p": _truth}
