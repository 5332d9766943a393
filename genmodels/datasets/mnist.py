"""MNIST (LeCun, Cortes and Burges 1998), through torchvision."""

from genmodels.datasets.base import Arrays, Source
from genmodels.datasets.parts.downloads import torchvision_arrays


def _load() -> Arrays:
    return torchvision_arrays("MNIST", "MNIST")


mnist = Source(
    name="mnist",
    title="MNIST",
    shape=(1, 28, 28),
    load=_load,
    about="Handwritten digits, 28x28 grey: 60,000 to train on and 10,000 held out, if all of it is there.",
    licence="CC BY-SA 3.0",
    clusters=30,
    ink=True,
    classes=tuple("0123456789"),
    offline=False,
)
