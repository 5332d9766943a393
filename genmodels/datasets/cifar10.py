"""CIFAR-10 (Krizhevsky 2009), through torchvision."""

from genmodels.datasets.base import Arrays, Source
from genmodels.datasets.parts.downloads import torchvision_arrays


def _load() -> Arrays:
    return torchvision_arrays("CIFAR10", "CIFAR-10")


cifar10 = Source(
    name="cifar10",
    title="CIFAR-10",
    shape=(3, 32, 32),
    load=_load,
    about="Photographs of ten kinds, 32x32 in colour: 50,000 to train on, 10,000 held out. Hard for small models.",
    licence="as published by its authors for research",
    clusters=30,
    classes=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    offline=False,
)
