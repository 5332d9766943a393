"""The page Mixtures as data: the replay of EM for the browser, the curves against K as a figure, the sheets of components."""

from functools import lru_cache
from html import escape
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels import datasets
from genmodels.datasets.base import Source
from genmodels.store import Recording
from genmodels.views import tiles

N_POINTS = 800  # training points drawn
MARGIN = 0.08  # of the data's extent, around them
SHOWN, SAMPLES = 10, 7  # components of pictures, the heaviest, and of each so many samples
DASH = "—"
STYLE = """<style>
.uses table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.uses th, .uses td { text-align: right; padding: .3rem .6rem; font-size: .93rem; }
.uses th, .uses td { border-bottom: 1px solid rgba(128, 128, 128, .3); font-weight: 400; }
.uses th:first-child, .uses td:first-child { text-align: left; padding-left: 0; }
.uses { overflow-x: auto; }
.uses p, .uses figcaption { font-size: .85rem; opacity: .75; margin: .4rem 0; }
.uses .sheets { display: flex; flex-wrap: wrap; gap: 1.5rem; }
.uses figure { margin: .4rem 0; max-width: 100%; overflow-x: auto; }
.uses img { image-rendering: pixelated; max-width: none; }
</style>"""
CURVES = {
    "likelihood": "Log-likelihood of training and held-out points against the number of components",
    "bic": "BIC against the number of components, with its least value marked",
}
GREEN, GREY = "#1b8a6f", "#8a8f98"  # read on light and on dark paper


@lru_cache(maxsize=32)
def replay(finding: Recording, toy: str, k: int) -> dict[str, Any]:
    """Return the points and, after every EM step, weights (T, K), means (T, K, 2), covariances as a, b, c of ((a, b), (b, c))."""
    parts = finding.tensors(f"em-{k:02d}.safetensors")
    covariances = parts["covariances"]
    low, high = _box(toy)
    x = datasets.load(toy, torch.device("cpu")).train[:N_POINTS]
    return {
        "low": low.tolist(),
        "high": high.tolist(),
        "points": tiles.points_text(x, low, high),
        "weights": _round(parts["weights"]),
        "means": _round(parts["means"]),
        "covariances": _round(torch.stack([covariances[..., 0, 0], covariances[..., 0, 1], covariances[..., 1, 1]], -1)),
        "log_likelihood": parts["log_likelihood"].tolist(),
    }


def curve(points: list[dict[str, Any]], others: list[dict[str, Any]], k: int, name: str) -> dict[str, Any]:
    """Return `likelihood` or `bic` against K: EM from k-means as lines, that from random points as rings; k is marked."""
    shown = {"likelihood": {"train": "training", "test": "held-out"}, "bic": {"bic": "from k-means"}}[name]
    first = next(iter(shown))
    data = [_line(points, column, word, "dot" if column == "test" else "solid") for column, word in shown.items()]
    if others:
        ring = {"symbol": "circle-open", "color": GREY, "size": 7, "line": {"width": 1.6}}
        word = "training, random start" if name == "likelihood" else "random start"
        data.append(_line(others, first, word, "solid") | {"mode": "markers", "marker": ring})
    if name == "bic":
        data.append(_choice(points))
    return {"data": data, "layout": _layout(k, {"likelihood": "log p(x), nats per point", "bic": "BIC, nats"}[name])}


