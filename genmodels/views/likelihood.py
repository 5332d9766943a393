"""The page Estimating p(x) as figures and words: estimates against n, their errors, how many codes are enough."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.studies.likelihood import BruteForceFinding
from genmodels.studies.likelihood.brute_force import Proposal
from genmodels.studies.likelihood.subject import DATASET, PICTURES
from genmodels.views import tiles

PRIOR, Q, EXACT, PALE = "#d9691e", "#2f78c4", "#7d828c", "rgba(128, 128, 128, .25)"  # legible on light and dark paper
BANDS: dict[Proposal, str] = {"prior": "rgba(217, 105, 30, .22)", "q": "rgba(47, 120, 196, .25)"}
NAMES: dict[Proposal, str] = {"prior": "z from P(z)", "q": "z from Q(z|X)"}
COLOURS: dict[Proposal, str] = {"prior": PRIOR, "q": Q}
GOOD = 0.5  # nats: an estimate with less error is good
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def errors(finding: BruteForceFinding, dim: int, proposal: Proposal) -> Tensor:
    """Return estimate less exact value, (repeats, sizes), nats."""
    model = finding.models[dim]
    return model.by(proposal).log_px - model.exact.log_px


def root_mean_square(finding: BruteForceFinding, dim: int, proposal: Proposal) -> list[float]:
    """Return the root mean square error over the repeats at each n, nats."""
    values: list[float] = errors(finding, dim, proposal).square().mean(0).sqrt().tolist()
    return values


def enough(finding: BruteForceFinding, dim: int, proposal: Proposal) -> int | None:
    """Return the least n from which on the root mean square error stays below half a nat, or None if none was enough."""
    values = root_mean_square(finding, dim, proposal)
    bad = max((i for i, error in enumerate(values) if error >= GOOD), default=-1)
    return None if bad == len(values) - 1 else finding.sizes[bad + 1]


def effective_size(finding: BruteForceFinding, dim: int, proposal: Proposal) -> list[float]:
    """Return the median effective sample size over the repeats at each n."""
    values: list[float] = finding.models[dim].by(proposal).effective_size.quantile(0.5, 0).tolist()
    return values


def nats(value: float) -> str:
    """Return a number of nats with three figures."""
    return f"{value:,.0f} nats" if value >= 100 else f"{value:.3g} nats"


def enough_table(finding: BruteForceFinding) -> str:
    """Return, as Markdown, how many codes each proposal needs for an error below half a nat, a column for each latent dimension."""
    dims, last = list(finding.models), finding.sizes[-1]
    rows = [["latent dimensions", *map(str, dims)], ["--", *["--:"] * len(dims)]]
    proposals: tuple[tuple[Proposal, str], ...] = (("prior", "$n$ from $P(z)$"), ("q", "$n$ from $Q(z\\vert X)$"))
    for proposal, words in proposals:
        counts = [enough(finding, dim, proposal) for dim in dims]
        rows.append([words, *(f"> {last:,}" if n is None else f"{n:,}" for n in counts)])
    rows.append(["$D[Q\\Vert P(z)]$, nats", *(f"{model.exact.kl:.1f}" for model in finding.models.values())])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def estimates(finding: BruteForceFinding, dim: int) -> dict[str, Any]:
    """Return the running estimates with their bands beside the exact value and the ELBO."""
    sizes, exact = finding.sizes, finding.models[dim].exact
    middle_size = min(range(len(sizes)), key=lambda i: abs(sizes[i] - 100))
    reach = min(60.0, max(2.0, 1.2 * abs(float(errors(finding, dim, "prior")[:, middle_size].quantile(0.1)))))
    data: list[dict[str, Any]] = []
    for proposal, colour in COLOURS.items():
        values = exact.log_px + errors(finding, dim, proposal)
        low, middle, high = values.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), 0).tolist()
        band = {"x": [*sizes, *reversed(sizes)], "y": [*high, *reversed(low)], "fill": "toself", "fillcolor": BANDS[proposal]}
        data.append(band | {"line": {"width": 0}, "mode": "lines", "hoverinfo": "skip", "showlegend": False})
        line = {"color": colour, "width": 2.5}
        data.append({"x": sizes, "y": middle, "name": NAMES[proposal], "mode": "lines", "line": line})
    for value, words, dash in ((exact.log_px, "exact", "solid"), (exact.elbo, "ELBO", "dash")):
        data.append(_level(sizes, value, words, dash))
    layout = _against_n("log P(X), nats")
    layout["yaxis"]["range"] = [exact.log_px - reach, exact.log_px + max(1.0, 0.15 * reach)]
    last = float(errors(finding, dim, "prior")[:, -1].median())
    if -last > reach:
        words = f"from P(z): still {-last:,.0f} nats too low<br>at n = {sizes[-1]:,}, far below this chart"
        place = {"x": 0.5, "y": 0.08, "xref": "paper", "yref": "paper", "showarrow": False, "font": {"color": PRIOR}}
        layout["annotations"] = [{"text": words} | place]
    return {"data": data, "layout": layout}


def estimate_numbers(finding: BruteForceFinding, dim: int, how: str) -> list[tuple[str, str, str]]:
    """Return name, value and note of error and effective sample size at the largest n; `how` the exact value is computed."""
    last = finding.sizes[-1]
    repeats = len(errors(finding, dim, "q"))
    note = f"Root mean square error of log P(X) over {repeats} repeats of n = {last:,} codes; the exact value is had {how}."
    numbers = [(f"Error, {words}", nats(root_mean_square(finding, dim, name)[-1]), note) for name, words in NAMES.items()]
    note = "(Σw)²/Σw², the median over the repeats: 1 is one code alone."
    for proposal, words in NAMES.items():
        value = f"{effective_size(finding, dim, proposal)[-1]:,.0f} of {last:,}"
        numbers.append((f"Effective sample, {words}", value, note))
    return numbers


def estimate_words(finding: BruteForceFinding, dim: int) -> str:
    """Return how to read the estimates and, where brute force ends with the larger effective sample, why."""
    words = (
        "The logarithm of an average errs **low** (Jensen): until a good code is drawn, brute force reports the best of the bad. "
        f"Lines are medians of {len(errors(finding, dim, 'q'))} repeats, bands hold 80 % of them."
    )
    if effective_size(finding, dim, "q")[-1] < effective_size(finding, dim, "prior")[-1]:
        words += (
            " Here brute force ends with the larger effective sample: $z$ has few dimensions, and $Q(z|X)$ rarely proposes some "
            "codes that $P(z|X)$ has; when one is drawn at last, its weight outweighs the others."
        )
    return words


def effective_sizes(finding: BruteForceFinding, bold: int, every: bool = False) -> dict[str, Any]:
    """Return the effective sample size against n for `bold` latent dimensions or, these as thick lines, for all."""
    dims = list(finding.models) if every else [bold]
    data = [_line(finding.sizes, effective_size(finding, dim, name), dim, name, bold) for name in NAMES for dim in dims]
    layout = _against_n("effective sample size")
    layout["yaxis"] |= {"type": "log", "exponentformat": "power", "dtick": 1}
    return {"data": [*data, _diagonal(finding.sizes)], "layout": layout}


def all_errors(finding: BruteForceFinding, bold: int) -> dict[str, Any]:
    """Return the root mean square error against n for every number of latent dimensions, one as thick lines."""
    pairs = [(name, dim) for name in NAMES for dim in finding.models]
    values = {(name, dim): root_mean_square(finding, dim, name) for name, dim in pairs}
    data = [_line(finding.sizes, values[name, dim], dim, name, bold) for name, dim in pairs]
    layout = _against_n("root mean square error, nats")
    layout["yaxis"] |= {"type": "log", "exponentformat": "power", "dtick": 1}
    layout["annotations"] = [_at_end(finding.sizes[-1], values[name, dim][-1], dim, COLOURS[name]) for name, dim in pairs]
    return {"data": data, "layout": layout}


def minus(text: str) -> str:
    """Return the text with the typographic minus sign."""
    return text.replace("-", "−")


def tiny(value: float) -> str:
    """Return a small number as one figure and a power of ten, such as 7·10⁻⁸."""
    if value == 0:
        return "0"
    figure, power = f"{value:.0e}".split("e")
    return f"{figure}·10{str(int(power)).translate(SUPERSCRIPT)}"


@lru_cache(maxsize=64)
def picture_html(picture: int, dark: bool) -> str:
    """Return the test pictures as a strip in which X stands out."""
    pictures = to_bytes(datasets.load(DATASET, torch.device("cpu")).test[:PICTURES])
    images = []
    for i, x in enumerate(pictures if dark else 255 - pictures):
        look = f"outline:3px solid {Q}" if i == picture else "opacity:.45"
        style = f"width:32px;height:32px;image-rendering:pixelated;margin-right:6px;{look}"
        words = f"test picture {i}, a digit" + (", chosen as X" if i == picture else "")
        images.append(f'<img src="{tiles.png_url(tiles.tile(x[None], 1))}" alt="{words}" style="{style}">')
    return f'<div style="line-height:0;padding:4px">{"".join(images)}</div>'


def _level(sizes: Sequence[int], value: float, words: str, dash: str) -> dict[str, Any]:
    line = {"color": EXACT, "width": 1.6, "dash": dash}
    return {"x": [sizes[0], sizes[-1]], "y": [value, value], "mode": "lines", "name": f"{words}: {value:.2f}", "line": line}


def _diagonal(sizes: Sequence[int]) -> dict[str, Any]:
    ends = [sizes[0], sizes[-1]]
    line = {"x": ends, "y": ends, "mode": "lines", "line": {"color": PALE, "width": 1.5}, "hoverinfo": "skip"}
    return line | {"showlegend": False}


def _line(sizes: Sequence[int], values: list[float], dim: int, name: Proposal, bold: int) -> dict[str, Any]:
    look = {"color": COLOURS[name], "width": 3 if dim == bold else 1.1}
    words = f"{dim} dimensions, {NAMES[name]}"
    return {"x": sizes, "y": values, "mode": "lines", "line": look, "name": words, "showlegend": False}


def _at_end(n: int, value: float, dim: int, colour: str) -> dict[str, Any]:
    note = {"text": str(dim), "x": math.log10(n), "y": math.log10(max(value, 1e-9)), "xref": "x", "yref": "y", "showarrow": False}
    return note | {"xanchor": "left", "xshift": 3, "font": {"color": colour, "size": 11}}


def _against_n(title: str) -> dict[str, Any]:
    return {
        "height": 290,
        "margin": {"t": 26, "b": 40, "l": 62, "r": 24},
        "legend": {"orientation": "h", "y": 1.15, "x": 0},
        "xaxis": {"type": "log", "title": "n", "exponentformat": "power", "dtick": 1, "fixedrange": True},
        "yaxis": {"title": title, "fixedrange": True},
    }
