"""The models: discovered by file."""

import sys
from functools import cache
from types import ModuleType

from genmodels import registry
from genmodels.models.base import FAMILIES, Model

OPENING = ("gmm", "vae", "gan")  # the models that pages open with


@cache
def models() -> dict[str, type[Model]]:
    """Return every model class by name, in the order of the lecture."""
    entries = registry.discover("genmodels.models", Model)
    return dict(sorted(entries.items(), key=lambda item: FAMILIES.index(item[1].family)))


def able(ability: str) -> list[str]:
    """Return the names of the models that have the method `ability`, such as `sample`."""
    return [name for name, kind in models().items() if hasattr(kind, ability)]


def model(name: str) -> type[Model]:
    """Return the model class called `name`."""
    return registry.lookup(models(), name, "model")


class Listing(ModuleType):
    """This package, which lists the models when it is called: `genmodels.models()`."""

    models = staticmethod(models)
    able = staticmethod(able)
    model = staticmethod(model)

    def __call__(self) -> dict[str, type[Model]]:
        """Return every model class by name, in the order of the lecture."""
        return models()


sys.modules[__name__].__class__ = Listing
