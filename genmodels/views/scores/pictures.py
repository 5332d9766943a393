"""Pictures below the table of scores as HTML: bins that samples fill wrongly, and the samples nearest to the training set."""

from collections.abc import Sequence
from html import escape

from torch import Tensor

from genmodels import models
from genmodels.studies.scores.finding import BinPictures, BinShares, NearestPairs, Shares
from genmodels.views import tiles

BINS_OF_POINTS = (
    "<p>The modes, where they are known, or else the training set's bins, as large as their share of the data. "
    '<span style="color:#8b6bc4">Purple</span>: samples fall in too rarely; <span style="color:#e66101">orange</span>: too often; '
    "full colour at 6 standard errors.</p>"
)


def bins_html(findings: Sequence[tuple[str, BinShares]], ink: str) -> str:
    """Return the bins that each model's samples leave out, as training pictures, and those that they overdo, as samples."""
    sections = []
    for model, finding in findings:
        body = _bins(finding.shares, finding.rare, "Missing: training pictures", "training pictures", ink)
        body += _bins(finding.shares, finding.frequent, "Overdone: samples", "samples", ink)
        sections.append(f'<section class="bins">{_head(model)}{body}</section>')
    n = len(findings[0][1].shares.z) if findings else 0
    note = (
        f"The training set is cut into {n} bins of like pictures. Shown are those that the samples fill significantly too rarely "
        f"or too often, the worst six; chance alone makes {0.05 * n:.0f} of {n} look so."
    )
    return f'<p>{note}</p><div class="scores-columns">{"".join(sections)}</div>'


def _bins(shares: Shares, part: BinPictures, title: str, content: str, ink: str) -> str:
    figures = [
        f'<figure><img class="{ink}" src="{_url(pictures)}" alt="{content} of bin {index + 1}"/>'
        f"<figcaption>data {shares.expected[index]:.1%}, samples {shares.observed[index]:.1%}</figcaption></figure>"
        for index, pictures in zip(part.bins, () if part.pictures is None else part.pictures, strict=True)
    ]
    return f"<h4>{title}</h4>{''.join(figures) or '<p>No bin significantly.</p>'}"


def nearest_html(findings: Sequence[tuple[str, NearestPairs]], held_out: Sequence[float], ink: str) -> str:
    """Return each model's samples nearest to the training set above their nearest training pictures, with distances.

    `held_out` are the sorted distances of held-out pictures.
    """
    sections = []
    for model, finding in findings:
        distances = finding.distances
        pairs = [
            f'<figure><img class="{ink}" src="{_url(sample[None])}" alt="sample {i + 1}"/>'
            f'<img class="{ink}" src="{_url(training[None])}" alt="its nearest training picture"/>'
            f"<figcaption>{distances[i]:.3f}</figcaption></figure>"
            for i, (sample, training) in enumerate(zip(finding.samples, finding.training, strict=True))
        ]
        line = f"Nearest {distances[0]:.3f}, median {distances[len(distances) // 2]:.3f} of {len(distances)}."
        sections.append(f'<section class="pairs">{_head(model)}<p>{line}</p>{"".join(pairs)}</section>')
    note = (
        "The samples that lie nearest to a training picture, the nearest first, each above that picture; below, how far apart they "
        f"are, root mean square of pixels. Held-out pictures, which cannot be copies: nearest {held_out[0]:.3f}, median "
        f"{held_out[len(held_out) // 2]:.3f} of {len(held_out)}. A copy would read 0; a smooth sample is near without being one."
    )
    return f'<p>{note}</p><div class="scores-columns">{"".join(sections)}</div>'


def _head(model: str) -> str:
    return f'<h3 class="{model}"><span>{escape(models.model(model).title)}</span></h3>'


def _url(pictures: Tensor) -> str:
    """Return pictures (P, C, H, W) as one row."""
    return tiles.png_url(tiles.tile(pictures, len(pictures)))
