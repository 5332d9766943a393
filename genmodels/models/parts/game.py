"""The adversarial game in the plane, played move by move: a state is two vectors of weights, a move a function of it.

Chance belongs to the move: the n-th update of a player draws the same examples and the same noise whenever it is made. So a game
can be taken up at any state, and `both` played on from a recorded one gives the next recorded one to the last bit.
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

OCTAVES = 2  # sines and cosines that D is given beside the point: it sees detail sooner
G_SIZES, D_SIZES = (2, 64, 64, 2), (2 + 4 * OCTAVES, 64, 64, 1)
STEEP = 2.0  # how far the first layer drives tanh, so that G can step sharply from mode to mode
BATCH = 128  # real points, and as many fakes
MEMORY, TINY = 0.99, 1e-8  # Adam's, without momentum
LOWEST = 0.1  # to this share of itself the step size falls along its cosine
CPU = torch.device("cpu")  # nets this small are slower anywhere else

TargetName = Literal["8 Gaussians", "ring", "moons", "one Gaussian"]


@dataclass(frozen=True)
class Rules:
    """What determines a game: the density to be learned, the loss, k updates of D to one of G, the length in rounds, the seed."""

    target: TargetName
    loss: Loss
    k: int = 1
    rounds: int = 1500
    seed: int = 0
    g_rate: float = 2e-3
    d_rate: float = 5e-3

    @property
    def penalty(self) -> float:
        """The weight of what keeps D smooth: only where the loss means nothing without it."""
        return {"wasserstein": 0.1, "relativistic": 0.1}.get(self.loss, 0.0)

    def real(self, n: int, rng: torch.Generator) -> Tensor:
        """Return n points of the target, (n, 2)."""
        return TARGETS[self.target].draw(n, rng)


@dataclass(frozen=True)
class Player:
    """A network as one vector, Adam's running mean of its squared gradient, and how many updates it has had."""

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
    """Both players as they stand; `perfect`: the generator's place is taken by the truth, and fakes are fresh real points."""

    g: Player
    d: Player
    perfect: bool = False

    def fake(self, rules: Rules, n: int, rng: torch.Generator) -> Tensor:
        """Return n fakes (n, 2)."""
        return rules.real(n, rng) if self.perfect else generate(self.g.weights, torch.randn(n, 2, generator=rng))

    def logits(self, x: Tensor) -> Tensor:
        """Return D's last numbers at x (B, 2), (B,), larger for real."""
        return judge(self.d.weights, x)


def generate(weights: Tensor, z: Tensor) -> Tensor:
    """Return G(z) (B, 2) for noise z (B, 2)."""
    return _mlp(G_SIZES, weights, z, torch.tanh)


def judge(weights: Tensor, x: Tensor) -> Tensor:
    """Return D's logits (B,) at x (B, 2): its network is given x and its waves."""
    return _mlp(D_SIZES, weights, nets.with_fourier_features(x, OCTAVES), F.silu).squeeze(1)


def start(rules: Rules) -> State:
    """Return the game before its first move."""
    g, rng = _fresh(G_SIZES, _chance(rules, "G", -1)), _chance(rules, "steep", -1)
    g[: 2 * G_SIZES[1]] *= STEEP
    g[2 * G_SIZES[1] : 3 * G_SIZES[1]].uniform_(-STEEP, STEEP, generator=rng)
    d = _fresh(D_SIZES, _chance(rules, "D", -1))
    return State(Player(g, torch.zeros_like(g)), Player(d, torch.zeros_like(d)))


def step_d(rules: Rules, state: State) -> State:
    """Return the game after one update of the discriminator."""
    d, rng = state.d, _chance(rules, "D", state.d.updates)
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
    """Return the game after one update of the generator; the truth cannot be improved."""
    if state.perfect:
        return state
    g, rng = state.g, _chance(rules, "G", state.g.updates)
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


def _chance(rules: Rules, who: str, update: int) -> torch.Generator:
    return device.generator(CPU, rules.seed, f"game {who} {update}")


def _rate(rate: float, update: int, last: int) -> float:
    share = min(1.0, update / last)
    return rate * (LOWEST + (1 - LOWEST) * (1 + math.cos(math.pi * share)) / 2)
