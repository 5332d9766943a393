"""The adversarial game in the plane, move by move: a state is two vectors of weights, a move a function of it.

Random numbers belong to the move: the n-th update of a player always draws the same examples and the same noise. So a game can be
continued from any state, and `both` from a recorded state gives the next recorded one to the last bit.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels import device
from genmodels.datasets.parts.targets import TARGETS
from genmodels.models.parts import nets
from genmodels.models.parts.losses import Loss, between, discriminator_loss, generator_loss, gradient_penalty, slopes

OCTAVES = 2  # of Fourier features in D's input
G_SIZES, D_SIZES = (2, 64, 64, 2), (2 + 4 * OCTAVES, 64, 64, 1)
STEEP = 2.0  # scale of the first layer's weights under tanh, so that G can switch sharply between modes
BATCH = 128  # real points, and as many fakes
MEMORY, TINY = 0.99, 1e-8  # Adam's, without momentum
LOWEST = 0.1  # the step size falls to this fraction of itself along its cosine
CPU = torch.device("cpu")  # nets this small are slower anywhere else

TargetName = Literal["8 Gaussians", "ring", "moons", "one Gaussian"]


@dataclass(frozen=True)
class Rules:
    """What determines a game: target density, loss, k updates of D per update of G, length in rounds, seed."""

    target: TargetName
    loss: Loss
    k: int = 1
    rounds: int = 1500
    seed: int = 0
    g_rate: float = 2e-3
    d_rate: float = 5e-3

    @property
    def penalty(self) -> float:
        """The weight of the gradient penalty: only for losses that need one."""
        return {"wasserstein": 0.1, "relativistic": 0.1}.get(self.loss, 0.0)

    def real(self, n: int, rng: torch.Generator) -> Tensor:
        """Return n points of the target, (n, 2)."""
        return TARGETS[self.target].draw(n, rng)


@dataclass(frozen=True)
class Player:
    """A network as one vector, Adam's running mean of its squared gradient, and the number of its updates."""

    weights: Tensor  # (S,)
    squares: Tensor  # (S,)
    updates: int = 0

    def improved(self, gradient: Tensor, rate: float) -> "Player":
        """Return the player after one step of Adam (beta_1 = 0) against the gradient."""
        squares = MEMORY * self.squares + (1 - MEMORY) * gradient.square()
        size = (squares / (1 - MEMORY ** (self.updates + 1))).sqrt() + TINY
        return Player(self.weights - rate * gradient / size, squares, self.updates + 1)


@dataclass(frozen=True)
class State:
    """The states of both players; where `perfect`, the target replaces the generator: fakes are fresh real points."""

    g: Player
    d: Player
    perfect: bool = False

    def fake(self, rules: Rules, n: int, rng: torch.Generator) -> Tensor:
        """Return n fakes (n, 2)."""
        return rules.real(n, rng) if self.perfect else generate(self.g.weights, torch.randn(n, 2, generator=rng))

    def logits(self, x: Tensor) -> Tensor:
        """Return D's logits at x (B, 2), (B,), larger for real."""
        return judge(self.d.weights, x)


def generate(weights: Tensor, z: Tensor) -> Tensor:
    """Return G(z) (B, 2) for noise z (B, 2)."""
    return _mlp(G_SIZES, weights, z, torch.tanh)


def judge(weights: Tensor, x: Tensor) -> Tensor:
    """Return D's logits (B,) at x (B, 2), from x and its Fourier features."""
    return _mlp(D_SIZES, weights, nets.with_fourier_features(x, OCTAVES), F.silu).squeeze(1)


def start(rules: Rules) -> State:
    """Return the game before its first move."""
    g, rng = _fresh(G_SIZES, _rng(rules, "G", -1)), _rng(rules, "steep", -1)
    g[: 2 * G_SIZES[1]] *= STEEP
    g[2 * G_SIZES[1] : 3 * G_SIZES[1]].uniform_(-STEEP, STEEP, generator=rng)
    d = _fresh(D_SIZES, _rng(rules, "D", -1))
    return State(Player(g, torch.zeros_like(g)), Player(d, torch.zeros_like(d)))


