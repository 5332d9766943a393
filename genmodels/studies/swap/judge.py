"""What judges swapped frames: nets that learned expression and identity from real frames, and a detector."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from genmodels.metrics.c2st import two_sample_accuracy
from genmodels.models.parts import nets

STEPS = 1500


@dataclass(frozen=True)
class Judgement:
    """Swapped frames beside the true ones, after one number of updates."""

    step: int
    rmse: float  # against the true frames, per pixel
    as_other: float  # fraction that the identity net takes for the other identity
    expression_r2: list[float]  # of each expression factor, read from the swapped frames
    detector: float  # held-out accuracy in telling swapped frames from real ones of the other identity
    detector_floor: float  # the same, for true frames against real ones


@dataclass(frozen=True)
class Judge:
    """Test frames and the nets that judge."""

    true: Tensor  # (N, D) the other identity with this one's expressions: what a swap should give
    real: Tensor  # (N, D) the other identity with its own
    expression: Tensor  # (N, E) of the true frames
    expression_net: nn.Module
    identity_net: nn.Module  # above 0: the other identity

    def judge(self, step: int, fake: Tensor, detector: torch.Generator, floor: torch.Generator) -> Judgement:
        """Judge swapped frames (N, D)."""
        error = (self.expression_net(fake) - self.expression).square().sum(0)
        r2 = 1 - error / (self.expression - self.expression.mean(0)).square().sum(0)
        return Judgement(
            step=step,
            rmse=float((fake - self.true).square().mean().sqrt()),
            as_other=float((self.identity_net(fake)[:, 0] > 0).double().mean()),
            expression_r2=[round(float(v), 4) for v in r2],
            detector=two_sample_accuracy(fake, self.real, detector),
            detector_floor=two_sample_accuracy(self.true, self.real, floor),
        )


class _Centred(nn.Module):
    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x - 0.5)


def expression_net(x: Tensor, expression: Tensor, rng: torch.Generator) -> nn.Module:
    """Return a net from flat pictures (N, D) of one identity to its expression (N, E)."""
    return _fit(x, expression, nn.MSELoss(), rng)


def identity_net(train: list[Tensor], rng: torch.Generator) -> nn.Module:
    """Return a net from flat pictures to a logit (N, 1), above 0 for the second identity."""
    labels = torch.cat([torch.full((len(x), 1), float(i), device=x.device) for i, x in enumerate(train)])
    return _fit(torch.cat(train), labels, nn.BCEWithLogitsLoss(), rng)


@torch.enable_grad()
def _fit(x: Tensor, target: Tensor, loss: nn.Module, rng: torch.Generator) -> nn.Module:
    """Return a small net from flat pictures (N, D) to targets (N, T)."""
    net = nets.mlp([x.shape[1], 128, target.shape[1]], nn.SiLU).to(x.device)
    nets.initialise(net, rng)
    optimiser, schedule = nets.adam_with_cosine(net.parameters(), 2e-3, STEPS)
    for _, i in zip(range(STEPS), nets.batches(torch.arange(len(x), device=x.device), 128, rng)):
        optimiser.zero_grad()
        loss(net(x[i] - 0.5), target[i]).backward()
        optimiser.step()
        schedule.step()
    return _Centred(net.requires_grad_(False))
