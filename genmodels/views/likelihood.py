"""The page Estimating p(x) as figures and words: estimates against n, their errors, how many codes are enough."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.store import Recording
from genmodels.studies.likelihood.study import DATASET, PICTURES
from genmodels.views import tiles

PRIOR, Q, EXACT, PALE = "#d9691e", "#2f78c4", "#7d828c", "rgba(128, 128, 128, .25)"  # read on light and on dark paper
BANDS = {"prior": "rgba(217, 105, 30, .22)", "q": "rgba(47, 120, 196, .25)"}
NAMES = {"prior": "z from P(z)", "q": "z from Q(z|X)"}
COLOURS = {"prior": PRIOR, "q": Q}
GOOD = 0.5  # nats: the error from which on an estimate is called good
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def errors(finding: Recording, dim: int, name: str) -> Tensor:
    """Return estimate less exact value, (REPEATS, MARKS), nats; `name` is prior or q."""
    exact = finding.json("facts.json")["models"][str(dim)]["exact"]
    return finding.tensors("estimates.safetensors")[f"{dim}.{name}.estimate"] - exact


def root_mean_square(finding: Recording, dim: int, name: str) -> list[float]:
    """Return the root mean square error over the repeats at each n, nats."""
    found: list[float] = errors(finding, dim, name).square().mean(0).sqrt().tolist()
    return found


def needed(finding: Recording, dim: int, name: str) -> int | None:
    """Return the least n from which on the root mean square error stays below half a nat, or None if none was enough."""
    marks, found = finding.json("facts.json")["marks"], root_mean_square(finding, dim, name)
    bad = max((i for i, error in enumerate(found) if error >= GOOD), default=-1)
    return None if bad == len(marks) - 1 else int(marks[bad + 1])


def sizes(finding: Recording, dim: int, name: str) -> list[float]:
    """Return the median effective sample size over the repeats at each n."""
    found: list[float] = finding.tensors("estimates.safetensors")[f"{dim}.{name}.size"].quantile(0.5, 0).tolist()
    return found


def nats(value: float) -> str:
    """Return a length in nats as people write it: three figures, no more."""
    return f"{value:,.0f} nats" if value >= 100 else f"{value:.3g} nats"


def needed_table(finding: Recording) -> str:
    """Return, as Markdown, how many codes each way needs for an error below half a nat, a column for each latent dimension."""
    facts = finding.json("facts.json")
    dims = facts["dims"]
    rows = [["latent dimensions", *map(str, dims)], ["--", *["--:"] * len(dims)]]
    for name, words in (("prior", "$n$ from $P(z)$"), ("q", "$n$ from $Q(z\\vert X)$")):
        counts = [needed(finding, dim, name) for dim in dims]
        rows.append([words, *(f"> {facts['marks'][-1]:,}" if n is None else f"{n:,}" for n in counts)])
    rows.append(["$D[Q\\Vert P(z)]$, nats", *(f"{facts['models'][str(dim)]['kl']:.1f}" for dim in dims)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def estimates(finding: Recording, dim: int) -> dict[str, Any]:
    """Return the running estimates with their bands beside the exact value and the ELBO."""
    facts = finding.json("facts.json")
    marks, known = facts["marks"], facts["models"][str(dim)]
    at = min(range(len(marks)), key=lambda i: abs(marks[i] - 100))
    reach = min(60.0, max(2.0, 1.2 * abs(float(errors(finding, dim, "prior")[:, at].quantile(0.1)))))
    data: list[dict[str, Any]] = []
    for name, colour in COLOURS.items():
        low, middle, high = (
            (known["exact"] + errors(finding, dim, name)).quantile(torch.tensor([0.1, 0.5, 0.9]).double(), 0).tolist()
        )
        band = {"x": [*marks, *reversed(marks)], "y": [*high, *reversed(low)], "fill": "toself", "fillcolor": BANDS[name]}
        data.append(band | {"line": {"width": 0}, "mode": "lines", "hoverinfo": "skip", "showlegend": False})
        data.append({"x": marks, "y": middle, "name": NAMES[name], "mode": "lines", "line": {"color": colour, "width": 2.5}})
    for value, words, dash in ((known["exact"], "exact", "solid"), (known["elbo"], "ELBO", "dash")):
        data.append(_level(marks, value, words, dash))
    layout = _against_n("log P(X), nats")
    layout["yaxis"]["range"] = [known["exact"] - reach, known["exact"] + max(1.0, 0.15 * reach)]
    last = float(errors(finding, dim, "prior")[:, -1].median())
    if -last > reach:
        words = f"from P(z): still {-last:,.0f} nats too low<br>at n = {marks[-1]:,}, far below this chart"
        place = {"x": 0.5, "y": 0.08, "xref": "paper", "yref": "paper", "showarrow": False, "font": {"color": PRIOR}}
        layout["annotations"] = [{"text": words} | place]
    return {"data": data, "layout": layout}


def estimate_numbers(finding: Recording, dim: int, how: str) -> list[tuple[str, str, str]]:
    """Return name, value and note of error and effective sample size at the largest n; `how` the exact value is had."""
    last = finding.json("facts.json")["marks"][-1]
    repeats = len(errors(finding, dim, "q"))
    note = f"Root mean square error of log P(X) over {repeats} repeats of n = {last:,} codes; the exact value is had {how}."
    found = [(f"Error, {words}", nats(root_mean_square(finding, dim, name)[-1]), note) for name, words in NAMES.items()]
    note = "(Σw)²/Σw², the median over the repeats: 1 is one code alone."
    for name, words in NAMES.items():
        found.append((f"Effective sample, {words}", f"{sizes(finding, dim, name)[-1]:,.0f} of {last:,}", note))
    return found


def estimate_words(finding: Recording, dim: int) -> str:
    """Return what there is to notice, and where brute force ends ahead, why."""
    words = (
        "The logarithm of an average errs **low** (Jensen): until a good code is drawn, brute force reports the best of the bad. "
        f"Lines are medians of {len(errors(finding, dim, 'q'))} repeats, bands hold 80 % of them."
    )
    if sizes(finding, dim, "q")[-1] < sizes(finding, dim, "prior")[-1]:
        words += (
            " Here brute force ends with the larger effective sample: $z$ has few dimensions, and $Q(z|X)$ rarely proposes some "
            "codes that $P(z|X)$ has; when one is drawn at last, its weight outweighs the others."
        )
    return words


def effective_sizes(finding: Recording, chosen: int, every: bool = False) -> dict[str, Any]:
    """Return the effective sample size against n for one number of latent dimensions or, the chosen one bold, for all."""
    facts = finding.json("facts.json")
    dims = facts["dims"] if every else [chosen]
    data = [_line(facts["marks"], sizes(finding, dim, name), dim, name, chosen) for name in NAMES for dim in dims]
    layout = _against_n("effective sample size")
    layout["yaxis"] |= {"type": "log", "exponentformat": "power", "dtick": 1}
    return {"data": [*data, _diagonal(facts["marks"])], "layout": layout}


def all_errors(finding: Recording, chosen: int) -> dict[str, Any]:
    """Return the root mean square error against n for every number of latent dimensions, the chosen one bold."""
    facts = finding.json("facts.json")
    marks, pairs = facts["marks"], [(name, dim) for name in NAMES for dim in facts["dims"]]
    found = {pair: root_mean_square(finding, pair[1], pair[0]) for pair in pairs}
    data = [_line(marks, found[name, dim], dim, name, chosen) for name, dim in pairs]
    layout = _against_n("root mean square error, nats")
    layout["yaxis"] |= {"type": "log", "exponentformat": "power", "dtick": 1}
    layout["annotations"] = [_at_end(marks[-1], found[name, dim][-1], dim, COLOURS[name]) for name, dim in pairs]
    return {"data": data, "layout": layout}


def minus(text: str) -> str:
    """Return a number's text with the sign that print has for it."""
    return text.replace("-", "−")


