"""Network bodies shared by the models, and their seeded initialisation."""

import itertools
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn


def mlp(sizes: Sequence[int], activation: type[nn.Module]) -> nn.Sequential:
    """Return linear layers of the given sizes with `activation` between them, none after the last."""
    layers: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


def initialise(module: nn.Module, rng: torch.Generator) -> None:
    """Draw every linear layer anew from `rng`: weights uniform with variance 1/inputs times a gain of 2, biases zero (He 2015)."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu", generator=rng)
            nn.init.zeros_(layer.bias)


def batches(x: Tensor, batch_size: int, rng: torch.Generator) -> "itertools.chain[Tensor]":
    """Yield (B, *shape) slices of fresh device permutations of x, for ever; every example once an epoch, the odd rest dropped."""
    size = min(batch_size, len(x))

    def epoch() -> list[Tensor]:
        order = torch.randperm(len(x), generator=rng, device=x.device)
        return [x[order[i : i + size]] for i in range(0, len(x) - size + 1, size)]

    return itertools.chain.from_iterable(epoch() for _ in itertools.count())


class Standardise(nn.Module):
    """Maps data units to zero mean and unit variance, one scale for all dimensions so that shapes stay as they are."""

    mean: Tensor
    scale: Tensor

    def __init__(self, dim: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("scale", torch.ones(()))

    def learn(self, x: Tensor) -> None:
        """Take mean and scale from x, (N, D)."""
        self.mean.copy_(x.mean(0))
        self.scale.copy_((x - self.mean).square().mean().sqrt())

    def forward(self, x: Tensor) -> Tensor:
        """Return (x - mean) / scale."""
        return (x - self.mean) / self.scale

    def inverse(self, x: Tensor) -> Tensor:
        """Return x in data units again."""
        return x * self.scale + self.mean


def adam_with_cosine(
    parameters: Iterable[nn.Parameter], learning_rate: float, steps: int, betas: tuple[float, float] = (0.9, 0.999)
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    """Return a fused Adam and the schedule that takes its step size to zero along half a cosine."""
    optimiser = torch.optim.Adam(parameters, lr=learning_rate, betas=betas, fused=True)
    return optimiser, torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, T_max=steps)
