"""Pictures as bytes, the form in which they are stored and sent, and as numbers, the form in which models see them."""

import torch
from torch import Tensor


def to_bytes(x: Tensor) -> Tensor:
    """Return numbers from 0 to 1 as the nearest of 256 levels (uint8), those outside clipped; bytes stay as they are."""
    return x if x.dtype == torch.uint8 else (x.clamp(0, 1) * 255).round().to(torch.uint8)


def from_bytes(x: Tensor) -> Tensor:
    """Return the levels 0 to 255 as float32 from 0 to 1."""
    return x.float() / 255
