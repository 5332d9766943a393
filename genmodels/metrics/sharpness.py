"""Sharpness of pictures beside real ones: 1 is as sharp as real, less is smoother, more is grainier."""

from torch import Tensor


def gradient_energy(images: Tensor) -> Tensor:
    """Return the mean squared difference of neighbouring pixels of images (N, C, H, W), a scalar."""
    across, down = images.diff(dim=3), images.diff(dim=2)
    return (across.square().sum() + down.square().sum()) / (across.numel() + down.numel())


def sharpness(samples: Tensor, real: Tensor) -> float:
    """Return the gradient energy of `samples` over that of `real`."""
    return float(gradient_energy(samples) / gradient_energy(real))
