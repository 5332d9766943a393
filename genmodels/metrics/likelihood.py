"""Likelihoods in bits per dimension, comparable between pictures of different sizes.

A stored picture is one of L levels a pixel; its model here is a density on [0, 1]^D. Dequantised, each level is a cell of width 1/L
(Uria 2013, Theis 2016): the mean log density over a cell, less D log L, bounds the stored picture's log-probability from below.
"""

import math

import torch
from torch import Tensor

from genmodels.config import UserError

LEVELS = 256  # of a stored pixel


def dequantise(x: Tensor, rng: torch.Generator, levels: int = LEVELS) -> Tensor:
    """Return pictures x of values 0, 1/(L-1), ..., 1 with each value drawn evenly from its cell of [0, 1], of width 1/L."""
    whole = (x * (levels - 1)).round()
    if bool(((whole < 0) | (whole >= levels) | x.isnan()).any()):
        raise UserError(f"dequantising to {levels} levels needs values from 0 to 1, got others: scale the pictures first")
    return (whole + torch.rand(x.shape, generator=rng, device=rng.device).to(x)) / levels


def bits_per_dim(nats: float, dim: int, levels: int = LEVELS) -> float:
    """Return -log2 of the probability of a stored picture over its D numbers, from the log density of its dequantised values."""
    _check(nats, dim, levels)
    return math.log2(levels) - nats / (dim * math.log(2))


def nats_per_example(bits: float, dim: int, levels: int = LEVELS) -> float:
    """Return the log density in nats that `bits_per_dim` turns into `bits`."""
    _check(bits, dim, levels)
    return (math.log2(levels) - bits) * dim * math.log(2)


def _check(value: float, dim: int, levels: int) -> None:
    if math.isnan(value) or dim < 1 or levels < 1:
        raise UserError(
            f"bits per dimension need a number, 1 or more dimensions and 1 or more levels, got {value}, {dim} and {levels}: "
            "leave that model out"
        )