def tiny(value: float) -> str:
    """Return a small number as one figure and a power of ten, such as 7·10⁻⁸."""
    if value == 0:
        return "0"
    figure, power = f"{value:.0e}".split("e")
    return f"{figure}·10{str(int(power)).translate(SUPERSCRIPT)}"


@lru_cache(maxsize=64)
def picture_html(chosen: int, dark: bool) -> str:
    """Return the test pictures that can be chosen as a strip in which X stands out."""
    shown = to_bytes(datasets.load(DATASET, torch.device("cpu")).test[:PICTURES])
    images = []
    for i, x in enumerate(shown if dark else 255 - shown):
        look = f"outline:3px solid {Q}" if i == chosen else "opacity:.45"
        style = f"width:32px;height:32px;image-rendering:pixelated;margin-right:6px;{look}"
        words = f"test picture {i}, a digit" + (", chosen as X" if i == chosen else "")
        images.append(f'<img src="{tiles.png_url(tiles.tile(x[None], 1))}" alt="{words}" style="{style}">')
    return f'<div style="line-height:0;padding:4px">{"".join(images)}</div>'


def _level(marks: Sequence[int], value: float, words: str, dash: str) -> dict[str, Any]:
    line = {"color": EXACT, "width": 1.6, "dash": dash}
    return {"x": [marks[0], marks[-1]], "y": [value, value], "mode": "lines", "name": f"{words}: {value:.2f}", "line": line}


def _diagonal(marks: Sequence[int]) -> dict[str, Any]:
    ends = [marks[0], marks[-1]]
    line = {"x": ends, "y": ends, "mode": "lines", "line": {"color": PALE, "width": 1.5}, "hoverinfo": "skip"}
    return line | {"showlegend": False}


def _line(marks: Sequence[int], values: list[float], dim: int, name: str, chosen: int) -> dict[str, Any]:
    look = {"color": COLOURS[name], "width": 3 if dim == chosen else 1.1}
    words = f"{dim} dimensions, {NAMES[name]}"
    return {"x": marks, "y": values, "mode": "lines", "line": look, "name": words, "showlegend": False}


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
