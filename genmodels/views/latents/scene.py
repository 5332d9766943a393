"""What all maps of one dataset share: its examples' classes or attributes, their pictures, their colours."""

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.studies.latents.study import N_EXAMPLES
from genmodels.views import tiles

SPRITE_COLUMNS = 40
MARGIN = 0.05  # of a map's extent, around its dots
CPU = torch.device("cpu")
# Ten colours that stay apart for colour-blind eyes: Petroff's (2021), moved until they did, and lightened for a dark page.
LIGHT = ("#3f90da", "#e8930c", "#b6150a", "#828d89", "#832db6", "#a96b59", "#db5d00", "#a09550", "#4f4f5b", "#5fb7be")
DARK = ("#5baeec", "#ffb933", "#f0604d", "#abb7b9", "#b16def", "#cf9c8d", "#fe893c", "#d6cd8a", "#8d809e", "#a6efe6")


@lru_cache(maxsize=16)
def scene(dataset: str, attribute: str) -> dict[str, Any]:
    """Return the shape, class or attribute of each example, and for points their places."""
    data = datasets.load(dataset, CPU)
    source, n = data.source, min(N_EXAMPLES, len(data.test))
    payload: dict[str, Any] = {"key": f"{dataset} {attribute}", "n": n, "image": source.is_image, "ink": source.ink}
    payload |= {"shape": list(source.shape), "light": LIGHT, "dark": DARK, "spriteColumns": SPRITE_COLUMNS}
    if not source.is_image:
        low, high = box(data.test[:n])
        payload |= {"real": tiles.points_text(data.test[:n], low, high)}
    if attribute in source.attributes and data.test_attributes is not None:
        values = data.test_attributes[:n, source.attributes.index(attribute)].double()
        least, most = float(values.min()), float(values.max())
        unit = (values - least) / max(most - least, 1e-12)
        return payload | {"values": bytes_text((unit * 255).round()), "attribute": [attribute, f"{least:.2g}", f"{most:.2g}"]}
    if data.test_labels is not None:
        labels = data.test_labels[:n]
        names = source.classes or tuple(str(k) for k in range(int(labels.max()) + 1))
        return payload | {"labels": bytes_text(labels), "classes": list(names)}
    return payload


def attributes(dataset: str) -> tuple[str, ...]:
    """Return the attributes that dots can be coloured by; none where there are classes."""
    source = datasets.source(dataset)
    return source.attributes if source.attributes and not source.classes else ()


@lru_cache(maxsize=4)
def sprite(dataset: str) -> str:
    """Return the pictures of all mapped examples as one sheet; nothing for points."""
    data = datasets.load(dataset, CPU)
    return sheet(data.test[:N_EXAMPLES]) if data.source.is_image else ""


def originals(dataset: str, picks: Sequence[int]) -> str:
    """Return the picked pictures as one sheet; nothing for points, whose places the browser has."""
    data = datasets.load(dataset, CPU)
    return tiles.images_url(data.test[list(picks)]) if picks and data.source.is_image else ""


def valid_picks(dataset: str, text: str) -> list[int]:
    """Return the examples that the address names, without those that do not exist."""
    n = scene(dataset, "")["n"]
    return [index for index in dict.fromkeys(int(part) for part in text.split(".") if part) if index < n]


def box(points: Tensor) -> tuple[Tensor, Tensor]:
    """Return the corners of a square around points (N, 2), with a margin."""
    low, high = points.double().amin(0), points.double().amax(0)
    centre, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-12) * (1 + 2 * MARGIN)
    return centre - half, centre + half


def sheet(x: Tensor) -> str:
    """Return pictures (N, C, H, W) as one sheet in a data URL."""
    return tiles.png_url(tiles.tile(to_bytes(x) if x.is_floating_point() else x, SPRITE_COLUMNS))


def bytes_text(values: Tensor) -> str:
    """Return whole numbers from 0 to 255 as base64."""
    return base64.b64encode(values.to(torch.uint8).numpy().tobytes()).decode()
