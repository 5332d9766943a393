"""The pair of autoencoders that share an encoder, and their training.

Each decoder learns to reconstruct one identity. A penalty makes both identities' codes alike in distribution: without it each
identity occupies a region of its own in the code, and the other's decoder cannot decode it (tried: R² below 0).
"""

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from genmodels.datasets.sketch_faces import SIZE
from genmodels.models.parts import nets

HIDDEN_DIM, BATCH_SIZE, LEARNING_RATE = 256, 64, 2e-3
MOMENTS, KL = 0.3, 2e-5  # weights: of the difference between both codes' means and covariances; of D[q(z|x) || N(0, I)]


class Pair(nn.Module):
    """One encoder, and a decoder for each of two identities, on flat pictures (N, D)."""

    def __init__(self, code: int):
        super().__init__()
        shape = (1, SIZE, SIZE)
        self.encoder = nets.encoder("mlp", shape, HIDDEN_DIM, 2, 2 * code)
        self.means: Tensor
        self.register_buffer("means", torch.zeros(2, SIZE * SIZE))
        self.decoders = nn.ModuleList(nets.decoder("mlp", code, HIDDEN_DIM, 2, shape) for _ in range(2))

    def encode(self, x: Tensor) -> Tensor:
        """Return the means of codes, (N, Z)."""
        return self.posterior(x)[0]

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mu and log_var, (N, Z) each."""
        mu, log_var = self.encoder(x * 2 - 1).chunk(2, 1)
        return mu, log_var

    def decode(self, identity: int, z: Tensor) -> Tensor:
        """Return flat pictures, about 0 to 1: the identity's mean frame plus what its decoder adds."""
        return self.means[identity] + self.decoders[identity](z) / 2


def initialise(pair: Pair, train: list[Tensor], rng: torch.Generator) -> None:
    """Draw the weights; each decoder's output starts as its identity's mean frame, whatever the code."""
    nets.initialise(pair, rng)
    pair.means.copy_(torch.stack([x.mean(0) for x in train]))
    for decoder in pair.decoders:
        last = next(layer for layer in reversed(list(decoder.modules())) if isinstance(layer, nn.Linear))
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)


def fit(pair: Pair, train: list[Tensor], steps: int, rng: torch.Generator) -> Iterator[int]:
    """Minimise each decoder's squared error on its own identity, through the shared encoder; yield the number of each update."""
    initialise(pair, train, rng)
    optimiser, schedule = nets.adam_with_cosine(pair.parameters(), LEARNING_RATE, steps)
    batches = zip(*(nets.batches(x, BATCH_SIZE, rng) for x in train))
    for step, both in zip(range(1, steps + 1), batches):
        with torch.enable_grad():
            optimiser.zero_grad()
            _loss(pair, both, rng).backward()
            optimiser.step()
        schedule.step()
        yield step


def _loss(pair: Pair, both: tuple[Tensor, ...], rng: torch.Generator) -> Tensor:
    """Return the squared error per pixel plus the penalties on the codes."""
    posteriors = [pair.posterior(x) for x in both]
    loss = both[0].new_zeros(())
    for i, (x, (mu, log_var)) in enumerate(zip(both, posteriors, strict=True)):
        z = mu + (log_var / 2).exp() * torch.randn(mu.shape, generator=rng, device=mu.device)
        kl = (mu.square() + log_var.exp() - 1 - log_var).sum(1).mean() / 2
        loss = loss + (pair.decode(i, z) - x).square().mean() + KL * kl
    a, b = (mu for mu, _ in posteriors)
    difference = (a.mean(0) - b.mean(0)).square().mean() + (torch.cov(a.T) - torch.cov(b.T)).square().mean()
    return loss + MOMENTS * difference
