"""A snapshot of a game: what is drawn of it, and what is measured."""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from genmodels import device
from genmodels.datasets.parts.targets import TARGETS
from genmodels.metrics import best_discriminator as best
from genmodels.metrics.best_discriminator import Cells
from genmodels.models.parts import game
from genmodels.models.parts.game import Rules, State, TargetName
from genmodels.models.parts.losses import Loss, discriminator_loss, generator_loss

N_POINTS, N_ARROWS = 256, 64  # fakes drawn, and gradients on them
N_LOSS, N_PERFECT = 4096, 16_384  # real points and fakes that losses are measured on; against a perfect generator
LINES, PER_LINE, REACH = 11, 25, 2.25  # the noise grid: lines each way, points per line, half width in standard deviations
CROSS_ENTROPY: tuple[Loss, ...] = ("non-saturating", "minimax")


@dataclass(frozen=True)
class Measurement:
    """Numbers of one snapshot, by quadrature over the cells of the plane; `pull`, `sample_...` and other losses on samples."""

    d_loss: float
    g_loss: float
    best_loss: float | None  # of D*; None where the loss is no cross-entropy
    distance: float | None  # d_loss - best_loss
    accuracy: float
    best_accuracy: float  # of D*
    divergence: float  # JSD(p, q), nats
    pull: float  # mean length of -N dL_G/dx
    sample_loss: float
    sample_accuracy: float | None


@dataclass(frozen=True)
class Snapshot:
    """What is drawn and measured at one time."""

    field: Tensor  # (cells,) D's opinion of each cell, 0 fake to 1 real
    best: Tensor  # (cells,) D*
    fake: Tensor  # (N_POINTS, 2) G of fixed noise
    pull: Tensor  # (N_ARROWS, 2) -N dL_G/dx at the first fakes
    grid: Tensor  # (2 LINES PER_LINE, 2) G of the noise grid; NaN for the perfect generator, which has none
    measurement: Measurement


@torch.no_grad()
def take_snapshot(rules: Rules, state: State, real_cells: Tensor) -> Snapshot:
    """Return the snapshot of a state; `real_cells` is the probability of each cell under the target."""
    rng = device.generator(game.CPU, rules.seed, "game photograph")
    n = N_PERFECT if state.perfect else N_LOSS
    real, fake = rules.real(n, rng), state.fake(rules, n, rng)
    fake_cells = real_cells
    if not state.perfect:
        fake_cells = best.cells_of_generator(lambda z: game.generate(state.g.weights, z))
    cells = Cells(real_cells, fake_cells)
    logits = state.logits(best.centres()).double()
    centred = centred_logits(rules.loss, logits, cells)
    pull = game.pull(rules.loss, state, fake[:N_LOSS], real[:N_LOSS])
    grid = torch.full((2 * LINES * PER_LINE, 2), torch.nan) if state.perfect else game.generate(state.g.weights, noise_grid())
    measurement = _measure(rules.loss, cells, logits, centred, state.logits(real), state.logits(fake), pull)
    return Snapshot(opinion(rules.loss, centred), cells.best(), fake[:N_POINTS], pull[:N_ARROWS], grid, measurement)


def _measure(
    loss: Loss, cells: Cells, logits: Tensor, centred: Tensor, real_logits: Tensor, fake_logits: Tensor, pull: Tensor
) -> Measurement:
    theory = loss in CROSS_ENTROPY
    sample_loss = float(discriminator_loss(loss, real_logits, fake_logits))
    d_loss = cells.loss(logits) if theory else sample_loss
    return Measurement(
        d_loss=d_loss,
        g_loss=float(generator_loss(loss, real_logits, fake_logits)),
        best_loss=cells.best_loss() if theory else None,
        distance=d_loss - cells.best_loss() if theory else None,
        accuracy=cells.accuracy(centred),
        best_accuracy=cells.best_accuracy(),
        divergence=cells.divergence(),
        pull=float(pull.norm(dim=1).mean()),
        sample_loss=sample_loss,
        sample_accuracy=float((2 + real_logits.sign().mean() - fake_logits.sign().mean()) / 4) if theory else None,
    )


@cache
def cells_of(target: TargetName) -> Tensor:
    """Return the probability of each cell under the target."""
    return best.cells_of_density(TARGETS[target].log_density)


def centred_logits(loss: Loss, logits: Tensor, cells: Cells) -> Tensor:
    """Return logits shifted so that positive means real; where the loss leaves the zero open it is midway between the two means."""
    if loss == "least squares":  # targets: 1 for real, 0 for fake
        return logits - 0.5
    if loss in ("wasserstein", "relativistic"):
        return logits - ((cells.real + cells.fake) * logits).sum() / 2
    return logits


def opinion(loss: Loss, centred: Tensor) -> Tensor:
    """Return D's opinion of each cell, 0 fake to 1 real: its probability where it has one, else its centred output rescaled."""
    match loss:
        case "least squares":
            return (centred + 0.5).clamp(0, 1)
        case "hinge":
            return (centred.clamp(-1, 1) + 1) / 2
        case "wasserstein":
            return (centred / centred.abs().max().clamp_min(1e-12) + 1) / 2
        case _:
            return torch.sigmoid(centred)


def noise_grid() -> Tensor:
    """Return the points of a square grid in the plane of z, line by line: first the lines along z_1, then those along z_2."""
    across, along = torch.linspace(-REACH, REACH, LINES), torch.linspace(-REACH, REACH, PER_LINE)
    first = torch.stack([along.repeat(LINES), across.repeat_interleave(PER_LINE)], 1)
    return torch.cat([first, first.flip(1)])
