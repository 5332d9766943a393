"""The curves of a sweep: mean error against median realism as one setting of a model changes."""

import itertools
from typing import Any

from genmodels.studies.gallery.finding import Plane
from genmodels.studies.gallery.sources import Source
from genmodels.views import colours
from genmodels.views.gallery.axes import ERROR_LABELS, heights, realism_axis

SYMBOLS = {"vae": "circle", "vae-gan": "diamond", "gan": "triangle-up", "autoencoder": "hexagon"}
GREY = "#8a8f98"


def figure(plane: Plane, error: str, realism: str) -> dict[str, Any]:
    """Return the curves as a figure: one line a model, real pictures as a dot at error zero."""
    x, y = plane.table[error].double().mean(1), heights(plane.table[realism].double(), realism).median(1).values
    groups = itertools.groupby(enumerate(plane.sources), key=lambda entry: entry[1].model)
    lines = [_line(model, dict(group), x.tolist(), y.tolist()) for model, group in groups]
    low, high = float(y.min()), float(y.max())
    pad = 0.15 * (high - low) + 0.1
    axis = realism_axis(plane, realism, low - pad, high + pad)
    return {
        "data": lines,
        "layout": {
            "height": 340,
            "margin": {"l": 64, "r": 16, "t": 8, "b": 44},
            "showlegend": True,
            "legend": {"orientation": "h", "y": 1.12},
            "xaxis": {"title": {"text": ERROR_LABELS[error]}, "range": [-0.05 * float(x.max()), 1.08 * float(x.max())]},
            "yaxis": {
                "title": {"text": axis["label"]},
                "range": axis["range"],
                "tickvals": [value for value, _ in axis["ticks"]],
                "ticktext": [text for _, text in axis["ticks"]],
            },
        },
    }


def _line(model: str, sources: dict[int, Source], x: list[float], y: list[float]) -> dict[str, Any]:
    """Return one model's curve through its sources, given by their indices."""
    colour = colours.COLOURS.get(model, (GREY,))[0]
    return {
        "type": "scatter",
        "mode": "lines+markers+text",
        "name": next(iter(sources.values())).title.partition(",")[0],
        "x": [x[i] for i in sources],
        "y": [y[i] for i in sources],
        "text": [_setting(source) for source in sources.values()],
        "textposition": "bottom center" if model == "vae" else "top center",
        "marker": {"size": 10, "symbol": SYMBOLS.get(model, "star"), "color": colour},
        "line": {"color": colour},
        "hovertemplate": "%{text}<br>error %{x:.3f}<extra></extra>",
    }


def _setting(source: Source) -> str:
    """Return the setting that the sweep changes, at a source."""
    setting = source.title.removesuffix(f", {source.code}").partition(", ")[2]
    return (setting or "real").removeprefix("adversarial ")
