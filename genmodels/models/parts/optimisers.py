"""Adam (Kingma and Ba 2015) with a step size that can fall along half a cosine, equal to torch.optim's bit by bit.

The first optimiser of torch.optim in a process loads torch's compiler, which takes 1 to 4 s of a first training; this one does not.
"""

import math
from collections.abc import Iterable
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.optim.adam import adam

EPSILON = 1e-8


class Optimiser(Protocol):
    """What a fit asks of an optimiser, which those of torch.optim offer too."""

    def zero_grad(self) -> None:
        """Forget all gradients."""

    def step(self) -> Any:
        """Change the parameters by their gradients."""


class Adam:
    """Adam, fused: parameters without a gradient stand."""

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float, betas: tuple[float, float] = (0.9, 0.999)):
        self.learning_rate, self._betas = learning_rate, betas
        self._parameters = list(parameters)
        self._means = [torch.zeros_like(p) for p in self._parameters]  # running means of the gradients
        self._squares = [torch.zeros_like(p) for p in self._parameters]  # and of their squares
        self._counts = [torch.zeros((), device=p.device) for p in self._parameters]  # steps of each

    def zero_grad(self) -> None:
        """Forget all gradients."""
        for parameter in self._parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Change each parameter by its gradient."""
        states = zip(self._parameters, self._means, self._squares, self._counts)
        rows = [(p, p.grad, mean, square, count) for p, mean, square, count in states if p.grad is not None]
        parameters, gradients, means, squares, counts = ([row[i] for row in rows] for i in range(5))
        adam(
            parameters,
            gradients,
            means,
            squares,
            [],
            counts,
            fused=True,
            amsgrad=False,
            maximize=False,
            beta1=self._betas[0],
            beta2=self._betas[1],
            lr=self.learning_rate,
            eps=EPSILON,
            weight_decay=0.0,
        )


class HalfCosine:
    """A step size that falls from its start to zero along half a cosine."""

    def __init__(self, optimiser: Adam, steps: int):
        self._optimiser, self._steps, self._step = optimiser, steps, 0

    def step(self) -> None:
        """Set the step size of the next update: by the last one's, as torch.optim's CosineAnnealingLR does."""
        before = 1 + math.cos(math.pi * self._step / self._steps)
        self._step += 1
        self._optimiser.learning_rate *= (1 + math.cos(math.pi * self._step / self._steps)) / before
