"""Inversion: the z from which a generator makes x, by latent optimisation from an encoder's first guess (Zhu 2016).

It minimises the energy ||G(z) - x||^2 + prior ||z||^2, x and G(z) flat and standardised: the likeliest z, if z is standard
normal and x is G(z) with noise of variance `prior`.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor, nn

from genmodels.models.parts import nets
from genmodels.models.parts.optimisers import Adam
from genmodels.progress import within

ENCODER_STEPS, ENCODER_WIDTH, ENCODER_BATCH = 300, 128, 128  # how the first guess is learned
SHELF = 2000  # samples, of which the nearest is the other first guess: better where the generator folds the plane
CHUNK = 500  # examples at once


@dataclass(frozen=True)
class Inversion:
    """The best z of each example, its decoding and the error."""

    z: Tensor  # (N, Z)
    x_hat: Tensor  # (N, *shape), decoded from z
    error: Tensor  # (N,) squared error in data units, summed over dimensions
    steps: int  # updates of z


def inversion(decode: Callable[[Tensor], Tensor], x: Tensor, z: Tensor, steps: int) -> Inversion:
    """Return codes z (N, Z) of a search for x (N, *shape), with their decodings and errors."""
    with torch.no_grad():
        x_hat = decode(z)
        return Inversion(z, x_hat, (x_hat - x).flatten(1).square().sum(1), steps)


def search(
    generate: Callable[[Tensor], Tensor], x: Tensor, z_dim: int, rng: torch.Generator, steps: int, prior: float
) -> Generator[float, None, Tensor]:
    """Yield the progress at every update; return, for each x (N, D), the z (N, Z) of least energy that Adam visits in `steps`
    updates from its first guess."""

    def energy(x: Tensor, z: Tensor) -> Tensor:
        return (generate(z) - x).square().sum(1) + prior * z.square().sum(1)  # (B,)

    first = ENCODER_STEPS * ENCODER_BATCH  # examples through the generator until the descents begin
    total = first + (steps + 1) * len(x)
    encoder = yield from within(0, first / total, _fit_encoder(generate, x.shape[1], z_dim, rng))
    shelf_z = torch.randn(SHELF, z_dim, generator=rng, device=rng.device)
    shelf_x = generate(shelf_z).detach()
    parts: list[Tensor] = []
    for part in x.split(CHUNK):
        guess, nearest = encoder(part).detach(), shelf_z[torch.cdist(part, shelf_x).argmin(1)]  # (B, Z)
        start = torch.where((energy(part, guess) < energy(part, nearest))[:, None], guess, nearest)
        before = first + (steps + 1) * sum(map(len, parts))
        descent = _descended(partial(energy, part), start, steps)
        parts.append((yield from within(before / total, (before + (steps + 1) * len(part)) / total, descent)))
    return torch.cat(parts)


def _fit_encoder(
    generate: Callable[[Tensor], Tensor], n_features: int, z_dim: int, rng: torch.Generator
) -> Generator[float, None, nn.Module]:
    """Yield the progress; return an encoder from samples to their z, learned from samples alone."""
    encoder = nets.encoder("mlp", (n_features,), ENCODER_WIDTH, 2, z_dim).to(rng.device)
    nets.initialise(encoder, rng)
    adam, schedule = nets.adam_with_cosine(encoder.parameters(), 2e-3, ENCODER_STEPS)
    for step in range(ENCODER_STEPS):
        z = torch.randn(ENCODER_BATCH, z_dim, generator=rng, device=rng.device)  # (B, Z)
        adam.zero_grad()
        with torch.enable_grad():
            (encoder(generate(z).detach()) - z).square().sum(1).mean().backward()
        adam.step()
        schedule.step()
        yield (step + 1) / ENCODER_STEPS
    return encoder


def _descended(energy: Callable[[Tensor], Tensor], start: Tensor, steps: int) -> Generator[float, None, Tensor]:
    """Yield the progress; return the best z (B, Z) on Adam's path from `start`, independent of the rest of the batch."""
    z = start.clone().requires_grad_(True)
    adam = Adam([z], 0.05)  # at a constant rate, so that more steps go the same way further
    best, least = start, torch.full((len(z),), torch.inf, device=z.device)
    for step in range(steps + 1):
        with torch.enable_grad():
            now = energy(z)
        better = now.detach() < least
        best, least = torch.where(better[:, None], z.detach(), best), torch.where(better, now.detach(), least)
        if step < steps:
            adam.zero_grad()
            now.backward(torch.ones_like(now), inputs=[z])
            adam.step()
        yield (step + 1) / (steps + 1)
    return best
