"""Likelihood and BIC against the number of components as small SVG drawings, which need no library in the browser."""

import math
from collections.abc import Callable, Sequence

from genmodels.studies.mixtures.study import Point

CURVES = {  # name: axis title, fields and their words, spoken title
    "likelihood": ("log p(x), nats per point", {"train": "training", "test": "held-out"}, "Log-likelihood"),
    "bic": ("BIC, nats", {"bic": "from k-means"}, "BIC"),
}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 420, 220, 48, 12, 18, 36
STYLE = """<style>
.curve svg { display: block; width: 100%; max-width: 640px; height: auto; }
.curve text { fill: currentColor; opacity: .75; font-size: 11px; font-variant-numeric: tabular-nums; }
.curve .line { fill: none; stroke: #1b8a6f; stroke-width: 1.8; } .curve .dotted { stroke-dasharray: 2 3; }
.curve .rule { stroke: currentColor; opacity: .15; } .curve .mark { stroke: currentColor; opacity: .5; stroke-dasharray: 4 3; }
.curve .ring { fill: none; stroke: #8a8f98; stroke-width: 1.4; } .curve .least { fill: #1b8a6f; }
.curve .target { fill: transparent; }
</style>"""


def best_point(points: Sequence[Point]) -> Point:
    """Return the point of least BIC."""
    return min(points, key=lambda point: point.bic)


def curve_html(points: Sequence[Point], others: Sequence[Point], k: int, name: str) -> str:
    """Return `likelihood` or `bic` against K: EM from k-means as lines, that from random points as rings; k is marked."""
    title, columns, spoken = CURVES[name]
    first = next(iter(columns))
    values = [getattr(point, column) for point in points for column in columns] + [getattr(point, first) for point in others]
    low, high = min(values), max(values)
    pad = (high - low) * 0.08 or 0.5
    last = points[-1].k

    def x(k: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (k - 1) / max(last - 1, 1)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low + pad) / (high - low + 2 * pad))

    parts = [
        *_axes(low, high, last, title, x, y),
        f'<line class="mark" x1="{x(k):.1f}" x2="{x(k):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>',
    ]
    for column in columns:
        path = " ".join(f"{x(point.k):.1f},{y(getattr(point, column)):.1f}" for point in points)
        parts.append(f'<polyline class="line{" dotted" if column == "test" else ""}" points="{path}"/>')
    parts += [f'<circle class="ring" r="3.4" cx="{x(point.k):.1f}" cy="{y(getattr(point, first)):.1f}"/>' for point in others]
    if name == "bic":
        best = best_point(points)
        parts += _least(best.k, last, x(best.k), y(best.bic))
    parts += _legend([*columns.values(), *(["random start"] if others else [])], name == "bic")
    for point in points:  # large and transparent, for tooltips
        words = ", ".join(f"{word} {_number(getattr(point, column))}" for column, word in columns.items())
        spot = f'cx="{x(point.k):.1f}" cy="{y(getattr(point, first)):.1f}"'
        parts.append(f'<circle class="target" r="8" {spot}><title>K = {point.k}: {words}</title></circle>')
    ends = f"from {_number(values[0])} to {_number(getattr(points[-1], first))}"
    frame = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{spoken} against the number of components, 1 to {last}: {ends}"'
    return f'{STYLE}<div class="curve"><svg {frame}>{"".join(parts)}</svg></div>'


def _least(k: int, last: int, x: float, y: float) -> list[str]:
    anchor = "end" if k > last / 2 else "start"
    words = f'<text x="{x:.1f}" y="{y - 12:.1f}" text-anchor="{anchor}">least: K = {k}</text>'
    return [f'<circle class="least" r="5" cx="{x:.1f}" cy="{y:.1f}"/>', words]


def _axes(low: float, high: float, last: int, title: str, x: Callable[[float], float], y: Callable[[float], float]) -> list[str]:
    step = _nice((high - low) / 3)
    ticks = [round(i * step, 9) for i in range(math.ceil(low / step), math.floor(high / step) + 1)]
    parts = [f'<text x="4" y="11">{title}</text><text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">components K</text>']
    for tick in ticks:
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{_tick(tick)}</text>')
    return parts + [
        f'<text x="{x(k):.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{k}</text>' for k in range(2, last + 1, 2)
    ]


def _legend(words: list[str], above: bool) -> list[str]:
    """Return the legend, in a corner that the curves leave free: likelihoods rise to the right, BIC falls."""
    x, top = WIDTH - RIGHT - 116, TOP + 8 if above else HEIGHT - BOTTOM - 16 * len(words)
    parts = []
    for row, word in enumerate(words):
        at = top + 16 * row
        parts.append(
            f'<circle class="ring" r="3.4" cx="{x + 11}" cy="{at}"/>'
            if word == "random start"
            else f'<line class="line{" dotted" if word == "held-out" else ""}" x1="{x}" x2="{x + 22}" y1="{at}" y2="{at}"/>'
        )
        parts.append(f'<text x="{x + 30}" y="{at + 4}">{word}</text>')
    return parts


def _nice(rough: float) -> float:
    if not rough > 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= rough)


def _tick(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−") if abs(value) >= 100 or value == int(value) else f"{value:g}".replace("-", "−")


def _number(value: float) -> str:
    return (f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}").replace("-", "−")
