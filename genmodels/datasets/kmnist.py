"""Kuzushiji-MNIST (Clanuwat and others 2018), through torchvision."""

from genmodels.datasets.base import Arrays, Source
from genmodels.datasets.parts.downloads import torchvision_arrays


def _load() -> Arrays:
    return torchvision_arrays("KMNIST", "KMNIST")


kmnist = Source(
    name="kmnist",
    title="KMNIST",
    shape=(1, 28, 28),
    load=_load,
    about="Cursive Japanese characters of ten kinds, 28x28 grey: 60,000 to train on, 10,000 held out.",
    licence="CC BY-SA 4.0",
    clusters=30,
    ink=True,
    classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    offline=False,
)