def step_d(rules: Rules, state: State) -> State:
    """Return the game after one update of the discriminator."""
    d, rng = state.d, _rng(rules, "D", state.d.updates)
    with torch.no_grad():
        real, fake = rules.real(BATCH, rng), state.fake(rules, BATCH, rng)
    with torch.enable_grad():
        weights = d.weights.clone().requires_grad_()
        both = torch.cat([real, fake]).requires_grad_(rules.penalty > 0)
        logits = judge(weights, both)
        loss = discriminator_loss(rules.loss, *logits.chunk(2))
        if rules.loss == "wasserstein":
            x = between(real, fake, rng)
            loss = loss + rules.penalty * gradient_penalty(judge(weights, x), x)
        elif rules.penalty:  # R1 + R2
            loss = loss + rules.penalty / 2 * slopes(logits, both).square().sum() / BATCH
        (gradient,) = torch.autograd.grad(loss, weights)
    return replace(state, d=d.improved(gradient, _rate(rules.d_rate, d.updates, rules.k * rules.rounds)))


def step_g(rules: Rules, state: State) -> State:
    """Return the game after one update of the generator; the target is not updated."""
    if state.perfect:
        return state
    g, rng = state.g, _rng(rules, "G", state.g.updates)
    with torch.no_grad():
        z = torch.randn(BATCH, 2, generator=rng)
        real_logits = state.logits(rules.real(BATCH, rng)) if rules.loss == "relativistic" else torch.zeros(BATCH)
    with torch.enable_grad():
        weights = g.weights.clone().requires_grad_()
        loss = generator_loss(rules.loss, real_logits, state.logits(generate(weights, z)))
        (gradient,) = torch.autograd.grad(loss, weights)
    return replace(state, g=g.improved(gradient, _rate(rules.g_rate, g.updates, rules.rounds)))


def step_both(rules: Rules, state: State) -> State:
    """Return the game after one round: k updates of D, then one of G."""
    for _ in range(rules.k):
        state = step_d(rules, state)
    return step_g(rules, state)


def play_rounds(rules: Rules, state: State, n: int) -> State:
    """Return the game after n rounds."""
    for _ in range(n):
        state = step_both(rules, state)
    return state


def pull(loss: Loss, state: State, fake: Tensor, real: Tensor) -> Tensor:
    """Return -N dL_G/dx at each of N fakes (N, 2): where, and how hard, the generator's loss would move it."""
    with torch.enable_grad():
        x = fake.detach().clone().requires_grad_()
        total = generator_loss(loss, state.logits(real).detach(), state.logits(x)) * len(x)
        (gradient,) = torch.autograd.grad(total, x)
    return -gradient


def _fresh(sizes: tuple[int, ...], rng: torch.Generator) -> Tensor:
    """Return the weights of a network drawn from `rng`, layer by layer, each layer's matrix before its biases."""
    net = nets.mlp(sizes, torch.nn.Identity)
    nets.initialise(net, rng)
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def _mlp(sizes: tuple[int, ...], weights: Tensor, x: Tensor, activation: Callable[[Tensor], Tensor]) -> Tensor:
    at, last = 0, len(sizes) - 2
    for i, (n_in, n_out) in enumerate(itertools.pairwise(sizes)):
        matrix, at = weights[at : at + n_in * n_out].view(n_out, n_in), at + n_in * n_out
        x, at = F.linear(x, matrix, weights[at : at + n_out]), at + n_out
        x = x if i == last else activation(x)
    return x


def _rng(rules: Rules, who: str, update: int) -> torch.Generator:
    return device.generator(CPU, rules.seed, f"game {who} {update}")


def _rate(rate: float, update: int, last: int) -> float:
    progress = min(1.0, update / last)
    return rate * (LOWEST + (1 - LOWEST) * (1 + math.cos(math.pi * progress)) / 2)
