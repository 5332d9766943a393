"""The datasets: discovered by file, loaded once, whole on one device."""

from functools import cache, lru_cache

import torch

from genmodels import registry
from genmodels.datasets.base import Dataset, Source

OPENING = "digits"


@cache
def sources() -> dict[str, Source]:
    """Return every dataset's declaration by name, the opening one first."""
    found = registry.discover("genmodels.datasets", Source)
    return dict(sorted(found.items(), key=lambda item: (item[0] != OPENING, not item[1].is_image)))


def source(name: str) -> Source:
    """Return the declaration of the dataset called `name`."""
    return registry.lookup(sources(), name, "dataset")


@lru_cache(maxsize=8)
def load(name: str, device: torch.device) -> Dataset:
    """Return the dataset on `device`; the last few loaded are kept there."""
    chosen = source(name)
    arrays = chosen.load()
    parts = (arrays.train, arrays.test, arrays.train_labels, arrays.test_labels, *(arrays.attributes or (None, None)))
    return Dataset(chosen, *(None if part is None else part.to(device) for part in parts))  # type: ignore[arg-type]
