"""Both axes of the plane of reconstruction error against realism: where a value lies, its ticks, its text."""

import math
from typing import Any

import torch
from torch import Tensor

from genmodels.studies.gallery.finding import Plane

ODDS = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)  # ticks of a judge's axis
ERROR_LABELS = {
    "pixels": "reconstruction error: root mean square over pixels",
    "features": "reconstruction error: distance in features",
}


def column(plane: Plane, realism: str) -> str | None:
    """Return the table's column of a choice of realism; None for the discriminator where no model has one."""
    return plane.discriminator() if realism == "discriminator" else realism


def heights(values: Tensor, realism: str) -> Tensor:
    """Return realisms as the axis shows them: the score by neighbours as its logarithm to base 2, logits unchanged."""
    return values.clamp(min=2**-6).log2() if realism == "neighbours" else values


def height(value: float, realism: str) -> float:
    """Return one realism as the axis shows it."""
    return float(heights(torch.tensor(value), realism))


def value_range(y: Tensor) -> tuple[float, float]:
    """Return the ends of the axis for heights y, with a margin: the outermost half per cent is drawn at the edge."""
    low, high = y.flatten().quantile(torch.tensor([0.005, 0.995], dtype=y.dtype, device=y.device)).tolist()
    margin = 0.06 * (high - low) + 1e-6
    return low - margin, high + margin


def error_axis(errors: Tensor, error: str) -> dict[str, Any]:
    """Return label, range and ticks of the horizontal axis."""
    top = float(errors.flatten().quantile(0.995)) * 1.06 + 1e-6
    return {"label": ERROR_LABELS[error], "range": [0.0, top], "ticks": _round_ticks(0.0, top)}


def realism_axis(plane: Plane, realism: str, low: float, high: float) -> dict[str, Any]:
    """Return label, range and ticks of the vertical axis."""
    if realism == "judge":
        ticks = [(math.log(p / (1 - p)), f"{100 * p:g} %") for p in ODDS]
        label = "realism: judged to be the real one, beside a typical real picture"
    elif realism == "neighbours":
        ticks = [(float(k), f"{2.0**k:g}") for k in range(-6, 12)]
        label = "realism score by neighbours: 1 is the edge of the real ones"
    else:
        ticks = _round_ticks(low, high)
        label = f"{plane.measures[realism].label}: logit above real pictures"
    return {"label": label, "range": [low, high], "ticks": [(v, t) for v, t in ticks if low <= v <= high]}


def realism_text(value: float, realism: str) -> str:
    """Return a realism as text: the judge's chance in per cent, a score, or a logit."""
    if realism == "judge":
        return f"{100 / (1 + math.exp(-value)):.0f} %"
    return f"{value:.2f}" if realism == "neighbours" else signed(value)


def signed(value: float | None) -> str:
    """Return a number with its sign and two decimals."""
    return f"{value or 0.0:+.2f}".replace("-", "−")


def _round_ticks(low: float, high: float) -> list[tuple[float, str]]:
    step = 10 ** math.floor(math.log10(max(high - low, 1e-9) / 4))
    step *= next(k for k in (1, 2, 5, 10) if (high - low) / (k * step) <= 6)
    first = math.ceil(low / step)
    return [(k * step, f"{k * step:g}".replace("-", "−")) for k in range(first, math.floor(high / step) + 1)]
