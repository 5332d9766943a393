"""The page Mixtures as data: the replay of EM as a payload, its numbers, the sheets of components."""

from functools import lru_cache
from html import escape
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from genmodels import datasets
from genmodels.datasets.base import Source
from genmodels.studies.mixtures import Curve, Fit, UsesFinding
from genmodels.studies.mixtures.study import MAX_K, MixturesConfig, Point
from genmodels.studies.mixtures.uses import Use
from genmodels.views import tiles
from genmodels.views.k_curve import best_point

N_POINTS = 800  # training points drawn
MARGIN = 0.08  # of the data's extent, around them
COMPONENTS, SAMPLES, GAP = 10, 7, 3  # components of most weight, samples of each, pixels between its mean and those
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
def replay(fit: Fit, toy: str) -> dict[str, Any]:
    """Return the points and, after every EM step, weights (T, K), means (T, K, 2), covariances as a, b, c of ((a, b), (b, c))."""
    covariances = fit.covariances
    low, high = _box(toy)
    x = datasets.load(toy, torch.device("cpu")).train[:N_POINTS]
    return {
        "low": low.tolist(),
        "high": high.tolist(),
        "points": tiles.points_text(x, low, high),
        "weights": _round(fit.weights),
        "means": _round(fit.means),
        "covariances": _round(torch.stack([covariances[..., 0, 0], covariances[..., 0, 1], covariances[..., 1, 1]], -1)),
        "log_likelihood": fit.log_likelihood.tolist(),
    }


def numbers(em: Curve, k_means: Curve, eight: Curve, settings: MixturesConfig, k: int) -> list[tuple[str, str, str]]:
    """Return name, value and note of what settles the page: fits from this start, from k-means, and of 8 Gaussians."""
    note = f"The K of least BIC among 1 to {MAX_K}: EM from k-means on {k_means.n_train:,} points, covariance"
    here = ("BIC's choice here", choice_text(k_means.points), f"{note} {settings.shape}.")
    return [
        ("Largest fall in an EM step", *fall_text(em.points)),
        ("BIC's choice on 8 Gaussians", choice_text(eight.points), f"{note} full."),
        *([] if (settings.toy, settings.shape) == ("gaussians-8", "full") else [here]),
        ("Clusters: adjusted Rand", *rand_text(em, k)),
    ]


def choice_text(points: list[Point]) -> str:
    """Return the K of least BIC; at the end of the range it may well be more."""
    best = best_point(points).k
    return f"≥ {best}" if best == points[-1].k else str(best)


def fall_text(points: list[Point]) -> tuple[str, str]:
    """Return the largest fall of the likelihood in any step of any fit, and over how many steps that is."""
    steps = sum(point.steps for point in points)
    return (
        f"{max(point.fall for point in points):.1g} nats",
        f"Over all {steps} EM steps of the fits with K = 1 to {len(points)} here.",
    )


def rand_text(curve: Curve, k: int) -> tuple[str, str]:
    """Return how well the likeliest components of K match the known classes, and how that is measured."""
    rand = next(point.rand for point in curve.points if point.k == k)
    note = f"Likeliest z against known classes, {curve.n_test:,} held-out points; 0 is chance."
    return DASH if rand is None else f"{rand:.2f}", note if rand is not None else "These points have no known classes."


def sheet_url(sheet: Tensor, paper: int) -> str:
    """Return the first components of a sheet (K, 1 + n, *shape) as one picture, a row each: its mean, a gap, its samples."""
    rows = F.pad(sheet[:COMPONENTS, : 1 + SAMPLES], (0, 1, 0, 1), value=paper)  # a line of paper between pictures
    means = F.pad(rows[:, 0], (0, GAP), value=paper)  # (K, C, H, W)
    samples = rows[:, 1:].permute(0, 2, 3, 1, 4).flatten(3)  # (K, C, H, n W)
    return tiles.png_url(tiles.tile(torch.cat([means, samples], 3), 1))


def uses_html(finding: UsesFinding, source: Source, dark: bool) -> str:
    """Return the three uses as a table, and a sheet of components for each model; ink is dark on light paper, light on dark."""
    paper = 0 if source.ink or dark else 255
    cells = [(escape(use.name), *_cells(use)) for use in (finding.pixels, *finding.mixtures)]
    head = ("", "numbers in the code", "clustering: adjusted Rand", "reduction: 5-NN accuracy", "generation: log p(x), nats")
    table = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in cells)
    top = "".join(f"<th>{name}</th>" for name in head)
    pairs = zip(finding.mixtures, finding.sheets, strict=True)
    figures = "".join(_figure(escape(use.name), sheet, paper, source.ink and not dark) for use, sheet in pairs)
    note = (
        f"Held-out: {finding.n_test:,} pictures; neighbours among {finding.n_train:,} training pictures. A dash: no classes known."
    )
    sheets = f"<div class='sheets'>{figures}</div>"
    return f"{STYLE}<div class='uses'><table><tr>{top}</tr>{table}</table><p>{note}</p>{sheets}</div>"


def _figure(name: str, sheet: Tensor, paper: int, inverted: bool) -> str:
    return (
        f"<figure><img src='{sheet_url(sheet, paper)}' style='{_style(sheet, inverted)}' "
        f"alt='{name}: a row a component, its mean on the left, then its samples'>"
        f"<figcaption>{name}: the {min(COMPONENTS, len(sheet))} heaviest components, a row each: "
        "the mean, then samples: z given, x drawn.</figcaption></figure>"
    )


def _cells(use: Use) -> list[str]:
    values = ((use.rand, ".2f"), (use.knn_accuracy, ".1%"), (use.log_likelihood, ".1f"))
    texts = (DASH if value is None else format(value, form).replace("-", "−") for value, form in values)
    return [str(use.code_length), *texts]


def _style(sheet: Tensor, inverted: bool) -> str:
    """Return the style of a sheet: a whole multiple of its size."""
    *_, height, width = sheet.shape
    times = 5 if width < 16 else 2
    size = f"width:{((SAMPLES + 1) * (width + 1) + GAP) * times}px;height:{min(COMPONENTS, len(sheet)) * (height + 1) * times}px"
    return size + (";filter:invert(1);mix-blend-mode:multiply" if inverted else "")


def _box(toy: str) -> tuple[Tensor, Tensor]:
    """Return the corners of a square around the drawn points."""
    x = datasets.load(toy, torch.device("cpu")).train[:N_POINTS]
    low, high = x.amin(0), x.amax(0)
    centre, half = (low + high) / 2, float((high - low).max()) / 2 * (1 + 2 * MARGIN)
    return centre - half, centre + half


def _round(values: Tensor) -> Any:
    """Return nested lists of numbers rounded to five digits."""
    if values.ndim > 0:
        return [_round(part) for part in values]
    return float(f"{float(values):.5g}")
