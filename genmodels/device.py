"""Devices, random generators and threads: the only module that names cuda."""

import hashlib
import os
from collections.abc import Iterable

import torch

from genmodels.config import UserError

# One thread per run: the order of summation is then fixed, so that losses are bit-equal on any number of cores, and two small
# runs on two cores finish sooner than one after the other with two threads each.
THREADS_PER_RUN = 1


def choose_device() -> torch.device:
    """Return the device named by GENMODELS_DEVICE (cpu, cuda, cuda:N), or the GPU if there is one, else the CPU."""
    name = os.environ.get("GENMODELS_DEVICE", "auto").strip().lower()
    if name in ("", "auto"):
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        if device.type not in ("cpu", "cuda"):
            raise RuntimeError
    except RuntimeError:
        raise UserError(f"GENMODELS_DEVICE={name!r} is no device: give auto, cpu, cuda or cuda:N") from None
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise UserError(
            f"GENMODELS_DEVICE={name!r} is not on this machine ({torch.cuda.device_count()} GPUs seen): give cpu, or leave it unset"
        )
    return device


def describe(device: torch.device) -> str:
    """Return the device's name for display, such as `NVIDIA H200` or `CPU (2 cores)`."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"CPU ({os.cpu_count()} cores)"


def generator(device: torch.device, seed: int, purpose: str) -> torch.Generator:
    """Return a generator on `device` seeded by `seed` and `purpose`: different purposes give independent streams."""
    digest = hashlib.sha256(f"{purpose}:{seed}".encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:8], "big") >> 1)


def limit_threads() -> None:
    """Set the number of torch threads of this process to `THREADS_PER_RUN`."""
    torch.set_num_threads(THREADS_PER_RUN)


def byte_size(tensors: Iterable[torch.Tensor]) -> int:
    """Return the size of `tensors` in bytes."""
    return sum(t.numel() * t.element_size() for t in tensors)


def release_memory() -> None:
    """Return the memory of freed tensors to the device."""
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def synchronise(where: torch.device) -> None:
    """Wait until the device has finished its queue (the CPU has none)."""
    if where.type == "cuda":
        torch.cuda.synchronize(where)
