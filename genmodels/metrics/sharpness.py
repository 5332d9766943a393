"""Sharpness of pictures relative to real ones: 1 is as sharp, less is smoother, more is grainier."""

import torch
from torch import Tensor

from genmodels.config import UserError


def gradient_energy(images: Tensor) -> Tensor:
    """Return the mean squared difference of neighbouring pixels of images (N, C, H, W), a scalar."""
    across, down = images.diff(dim=3), images.diff(dim=2)
    return (across.square().sum() + down.square().sum()) / (across.numel() + down.numel())


def sharpness(samples: Tensor, real: Tensor) -> float:
    """Return the gradient energy of `samples` over that of `real`, (N, C, H, W) and (M, C, H, W)."""
    energy, energy_of_real = gradient_energy(samples), gradient_energy(real)
    if not bool(torch.isfinite(energy)) or not 0 < float(energy_of_real) < torch.inf:
        raise UserError("sharpness needs pictures, none of them NaN, and real ones that are not flat: leave that model out")
    return float(energy / energy_of_real)
