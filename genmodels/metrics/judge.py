"""A judge of single pictures: a small net that has learnt real pictures from what all models make of them, asked about others.

Two judges, each learnt from one half of the pictures, so that none is asked about one it knows. What each model rebuilds, and what
it draws, are equal shares of the fakes: the judge favours none. It sees pixels: a classifier's features look past a blur.
"""

from collections.abc import Generator

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genmodels.config import UserError
from genmodels.models import nets

LEAST = 20  # real pictures: ten to learn from and ten to judge
HIDDEN_DIM, BATCH_SIZE, LEARNING_RATE, STEPS = 128, 64, 2e-3, 300


class Judges(nn.Module):
    """Two nets from pictures (N, C, H, W) to logits (N,), larger for real."""

    def __init__(self, shape: tuple[int, ...]):
        super().__init__()
        self.shape = shape
        depth = max(
            (d for d in (1, 2) if len(shape) == 3 and all(side % 2**d == 0 and side >> d >= 2 for side in shape[1:])), default=0
        )
        n_in = torch.Size(shape).numel()
        nets_of_halves = (nets.encoder("conv" if depth else "mlp", shape, HIDDEN_DIM, depth or 2, 1) for _ in range(2))
        self.units = nets.Standardise(n_in)
        self.nets = nn.ModuleList(nets_of_halves)

    def fit(self, real: Tensor, fakes: Tensor, rng: torch.Generator) -> Generator[float, None, None]:
        """Learn from pictures (N, *shape) and K sets of as many fakes, (K, N, *shape); yield the share that is done."""
        if len(real) < LEAST or fakes.shape[1:] != real.shape:
            raise UserError(
                f"a judge needs at least {LEAST} real pictures and as many fakes of each model, "
                f"got {tuple(real.shape)} and {tuple(fakes.shape)}"
            )
        self.units.learn(torch.cat([real[None], fakes]).flatten(0, 1).flatten(1))
        for half, net in enumerate(self.nets):
            nets.initialise(net, rng)
            optimiser, schedule = nets.adam_with_cosine(net.parameters(), LEARNING_RATE, STEPS)
            own = slice(half, None, 2)
            for step in range(STEPS):
                with torch.enable_grad():
                    self._step(net, real[own], fakes[:, own], optimiser, rng)
                schedule.step()
                yield (half + (step + 1) / STEPS) / 2
        self.requires_grad_(False)

    def forward(self, x: Tensor, half: Tensor | None = None) -> Tensor:
        """Return the logits of x, (N,), by the judge that has not learnt from that half (0 or 1, (N,)); without, by both."""
        first, second = (net(self.units(x.flatten(1)))[:, 0] for net in self.nets)
        return (first + second) / 2 if half is None else torch.where(half == 0, second, first)

    def _step(self, net: nn.Module, real: Tensor, fakes: Tensor, optimiser: torch.optim.Optimizer, rng: torch.Generator) -> None:
        which = torch.randint(len(real), (2 * BATCH_SIZE,), generator=rng, device=rng.device)
        whose = torch.randint(len(fakes), (BATCH_SIZE,), generator=rng, device=rng.device)
        both = torch.cat([real[which[:BATCH_SIZE]], fakes[whose, which[BATCH_SIZE:]]])
        real_logits, fake_logits = net(self.units(both.flatten(1)))[:, 0].chunk(2)
        loss = F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()


def halves(n: int, where: torch.device) -> Tensor:
    """Return which half each of n pictures belongs to, (n,): every other one."""
    return torch.arange(n, device=where) % 2
