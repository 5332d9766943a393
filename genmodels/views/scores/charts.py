"""Charts of the scores: over training, and for points the regions that samples fill too rarely or too often."""

from collections.abc import Sequence
from html import escape
from typing import Any

import torch

from genmodels import models
from genmodels.studies.scores.finding import OverTraining, Regions
from genmodels.views import colours

PURPLE_TO_ORANGE = [[0.0, "#5e3c99"], [0.5, "#d8d5cf"], [1.0, "#e66101"]]  # for colour-blind eyes too: rare, right, frequent
FURTHEST = 6.0  # standard errors at which the colour is full
CURVES = {  # the scores over training: title, and whether the axis is logarithmic
    "frechet-ratio": ("Fréchet ratio ↓", True),
    "precision": ("Precision ↑", False),
    "recall": ("Recall ↑", False),
    "reconstruction": ("Reconstruction error ↓", False),
}
Figure = dict[str, Any]
Curves = Sequence[tuple[str, Sequence[OverTraining]]]  # of each model its name, and a finding for each of its seeds
STILL = {"displayModeBar": False}
CPU = torch.device("cpu")


def curve(name: str, curves: Curves, dark: bool) -> Figure | None:
    """Return one score against training progress: a line a model, the band of its seeds, and the floor; None if none has it."""
    title, log = CURVES[name]
    traces: list[dict[str, Any]] = []
    for model, seeds in curves:
        traces += _lines(model, [seed for seed in seeds if seed.scores.get(name)], name, dark)
    if not traces:
        return None
    floor = next((seed.floor[name] for _, seeds in curves for seed in seeds if seed.floor.get(name) and seed.n), None)
    if floor:
        traces.insert(0, _floor(floor, min(x for trace in traces for x in trace["x"])))
    axis = {"type": "log", "dtick": 1, "title": {"text": "share of its training"}, "tickformat": ".1~%", "fixedrange": True}
    return {
        "data": traces,
        "layout": {
            "title": {"text": title, "font": {"size": 15}, "x": 0, "xanchor": "left"},
            "xaxis": axis,
            "yaxis": {"fixedrange": True} | ({"type": "log", "dtick": 1} if log else {"rangemode": "tozero"}),
            "margin": {"l": 44, "r": 8, "t": 36, "b": 40},
            "height": 250,
            "showlegend": False,
        },
    }


def _lines(model: str, seeds: Sequence[OverTraining], name: str, dark: bool) -> list[dict[str, Any]]:
    """Return the mean over the seeds as a line and their range as a band, at the snapshots where each seed has a value."""
    if not seeds:
        return []
    kind = models.model(model)
    colour = colours.COLOURS[model][dark]
    x = [max(step, 0.5) / seeds[0].steps for step in seeds[0].snapshot_steps]  # step 0 has no logarithm
    columns = zip(*(seed.scores[name] for seed in seeds), strict=False)
    points = [(progress, values) for progress, values in zip(x, columns, strict=False) if None not in values]
    x = [progress for progress, _ in points]
    quiet = {"hoverinfo": "skip", "mode": "lines", "line": {"width": 0}, "x": x}
    band = [
        quiet | {"y": [min(values) for _, values in points]},
        quiet | {"y": [max(values) for _, values in points], "fill": "tonexty", "fillcolor": f"{colour}33"},
    ]
    mean = {
        "x": x,
        "y": [sum(values) / len(values) for _, values in points],
        "mode": "lines+markers",
        "name": kind.title,
        "line": {"color": colour, "width": 2},
        "marker": {"color": colour, "size": 4},
        "hovertemplate": "%{y:.3g} at %{x:.1%}",
    }
    return [*(band if len(seeds) > 1 else []), mean]


def _floor(values: Sequence[float], first: float) -> dict[str, Any]:
    """Return a grey band from the lowest to the highest value of the sets of real examples."""
    low, high = min(values), max(values)
    return {
        "x": [first, 1, 1, first],
        "y": [low, low, high, high],
        "mode": "lines",
        "fill": "toself",
        "fillcolor": "rgba(128,128,128,.28)",
        "line": {"width": 0},
        "name": "real",
        "hoverinfo": "skip",
    }


def regions(model: str, finding: Regions) -> Figure:
    """Return the regions of the plane: the size is their share of the data, the colour how wrongly the samples fill them."""
    shares, title = finding.shares, models.model(model).title
    pairs = zip(shares.expected, shares.observed, strict=True)
    dots = {
        "x": [float(f"{x:.4g}") for x in finding.x],
        "y": [float(f"{y:.4g}") for y in finding.y],
        "mode": "markers",
        "marker": {
            "size": [4 + 60 * share**0.5 for share in shares.expected],
            "color": [max(-FURTHEST, min(FURTHEST, z)) for z in shares.z],
            "cmin": -FURTHEST,
            "cmax": FURTHEST,
            "colorscale": PURPLE_TO_ORANGE,
            "line": {"width": 0.6, "color": "#77777a"},
        },
        "text": [f"{finding.kind}: {expected:.1%} of the data, {observed:.1%} of samples" for expected, observed in pairs],
        "hovertemplate": "%{text}<extra></extra>",
    }
    bare = {"visible": False, "fixedrange": True}
    return {
        "data": [dots],
        "layout": {
            "title": {"text": title, "font": {"size": 15}, "x": 0, "xanchor": "left"},
            "xaxis": bare | {"scaleanchor": "y"},
            "yaxis": bare,
            "margin": {"l": 4, "r": 4, "t": 36, "b": 4},
            "height": 300,
            "showlegend": False,
        },
    }


def legend(curves: Curves, n_seeds: int) -> str:
    """Return what the curves over training are of, with the models' colours, and of how many of the seeds."""
    names = ", ".join(
        f'<b class="{name}" style="color:var(--model)">{escape(models.model(name).title)}</b>'
        + (f" ({len(seeds)} of {n_seeds} seeds)" if len(seeds) < n_seeds else "")
        for name, seeds in curves
    )
    n = max((seed.n for _, seeds in curves for seed in seeds), default=0)
    return (
        f"<p>{names}. Of the {n:,} samples from fixed noise that a training keeps at each mark: few, so these values are rough "
        f"and are not those of the table. Grey: what {n:,} other real examples read. The error is that of 1,000 test examples.</p>"
    )


def alt(figure: Figure) -> str:
    """Return a chart in words: its title, and where each line ends."""
    ends = [f"{trace['name']} ends at {trace['y'][-1]:.3g}" for trace in figure["data"] if trace.get("mode") == "lines+markers"]
    return ": ".join([figure["layout"]["title"]["text"], ", ".join(ends)] if ends else [figure["layout"]["title"]["text"]])
