"""The adversarial game as a finding: a game in the plane, played and photographed, so that it can be taken up anywhere.

With `perfect`, D first learns to see through the generator as it begins; then fakes are fresh real points: theory then asks of D
a loss of log 4, an accuracy of 1/2 and the answer 1/2 everywhere (Goodfellow 2014, theorem 1).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_args

import torch
from torch import Tensor

from genmodels import device
from genmodels.config import Config, UserError, knob
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.datasets.parts.targets import TARGETS
from genmodels.metrics import best_discriminator as best
from genmodels.metrics.best_discriminator import Cells
from genmodels.models.parts import game, game_moves
from genmodels.models.parts.game import Player, Rules, State, TargetName
from genmodels.models.parts.losses import Loss, discriminator_loss, generator_loss
from genmodels.runs import RunSpec
from genmodels.store import Recording
from genmodels.studies.base import Study, StudyContext

FRAMES = 60  # photographs after the start, closer together at first
WARM_UP = 150  # rounds of D alone before the truth takes the generator's place
N_POINTS, N_ARROWS, N_LOSS, N_SETTLED = 256, 64, 4096, 16_384
LINES, PER_LINE, REACH = 11, 25, 2.25  # the noise grid: lines each way, points to a line, its half width in standard deviations
CROSS_ENTROPY: tuple[Loss, ...] = ("non-saturating", "minimax")


class GameConfig(Config):
    """Settings of one game."""

    target: TargetName = knob("8 Gaussians", "The density of the real points, known in closed form.", label="real points")
    loss: Loss = knob("non-saturating", "What the two players minimise.")
    k: int = knob(1, "Updates of D to each of G.", ge=1, le=5, label="D updates per G update")
    rounds: int = knob(1500, "Updates of G.", ge=10, le=5000, log=True)
    perfect: bool = knob(False, "Whether the generator is replaced by the truth.")
    seed: int = knob(0, "What all chance comes from.", ge=0, le=999)

    @property
    def warm_up(self) -> int:
        """The rounds of D alone before the truth takes the generator's place; 0 in a game of two."""
        return min(WARM_UP, self.rounds // 3) if self.perfect else 0

    def rules(self) -> Rules:
        """Return the rules of this game."""
        return Rules(self.target, self.loss, self.k, self.rounds, self.seed)


@dataclass(frozen=True)
class Frame:
    """One photograph: what is drawn, and what is measured."""

    field: Tensor  # (cells,) what D thinks of each cell, 0 fake to 1 real
    best: Tensor  # (cells,) D*
    fake: Tensor  # (N_POINTS, 2) G of fixed noise
    pull: Tensor  # (N_ARROWS, 2) -dL_G/dx at the first of them
    grid: Tensor  # (2 LINES PER_LINE, 2) G of the noise grid; empty for the truth, which has none
    numbers: dict[str, float | None]


@torch.no_grad()
def photograph(rules: Rules, state: State, real_cells: Tensor) -> Frame:
    """Return the game as it stands."""
    rng = device.generator(game.CPU, rules.seed, "game photograph")
    n = N_SETTLED if state.perfect else N_LOSS
    real, fake = rules.real(n, rng), state.fake(rules, n, rng)
    fake_cells = real_cells
    if not state.perfect:
        fake_cells = best.cells_of_generator(lambda z: game.generate(state.g.weights, z))
    cells = Cells(real_cells, fake_cells)
    logits = state.logits(best.centres()).double()
    told = leaning(rules.loss, logits, cells)
    real_logits, fake_logits = state.logits(real), state.logits(fake)
    pull = game.pull(rules.loss, state, fake[:N_LOSS], real[:N_LOSS])
    theory = rules.loss in CROSS_ENTROPY
    own = cells.loss(logits) if theory else float(discriminator_loss(rules.loss, real_logits, fake_logits))
    numbers = {  # on the cells; those that are `seen`, and the losses that are no cross-entropies, on fresh points
        "d_loss": own,
        "g_loss": float(generator_loss(rules.loss, real_logits, fake_logits)),
        "best_loss": cells.best_loss() if theory else None,
        "distance": own - cells.best_loss() if theory else None,
        "accuracy": cells.accuracy(told),
        "best_accuracy": cells.best_accuracy(),
        "divergence": cells.divergence(),
        "pull": float(pull.norm(dim=1).mean()),
        "seen_loss": float(discriminator_loss(rules.loss, real_logits, fake_logits)),
        "seen_accuracy": float((2 + real_logits.sign().mean() - fake_logits.sign().mean()) / 4) if theory else None,
    }
    grid = torch.empty(0, 2) if state.perfect else game.generate(state.g.weights, noise_grid())
    return Frame(opinion(rules.loss, told), cells.best(), fake[:N_POINTS], pull[:N_ARROWS], grid, numbers)


@cache
def cells_of(target: TargetName) -> Tensor:
    """Return the probability of each cell under the target."""
    return best.cells_of_density(TARGETS[target].log_density)


def leaning(loss: Loss, logits: Tensor, cells: Cells) -> Tensor:
    """Return logits moved so that positive is real: where the loss leaves the zero open, it is put midway between real and fake."""
    if loss == "least squares":  # real is called 1 and fake 0
        return logits - 0.5
    if loss in ("wasserstein", "relativistic"):
        return logits - ((cells.real + cells.fake) * logits).sum() / 2
    return logits


def opinion(loss: Loss, leaning: Tensor) -> Tensor:
    """Return D's opinion of each cell, 0 fake to 1 real: its probability where it has one, else its number brought to scale."""
    match loss:
        case "least squares":
            return (leaning + 0.5).clamp(0, 1)
        case "hinge":
            return (leaning.clamp(-1, 1) + 1) / 2
        case "wasserstein":
            return (leaning / leaning.abs().max().clamp_min(1e-12) + 1) / 2
        case _:
            return torch.sigmoid(leaning)


def noise_grid() -> Tensor:
    """Return the points of a square grid in the plane of z, line by line, first the lines along z_1, then those along z_2."""
    across, along = torch.linspace(-REACH, REACH, LINES), torch.linspace(-REACH, REACH, PER_LINE)
    first = torch.stack([along.repeat(LINES), across.repeat_interleave(PER_LINE)], 1)
    return torch.cat([first, first.flip(1)])


def marks(rounds: int) -> list[int]:
    """Return the rounds after which the game is photographed: the start, then along a square, each once."""
    return sorted({max(i, round(rounds * (i / FRAMES) ** 2)) for i in range(FRAMES + 1)} & set(range(rounds + 1)) | {rounds})


class Adversarial(Study):
    """Plays one game and keeps its photographs and, at each, both players."""

    name = "adversarial"
    title = "Adversarial game"
    version = 2
    Settings = GameConfig
    seconds = 5.0
    settings: GameConfig

    @classmethod
    def opening(cls) -> list[tuple[list[RunSpec], dict[str, Any]]]:
        """Return the games that the page opens with, and what a class asks for next: another loss, the ring."""
        shown: list[dict[str, Any]] = [{"loss": "non-saturating"}, {"loss": "minimax"}, {"perfect": True}]
        others = [{"loss": loss} for loss in get_args(Loss) if loss not in CROSS_ENTROPY]
        return [([], settings) for settings in [*shown, *others, *({**one, "target": "ring"} for one in shown)]]

    def check(self) -> None:
        """Refuse a perfect generator where theory promises no number."""
        if self.settings.perfect and self.settings.loss not in CROSS_ENTROPY:
            raise UserError(f"adversarial: a perfect generator is theory's case for loss = {' or '.join(CROSS_ENTROPY)}: give one")

    def perform(self, context: StudyContext) -> Iterator[float]:
        """Play, photograph and write."""
        rules, at = self.settings.rules(), marks(self.settings.rounds)
        real_cells = cells_of(rules.target)
        state, frames, players = game.start(rules), [], []
        for index in range(rules.rounds + 1):
            if index > 0:
                state = game.step_both(rules, state) if not self.settings.perfect else self._one_of_d(rules, state)
            if index == self.settings.warm_up and self.settings.perfect:
                state = replace(state, perfect=True)
            if index in at:
                frames.append(photograph(rules, state, real_cells))
                players.append(state)
            yield index / rules.rounds
        context.tensors("frames.safetensors", _stacked(frames))
        context.tensors("players.safetensors", _players(players))
        names = list(frames[0].numbers)
        context.json("numbers.json", {name: [frame.numbers[name] for frame in frames] for name in names} | {"marks": at})

    @staticmethod
    def _one_of_d(rules: Rules, state: State) -> State:
        for _ in range(rules.k):
            state = game.step_d(rules, state)
        return state


def _stacked(frames: list[Frame]) -> dict[str, Tensor]:
    fields = {name: torch.stack([getattr(f, name) for f in frames]) for name in ("field", "best")}
    drawn = {name: to_bytes(part) for name, part in fields.items()}
    grids = [f.grid if len(f.grid) else torch.full((2 * LINES * PER_LINE, 2), torch.nan) for f in frames]  # NaN: none
    return drawn | {
        "fake": torch.stack([f.fake for f in frames]),
        "pull": torch.stack([f.pull for f in frames]),
        "grid": torch.stack(grids),
    }


def _players(states: list[State]) -> dict[str, Tensor]:
    kept = {}
    for who in ("g", "d"):
        players: list[Player] = [getattr(state, who) for state in states]
        kept[f"{who}_weights"] = torch.stack([p.weights for p in players])
        kept[f"{who}_squares"] = torch.stack([p.squares for p in players])
        kept[f"{who}_updates"] = torch.tensor([p.updates for p in players])
    return kept | {"perfect": torch.tensor([state.perfect for state in states])}


def state_at(finding: Recording, frame: int) -> State:
    """Return the game as it stood at a photograph."""
    kept = finding.tensors("players.safetensors")

    def player(who: str) -> Player:
        return Player(kept[f"{who}_weights"][frame], kept[f"{who}_squares"][frame], int(kept[f"{who}_updates"][frame]))

    return State(player("g"), player("d"), bool(kept["perfect"][frame]))


_REPLAYS = game_moves.Replays()


def played_on(finding: Recording, settings: GameConfig, frame: int, moves: str) -> Frame:
    """Return the photograph of a game taken up at one of its own and played on by `moves`, one letter each."""
    device.limit_threads()
    rules, frame = settings.rules(), min(frame, len(marks(settings.rounds)) - 1)
    state = _REPLAYS.state(f"{finding.key} {frame}", lambda: state_at(finding, frame), rules, moves)
    return photograph(rules, state, cells_of(rules.target))
