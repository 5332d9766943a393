"""The models: discovered by file."""

from functools import cache

from genmodels import registry
from genmodels.models.base import FAMILIES, Model

OPENING = ("gmm", "vae", "gan")  # the models that pages open with


@cache
def models() -> dict[str, type[Model]]:
    """Return every model class by name, in the order in which the lecture meets them."""
    found = registry.discover("genmodels.models", Model)
    return dict(sorted(found.items(), key=lambda item: FAMILIES.index(item[1].family)))


def model(name: str) -> type[Model]:
    """Return the model class called `name`."""
    return registry.lookup(models(), name, "model")
