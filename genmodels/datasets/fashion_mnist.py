"""Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), through torchvision."""

from genmodels.datasets.base import Arrays, Source
from genmodels.datasets.parts.downloads import torchvision_arrays


def _load() -> Arrays:
    return torchvision_arrays("FashionMNIST", "Fashion-MNIST")


fashion_mnist = Source(
    name="fashion-mnist",
    title="Fashion-MNIST",
    shape=(1, 28, 28),
    load=_load,
    about="Pieces of clothing of ten kinds, 28x28 grey: 60,000 to train on, 10,000 held out.",
    licence="MIT",
    clusters=30,
    ink=True,
    classes=("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"),
    offline=False,
)
