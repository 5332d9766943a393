"""The page Mixtures as data: the replay of EM for the browser, what it settles, the sheets of components."""

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
from genmodels.views.k_curve import best_point

N_POINTS = 800  # training points drawn
MARGIN = 0.08  # of the data's extent, around them
SHOWN, SAMPLES, GAP = 10, 7, 3  # components of pictures, the heaviest, samples of each, pixels between its mean and those
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


def rand_text(curve: dict[str, Any], k: int) -> tuple[str, str]:
    """Return how well the groups that K components find are the known classes, and what that is measured on."""
    rand = next(point["rand"] for point in curve["points"] if point["k"] == k)
    note = f"Likeliest z against known classes, {curve['n_test']:,} held-out points; 0 is chance."
    return DASH if rand is None else f"{rand:.2f}", note if rand is not None else "These points have no known classes."


def sheet_url(sheet: Tensor, paper: int) -> str:
    """Return the heaviest components of a sheet (K, 1 + n, *shape) as one picture, a row each: its mean, a gap, its samples."""
    rows = F.pad(sheet[:SHOWN, : 1 + SAMPLES], (0, 1, 0, 1), value=paper)  # a line of paper between pictures
    means = F.pad(rows[:, 0], (0, GAP), value=paper)  # (K, C, H, W)
    samples = rows[:, 1:].permute(0, 2, 3, 1, 4).flatten(3)  # (K, C, H, n W)
    return tiles.png_url(tiles.tile(torch.cat([means, samples], 3), 1))


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
    size = f"width:{((SAMPLES + 1) * (width + 1) + GAP) * times}px;height:{min(SHOWN, len(sheet)) * (height + 1) * times}px"
    return size + (";filter:invert(1);mix-blend-mode:multiply" if inverted else "")


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