def best_point(points: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the point whose BIC is least."""
    return min(points, key=lambda point: float(point["bic"]))


def choice_text(points: list[dict[str, Any]]) -> str:
    """Return BIC's choice of K in words: at the end of the range it may well be more."""
    best = best_point(points)["k"]
    return f"≥ {best}" if best == points[-1]["k"] else str(best)


def fall_text(points: list[dict[str, Any]]) -> tuple[str, str]:
    """Return the largest fall of the likelihood in any step of any fit, and over how many steps that is."""
    steps = sum(point["steps"] for point in points)
    return (
        f"{max(point['fall'] for point in points):.1g} nats",
        f"Over all {steps} EM steps of the fits with K = 1 to {len(points)} here.",
    )


def sheet_url(sheet: Tensor, paper: int) -> str:
    """Return the heaviest components of a sheet (K, 1 + n, *shape) as one picture, a row each: its mean, a gap, its samples."""
    rows = F.pad(sheet[:SHOWN, : 1 + SAMPLES], (0, 1, 0, 1), value=paper)  # a line of paper between pictures
    cells = torch.cat([rows[:, :1], torch.full_like(rows[:, :1], paper), rows[:, 1:]], 1)
    return tiles.png_url(tiles.tile(cells.flatten(0, 1), cells.shape[1]))


def uses_html(finding: Recording, source: Source, dark: bool) -> str:
    """Return the three uses as a table, and below it a sheet of components a model; ink is dark on light paper, light on dark."""
    told, sheets = finding.json("uses.json"), finding.tensors("sheets.safetensors")
    paper = 0 if source.ink or dark else 255
    cells = [(escape(row["name"]), *_cells(row)) for row in told["rows"]]
    head = ("", "numbers in the code", "clustering: adjusted Rand", "reduction: 5-NN accuracy", "generation: log p(x), nats")
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    top = "".join(f"<th>{name}</th>" for name in head)
    figures = [
        f"<figure><img src='{sheet_url(sheets[str(index)], paper)}' style='{_style(sheets[str(index)], source.ink and not dark)}' "
        f"alt='{escape(row['name'])}: a row a component, its mean on the left, then its samples'>"
        f"<figcaption>{escape(row['name'])}: the {min(SHOWN, len(sheets[str(index)]))} heaviest components, a row each: "
        "the mean, then samples: z given, x drawn.</figcaption></figure>"
        for index, row in enumerate(told["rows"][1:])
    ]
    note = (
        f"Held-out: {told['n_test']:,} pictures; neighbours among {told['n_train']:,} training pictures. A dash: no classes known."
    )
    sheets_html = f"<div class='sheets'>{''.join(figures)}</div>"
    return f"{STYLE}<div class='uses'><table><tr>{top}</tr>{table}</table><p>{note}</p>{sheets_html}</div>"


def _cells(row: dict[str, Any]) -> list[str]:
    kinds = (("rand", ".2f"), ("neighbours", ".1%"), ("log_likelihood", ".1f"))
    return [
        str(row["numbers"]),
        *(DASH if row[name] is None else format(row[name], form).replace("-", "−") for name, form in kinds),
    ]


def _style(sheet: Tensor, inverted: bool) -> str:
    """Return a size of whole pixels' multiples."""
    *_, height, width = sheet.shape
    times = 5 if width < 16 else 2
    size = f"width:{(SAMPLES + 2) * (width + 1) * times}px;height:{min(SHOWN, len(sheet)) * (height + 1) * times}px"
    return size + (";filter:invert(1);mix-blend-mode:multiply" if inverted else "")


def _line(points: list[dict[str, Any]], column: str, word: str, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": word,
        "line": {"color": GREEN, "width": 2, "dash": dash},
        "x": [point["k"] for point in points],
        "y": [point[column] for point in points],
        "hovertemplate": "K = %{x}: %{y:,.0f}" if column == "bic" else "K = %{x}: %{y:.3f}",
    }


def _choice(points: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the dot at the least BIC."""
    best = best_point(points)
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [best["k"]],
        "y": [best["bic"]],
        "text": [f"least: K = {best['k']}"],
        "textposition": "bottom center" if best["k"] < 14 else "bottom left",
        "marker": {"color": GREEN, "size": 10},
        "showlegend": False,
        "hoverinfo": "skip",
        "cliponaxis": False,
    }


def _layout(k: int, title: str) -> dict[str, Any]:
    return {
        "height": 270,
        "margin": {"l": 62, "r": 12, "t": 12, "b": 44},
        "xaxis": {"title": {"text": "components K"}, "dtick": 2, "range": [0.5, 16.8], "zeroline": False},
        "yaxis": {"title": {"text": title}, "zeroline": False},
        "legend": {"x": 0.99, "y": 0.5, "xanchor": "right", "bgcolor": "rgba(0,0,0,0)"},
        "shapes": [
            {
                "type": "line",
                "x0": k,
                "x1": k,
                "y0": 0,
                "y1": 1,
                "yref": "paper",
                "line": {"color": GREY, "width": 1, "dash": "dash"},
            }
        ],
    }


def _box(toy: str) -> tuple[Tensor, Tensor]:
    """Return the corners of a square around the points that are drawn."""
    x = datasets.load(toy, torch.device("cpu")).train[:N_POINTS]
    low, high = x.amin(0), x.amax(0)
    centre, half = (low + high) / 2, float((high - low).max()) / 2 * (1 + 2 * MARGIN)
    return centre - half, centre + half


def _round(values: Tensor) -> Any:
    """Return nested lists of numbers of five digits: enough for a screen."""
    if values.ndim > 0:
        return [_round(part) for part in values]
    return float(f"{float(values):.5g}")
