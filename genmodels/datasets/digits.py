"""Scikit-learn's 8x8 handwritten digits (Alpaydin and Kaynak, UCI 1998): small, real and always at hand."""

import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from genmodels.datasets.base import Arrays, Source


def _load() -> Arrays:
    pixels, labels = load_digits(return_X_y=True)
    images = torch.tensor(pixels / 16, dtype=torch.float32).reshape(-1, 1, 8, 8)  # (N, 1, 8, 8) in [0, 1]
    train, test = train_test_split(range(len(images)), test_size=360, stratify=labels, random_state=0)
    classes = torch.tensor(labels, dtype=torch.int64)
    return Arrays(images[train], images[test], classes[train], classes[test])


digits = Source(
    name="digits",
    title="Digits",
    shape=(1, 8, 8),
    load=_load,
    about="1,797 handwritten digits, 8x8 grey pixels of 17 levels: 1,437 to train on, 360 held out.",
    licence="CC BY 4.0, UCI Machine Learning Repository",
    clusters=20,
    ink=True,
    classes=tuple("0123456789"),
)
