"""The plane of reconstruction error against realism as data for the browser: one dot a picture."""

import base64
from typing import Any

import torch
from torch import Tensor

from genmodels.studies.gallery.finding import Pictures, Plane
from genmodels.views.gallery.axes import error_axis, heights, realism_axis, value_range
from genmodels.views.gallery.words import rho_text
from genmodels.views.tiles import png_url, tile

GLYPHS = {
    "gmm": "square",
    "mfa": "pentagon",
    "autoencoder": "hexagon",
    "vae": "circle",
    "gan": "triangle",
    "vae-gan": "diamond",
    "flow-matching": "wedge",
}
QUADRANTS = ("close and real", "far but real", "close but unreal", "far and unreal")


def sprite(pictures: Pictures) -> str:
    """Return all pictures as one sheet in a data URL: a row for each source, the originals in the last."""
    sheet = torch.cat([pictures.pictures, pictures.originals[None]])  # (S + 1, n, C, H, W)
    return png_url(tile(sheet.flatten(0, 1), sheet.shape[1]))


def payload(plane: Plane, error: str, realism: str) -> dict[str, Any]:
    """Return dots, axes, lines, and the sources with their means."""
    e, y = plane.table[error].double(), heights(plane.table[realism].double(), realism)  # (S, n)
    real = y[plane.names.index("identity")]
    low, high = value_range(y)
    return {
        "x": _floats(e),
        "y": _floats(y.clamp(low, high)),
        "n": plane.n,
        "kind": "log2" if realism == "neighbours" else "odds" if realism == "judge" else "logit",
        "axes": {"x": error_axis(e, error), "y": realism_axis(plane, realism, low, high)},
        "close": half_of_mean(plane, error),
        "real": float(real.quantile(0.25)),
        "median": float(real.median()),
        "quadrants": list(QUADRANTS),
        "labels": plane.labels,
        "sources": [
            {
                "name": source.name,
                "title": source.title,
                "how": source.how,
                "kind": source.kind,
                "model": source.model,
                "glyph": GLYPHS.get(source.model, "star" if source.kind == "real" else "cross"),
                "hollow": source.code == "searched",
                "mean": [float(errors.mean()), float(realisms.median().clamp(low, high))],
                "rho": rho_text(rho),
            }
            for source, errors, realisms, rho in zip(plane.sources, e, y, plane.correlation(error, realism).each, strict=True)
        ],
    }


def half_of_mean(plane: Plane, error: str) -> float | None:
    """Return half the mean error of the training mean, which separates close from far; None where it is not among the sources."""
    return float(plane.table[error][plane.names.index("mean")].double().mean()) / 2 if "mean" in plane.names else None


def _floats(values: Tensor) -> str:
    return base64.b64encode(values.cpu().float().numpy().astype("<f4").tobytes()).decode()
