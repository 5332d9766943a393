"""Scores as charts: how they change over training, and which bins of points are filled too rarely or too often."""

from collections.abc import Sequence
from typing import Any

import torch

from genmodels import models
from genmodels.store import Recording
from genmodels.views import colours

PURPLE_TO_ORANGE = [[0.0, "#5e3c99"], [0.5, "#d8d5cf"], [1.0, "#e66101"]]  # told apart by all eyes: too rare, right, too often
FURTHEST = 6.0  # standard errors, from which a colour is at its end
CURVES = {  # what is replayed: title, and whether its axis is logarithmic
    "frechet-ratio": ("Fréchet ratio ↓", True),
    "precision": ("Precision ↑", False),
    "recall": ("Recall ↑", False),
    "reconstruction": ("Reconstruction error ↓", False),
}
Figure = dict[str, Any]
STILL = {"displayModeBar": False}
CPU = torch.device("cpu")


def curve(name: str, told: Sequence[tuple[str, Sequence[dict[str, Any]]]], dark: bool) -> Figure | None:
    """Return one score over the share of the budget, a line each model, the band of its seeds, and the floor; None if none has it.

    `told` is for each model its name and over_training.json of each seed.
    """
    title, log = CURVES[name]
    traces: list[dict[str, Any]] = []
    for model, seeds in told:
        traces += _lines(model, [seed for seed in seeds if seed["scores"].get(name)], name, dark)
    if not traces:
        return None
    floor = next((seed["floor"][name] for _, seeds in told for seed in seeds if seed["floor"].get(name) and seed["n"]), None)
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


def _lines(model: str, seeds: Sequence[dict[str, Any]], name: str, dark: bool) -> list[dict[str, Any]]:
    """Return the mean over the seeds as a line with dots and their range as a band, where each seed has a value."""
    if not seeds:
        return []
    kind = models.model(model)
    colour = colours.COLOURS[model][dark]
    x = [max(step, 0.5) / seeds[0]["steps"] for step in seeds[0]["step"]]  # the start, before any step, has no logarithm
    columns = zip(*(seed["scores"][name] for seed in seeds), strict=False)
    points = [(share, values) for share, values in zip(x, columns, strict=False) if None not in values]
    x = [share for share, _ in points]
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
    """Return what real examples read, from the lowest of the sets to the highest, as a grey band."""
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


def bins(finding: Recording) -> Figure:
    """Return modes or bins of points in the plane, as large as their share of the data, coloured by how wrongly they are filled."""
    told = finding.json("bins.json")["places"]
    title = models.model(finding.json("scores.json")["run"]["model"]).title
    z = [max(-FURTHEST, min(FURTHEST, value)) for value in told["z"]]
    expected, observed = told["expected"], told["observed"]
    dots = {
        "x": [float(f"{x:.4g}") for x in told["x"]],
        "y": [float(f"{y:.4g}") for y in told["y"]],
        "mode": "markers",
        "marker": {
            "size": [4 + 60 * share**0.5 for share in expected],
            "color": z,
            "cmin": -FURTHEST,
            "cmax": FURTHEST,
            "colorscale": PURPLE_TO_ORANGE,
            "line": {"width": 0.6, "color": "#77777a"},
        },
        "text": [f"{told['kind']}: {e:.1%} of the data, {o:.1%} of samples" for e, o in zip(expected, observed, strict=True)],
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


def alt(figure: Figure) -> str:
    """Return a chart in words: its title, and where each line ends."""
    ends = [f"{trace['name']} ends at {trace['y'][-1]:.3g}" for trace in figure["data"] if trace.get("mode") == "lines+markers"]
    return ": ".join([figure["layout"]["title"]["text"], ", ".join(ends)] if ends else [figure["layout"]["title"]["text"]])
