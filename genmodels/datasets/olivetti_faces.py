"""The Olivetti faces (AT&T Laboratories Cambridge 1994), through scikit-learn, halved to 32x32."""

import torch
from sklearn.datasets import fetch_olivetti_faces
from torch.nn import functional as F

from genmodels.datasets.base import Arrays, Source
from genmodels.datasets.parts.downloads import data_root, fetch

TEST_VIEWS = 2  # of each person's ten, held out


def _load() -> Arrays:
    def read(download: bool) -> object:
        return fetch_olivetti_faces(data_home=str(data_root() / "scikit_learn"), download_if_missing=download)

    bunch = fetch("Olivetti faces", read)
    faces = F.avg_pool2d(torch.tensor(bunch.images)[:, None], 2)  # (400, 1, 32, 32)
    people = torch.tensor(bunch.target, dtype=torch.int64)
    held_out = torch.arange(len(faces)) % 10 >= 10 - TEST_VIEWS  # the ten views of a person lie together
    return Arrays(faces[~held_out], faces[held_out], people[~held_out], people[held_out])


olivetti_faces = Source(
    name="olivetti-faces",
    title="Olivetti faces",
    shape=(1, 32, 32),
    load=_load,
    about="400 photographs of 40 people, 32x32 grey: eight of each to train on, two held out. Few enough to learn by heart.",
    licence="free for research, AT&T Laboratories Cambridge",
    clusters=10,
    classes=tuple(str(k + 1) for k in range(40)),
    offline=False,
)
