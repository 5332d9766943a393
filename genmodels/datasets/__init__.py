"""The datasets: discovered by file or made by a viewer; loaded once, whole on one device."""

import sys
from functools import cache, lru_cache
from types import ModuleType

import torch

from genmodels import device as devices
from genmodels import registry
from genmodels.datasets.base import Dataset, Maker, Source, permuted

OPENING = "digits"


@cache
def sources() -> dict[str, Source]:
    """Return every dataset's declaration by name, the opening one first."""
    entries = registry.discover("genmodels.datasets", Source)
    return dict(sorted(entries.items(), key=lambda item: (item[0] != OPENING, not item[1].is_image)))


@cache
def makers() -> dict[str, Maker]:
    """Return the makers of viewers' own datasets, by the prefix of the datasets' names."""
    return registry.discover("genmodels.datasets", Maker)


def source(name: str) -> Source:
    """Return the declaration of the dataset called `name`, discovered or made by a viewer."""
    kind, hyphen, _ = name.partition("-")
    if name not in sources() and hyphen and kind in makers():
        return makers()[kind].make(name)
    return registry.lookup(sources(), name, "dataset")


@lru_cache(maxsize=8)
def load(name: str, device: torch.device) -> Dataset:
    """Return the dataset on `device`, its splits permuted; the eight used last are cached."""
    declaration = source(name)
    arrays = permuted(declaration.load(), devices.generator(torch.device("cpu"), 0, "order of examples"))
    parts = (arrays.train, arrays.test, arrays.train_labels, arrays.test_labels, *(arrays.attributes or (None, None)))
    return Dataset(declaration, *(None if part is None else part.to(device) for part in parts))  # type: ignore[arg-type]


class Listing(ModuleType):
    """This package, which lists the datasets when it is called: `genmodels.datasets()`."""

    OPENING = OPENING
    sources = staticmethod(sources)
    makers = staticmethod(makers)
    source = staticmethod(source)
    load = staticmethod(load)

    def __call__(self) -> dict[str, Source]:
        """Return every dataset's declaration by name, the opening one first."""
        return sources()


sys.modules[__name__].__class__ = Listing
