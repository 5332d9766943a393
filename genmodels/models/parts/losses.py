"""Losses of the two players of an adversarial game, and regularisers of the discriminator.

Logits are the discriminator's outputs, larger for real. Least squares: Mao 2017; hinge with spectral norm: Miyato 2018;
wasserstein with its gradient penalty: Gulrajani 2017; relativistic pairs with R1 and R2: Huang 2024.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Loss = Literal["relativistic", "non-saturating", "minimax", "least squares", "hinge", "wasserstein"]


def discriminator_loss(kind: Loss, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return D's loss, a scalar: nats for the first three, a cross-entropy of pairs or the sum of both cross-entropies."""
    match kind:
        case "relativistic":
            return F.softplus(fake_logits - real_logits).mean()
        case "non-saturating" | "minimax":
            return F.softplus(-real_logits).mean() + F.softplus(fake_logits).mean()
        case "least squares":  # real is called 1 and fake 0
            return (real_logits - 1).square().mean() / 2 + fake_logits.square().mean() / 2
        case "hinge":  # nothing more to gain beyond 1 and -1
            return F.relu(1 - real_logits).mean() + F.relu(1 + fake_logits).mean()
        case "wasserstein":
            return fake_logits.mean() - real_logits.mean()


def pair_accuracy(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return how often D gives the real example of a (real, fake) pair the higher logit, a tie counting half: 1/2 is chance."""
    return ((real_logits > fake_logits).float() + (real_logits == fake_logits).float() / 2).mean().detach()


def generator_loss(kind: Loss, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return G's loss, a scalar, in the units of D's; only the relativistic one depends on the real logits."""
    match kind:
        case "relativistic":
            return F.softplus(real_logits - fake_logits).mean()
        case "non-saturating":
            return F.softplus(-fake_logits).mean()
        case "minimax":
            return -F.softplus(fake_logits).mean()
        case "least squares":
            return (fake_logits - 1).square().mean() / 2
        case "hinge" | "wasserstein":
            return -fake_logits.mean()


def slopes(logits: Tensor, x: Tensor) -> Tensor:
    """Return the gradient of each logit (B,) with respect to its own x (B, D), which can itself be differentiated."""
    (slope,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return slope


def gradient_penalty(logits: Tensor, x: Tensor) -> Tensor:
    """Return the mean of (|slope| - 1)^2 at x (B, D): WGAN-GP's, for x between real and fake."""
    return (slopes(logits, x).norm(dim=1) - 1).square().mean()


def between(real: Tensor, fake: Tensor, rng: torch.Generator) -> Tensor:
    """Return a random point on the line from each fake (B, D) to its real example, with `requires_grad`."""
    t = torch.rand(len(real), 1, generator=rng, device=real.device)  # (B, 1)
    return torch.lerp(fake, real, t).requires_grad_(True)


class SpectralNorm(nn.Module):
    """A linear or convolutional layer whose weight, as a matrix, is divided by its largest singular value sigma.

    With v = W'u / |W'u|, sigma = u'Wv is |W'u|, and so are their derivatives with u and v held fixed: u alone is kept.
    """

    u: Tensor  # (outputs,), of length 1: the power iteration's estimate of the left singular vector

    def __init__(self, layer: nn.Linear | nn.Conv2d):
        super().__init__()
        self.layer = layer
        self.register_buffer("u", torch.full((len(layer.weight),), len(layer.weight) ** -0.5))

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output with its weight divided by sigma; the bias is unchanged."""
        sigma = (self.u @ self.layer.weight.flatten(1)).norm()
        return torch.func.functional_call(self.layer, {"weight": self.layer.weight / sigma}, (x,))

    @torch.no_grad()
    def start(self, rng: torch.Generator) -> None:
        """Draw u from `rng` and bring it near the singular vector, so that the first update is already bounded."""
        self.u.normal_(generator=rng)
        for _ in range(10):
            self.iterate()

    @torch.no_grad()
    def iterate(self) -> None:
        """Take one step of the power iteration, u = W W'u over its length: enough after each small update of W."""
        weight = self.layer.weight.flatten(1)
        self.u.copy_(F.normalize(weight @ (self.u @ weight), dim=0))


def spectrally_normalised(net: nn.Sequential) -> nn.Sequential:
    """Return the network with every linear and convolutional layer under `SpectralNorm`."""
    return nn.Sequential(*(SpectralNorm(layer) if isinstance(layer, nn.Linear | nn.Conv2d) else layer for layer in net))
