"""The models: discovered by file."""

from functools import cache

from genmodels import registry
from genmodels.models.base import Model


@cache
def models() -> dict[str, type[Model]]:
    """Return every model class by name, in the order in which the lecture meets them."""
    found = registry.discover("genmodels.models", Model)
    order = ("mixture", "autoencoder", "vae", "gan")
    rank = {family: i for i, family in enumerate(order)}
    return dict(sorted(found.items(), key=lambda item: rank.get(item[1].family, len(order))))


def model(name: str) -> type[Model]:
    """Return the model class called `name`."""
    return registry.lookup(models(), name, "model")
