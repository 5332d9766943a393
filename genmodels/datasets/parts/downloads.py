"""Datasets that are downloaded once, by torchvision or scikit-learn, into one folder."""

import logging
import os
import urllib.error
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genmodels.config import UserError
from genmodels.datasets.base import Arrays
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.store import cache_root

TRIES = 3
log = logging.getLogger(__name__)


def data_root() -> Path:
    """Return the folder of downloaded data: GENMODELS_DATA, else `data/` in the cache."""
    return Path(os.environ.get("GENMODELS_DATA") or cache_root() / "data").expanduser().absolute()


def fetch(title: str, read: Callable[[bool], Any]) -> Any:
    """Return `read(download=False)`, or download first if that finds nothing; without a network, one line with the remedy."""
    try:
        return read(False)
    except (RuntimeError, OSError):
        pass  # not there yet, or incomplete: torchvision and scikit-learn both check sums
    problem: Exception | str = "GENMODELS_OFFLINE is set"
    for _ in range(0 if os.environ.get("GENMODELS_OFFLINE", "") not in ("", "0") else TRIES):
        try:
            return read(True)
        except (RuntimeError, OSError, urllib.error.URLError) as error:
            problem = error
    log.warning("%s is not in %s, and downloading it: %s", title, data_root(), problem)
    why = "no network, or the server does not answer" if isinstance(problem, Exception) else problem
    raise UserError(
        f"{title} is not on this machine and could not be downloaded ({why}): connect to the network and try again, or put its "
        "files into the folder of downloaded data (GENMODELS_DATA); the datasets that need no download go on working"
    )


def torchvision_arrays(name: str, title: str) -> Arrays:
    """Return the train and test pictures of torchvision's dataset class `name`, NCHW float32 in [0, 1], with their labels."""
    from genmodels.datasets.parts.vision import datasets as catalogue

    kind = getattr(catalogue, name)

    def read(download: bool) -> tuple[Any, Any]:
        root = str(data_root())
        return kind(root, train=True, download=download), kind(root, train=False, download=download)

    train, test = fetch(title, read)
    return Arrays(_pictures(train.data), _pictures(test.data), torch.as_tensor(train.targets), torch.as_tensor(test.targets))


def _pictures(data: Any) -> Tensor:
    """Return bytes (N, H, W) or (N, H, W, 3) as (N, C, H, W) from 0 to 1."""
    x = from_bytes(torch.as_tensor(data))
    return x[:, None] if x.ndim == 3 else x.permute(0, 3, 1, 2).contiguous()
