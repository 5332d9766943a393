"""The plane of reconstruction error against realism as the browser draws it, and the sentences that its numbers allow."""

import base64
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from genmodels.views import colours
from genmodels.views.tiles import png_url, tile

ODDS = (0.0001, 0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999)  # ticks of a judge's axis
GLYPHS = {
    "gmm": "square",
    "mfa": "pentagon",
    "autoencoder": "hexagon",
    "vae": "circle",
    "gan": "triangle",
    "vae-gan": "diamond",
    "flow-matching": "wedge",
}
ERROR_LABELS = {
    "pixels": "reconstruction error: root mean square over pixels",
    "features": "reconstruction error: distance in features",
}
QUADRANTS = ("close and real", "far but real", "close but unreal", "far and unreal")
WEAK = 0.3  # a rank correlation nearer to zero than this tells little


def measure_of(content: Mapping[str, Any], realism: str) -> str | None:
    """Return the column of a choice of realism, or None where no model here has a discriminator."""
    if realism == "discriminator":
        return next((name for name in content["measures"] if name.startswith("d")), None)
    return realism


def sprite(pictures: Mapping[str, Tensor]) -> str:
    """Return all pictures, one row a source, the originals in the last, as one sheet in a data URL."""
    sheet = torch.cat([pictures["pictures"], pictures["originals"][None]])  # (S + 1, N, C, H, W)
    return png_url(tile(sheet.flatten(0, 1), sheet.shape[1]))


def heights(values: Tensor, realism: str) -> Tensor:
    """Return realism as it is drawn: a score by neighbours by its logarithm to base 2, logits as they are."""
    return values.clamp(min=2**-6).log2() if realism == "neighbours" else values


def plane(content: Mapping[str, Any], table: Mapping[str, Tensor], error: str, realism: str) -> dict[str, Any]:
    """Return what the plane is drawn from: dots, axes, lines, and the sources with their means."""
    e, y = table[error].double(), heights(table[realism].double(), realism)  # (S, N)
    names = [source["name"] for source in content["sources"]]
    real = y[names.index("identity")]
    low, high = _range(y)
    whose = content["correlations"][f"{error} {realism}"]["each"]
    return {
        "x": _floats(e),
        "y": _floats(y.clamp(low, high)),
        "n": content["n"],
        "kind": "log2" if realism == "neighbours" else "odds" if realism == "judge" else "logit",
        "axes": {"x": _x_axis(e, error), "y": _y_axis(content, realism, low, high)},
        "close": half_of_mean(e, names),
        "real": float(real.quantile(0.25)),
        "median": float(real.median()),
        "quadrants": list(QUADRANTS),
        "labels": content["labels"],
        "sources": [
            {
                "name": source["name"],
                "title": source["title"],
                "how": source["how"],
                "kind": source["kind"],
                "model": model_of(source),
                "glyph": GLYPHS.get(model_of(source), "star" if source["kind"] == "real" else "cross"),
                "hollow": source["code"] == "searched",
                "mean": [float(e[i].mean()), float(y[i].median().clamp(low, high))],
                "rho": rho_text(whose[i]),
            }
            for i, source in enumerate(content["sources"])
        ],
    }


def half_of_mean(e: Tensor, names: Sequence[str]) -> float | None:
    """Return half the mean error of the training mean, which parts close from far; None where it is not among the sources."""
    return float(e[names.index("mean")].mean()) / 2 if "mean" in names else None


def rho_text(rho: float | None) -> str:
    """Return a rank correlation as it is written, a dash where there is none."""
    return "—" if rho is None else _signed(rho)


def sentence(content: Mapping[str, Any], table: Mapping[str, Tensor], error: str, realism: str) -> str:
    """Return what the numbers say of the lecture's claim: does the models' error tell their realism, and what breaks it most."""
    correlations = content["correlations"][f"{error} {realism}"]
    models, rho = modelled(content), correlations["models"]["rho"]
    breach = _breach(content, table, error, realism)
    if rho is None:
        why = "no model here but what rebuilds anything" if not models else "error or realism is the same for all that models made"
        return f"There is no correlation to speak of: {why}.{breach}"
    if abs(rho) < WEAK:
        verdict = "error hardly tells realism"
    elif rho < 0:
        verdict = "what is nearer mostly looks more real, but not always" if rho > -0.8 else "what is nearer looks more real"
    else:
        verdict = "what is nearer looks *less* real"
    over = f"rank correlation of error and realism over what models made, {content['n'] * len(models):,} pictures"
    interval = " to ".join(_signed(correlations["models"][end]) for end in ("low", "high"))
    return f"**ρ = {_signed(rho)} ({interval})**: {over}. Here {verdict}.{_invertible(content)}{breach}"


def modelled(content: Mapping[str, Any]) -> list[int]:
    """Return the places of the sources that the models' correlation is over: those of models, but what rebuilds anything."""
    return [i for i, s in enumerate(content["sources"]) if s["kind"] == "model" and s["code"] != "invertible"]


def _invertible(content: Mapping[str, Any]) -> str:
    titles = [source["title"].partition(",")[0] for source in content["sources"] if source["code"] == "invertible"]
    return f" *{', '.join(titles)}* takes no part: it inverts its own map, so it rebuilds anything, noise too." if titles else ""


def number_text(value: float, kind: str) -> str:
    """Return a realism in words: a chance in per cent, a score, or a logit."""
    if kind == "judge":
        return f"{100 / (1 + math.exp(-value)):.0f} %"
    return f"{value:.2f}" if kind == "neighbours" else _signed(value)


def sweep(content: Mapping[str, Any], table: Mapping[str, Tensor], error: str, realism: str) -> dict[str, Any]:
    """Return the curves of a knob's sweep as a figure: one line a model, real pictures as a dot at error zero."""
    e, y = table[error].double().mean(1), heights(table[realism].double(), realism).median(1).values
    sources = content["sources"]
    lines = []
    for model, group in itertools.groupby(enumerate(sources), key=lambda entry: model_of(entry[1])):
        rows = [i for i, _ in group]
        colour = colours.COLOURS.get(model, ("#8a8f98",))[0]
        words = [_knob_words(sources[i]) for i in rows]
        lines.append(
            {
                "type": "scatter",
                "mode": "lines+markers+text",
                "name": sources[rows[0]]["title"].partition(",")[0],
                "x": [float(e[i]) for i in rows],
                "y": [float(y[i]) for i in rows],
                "text": words,
                "textposition": "bottom center" if model == "vae" else "top center",
                "marker": {"size": 10, "symbol": SYMBOLS.get(model, "star"), "color": colour},
                "line": {"color": colour},
                "hovertemplate": "%{text}<br>error %{x:.3f}<extra></extra>",
            }
        )
    low, high = float(y.min()), float(y.max())
    pad = 0.15 * (high - low) + 0.1
    axis = _y_axis(content, realism, low - pad, high + pad)
    return {
        "data": lines,
        "layout": {
            "height": 340,
            "margin": {"l": 64, "r": 16, "t": 8, "b": 44},
            "showlegend": True,
            "legend": {"orientation": "h", "y": 1.12},
            "xaxis": {"title": {"text": ERROR_LABELS[error]}, "range": [-0.05 * float(e.max()), 1.08 * float(e.max())]},
            "yaxis": {
                "title": {"text": axis["label"]},
                "range": axis["range"],
                "tickvals": [value for value, _ in axis["ticks"]],
                "ticktext": [text for _, text in axis["ticks"]],
            },
        },
    }


SYMBOLS = {"vae": "circle", "vae-gan": "diamond", "gan": "triangle-up", "autoencoder": "hexagon"}


def model_of(source: Mapping[str, Any]) -> str:
    """Return the model that made a source's pictures, "" if none did: a source is named by it and what tells it from others."""
    names = [name for name in colours.COLOURS if source["kind"] == "model" and source["name"].startswith(name)]
    return max(names, key=len, default="")


def _knob_words(source: Mapping[str, Any]) -> str:
    """Return what is turned in a source of a sweep."""
    words: str = source["title"].removesuffix(f", {source['code']}").partition(", ")[2]
    return (words or "real").removeprefix("adversarial ")


def _breach(content: Mapping[str, Any], table: Mapping[str, Tensor], error: str, realism: str) -> str:
    """Return the two sources that break the rule most: the one nearer to the original, and yet less real; like with like."""
    e, y = table[error].double().mean(1), heights(table[realism].double(), realism).median(1).values
    sources, models = content["sources"], modelled(content)
    edits = [i for i, source in enumerate(sources) if source["kind"] == "edit"]
    pairs = [
        (float((y[b] - y[a]) * (e[b] - e[a])), a, b)
        for rows in (models, edits)  # models first: edits are chosen by hand
        for a in rows
        for b in rows
        if e[a] < e[b] and y[a] < y[b] and (rows is edits or alike(sources[a], sources[b]))
    ]
    pairs = [pair for pair in pairs if pair[1] in models] or pairs
    if not pairs:
        return ""
    _, a, b = max(pairs)
    names = [sources[i]["title"] for i in (a, b)]
    raw = table[realism].double().median(1).values
    return (
        f" *{names[0]}* is nearer to the original than *{names[1]}* (error {float(e[a]):.2f} against {float(e[b]):.2f}) and looks "
        f"less real ({number_text(float(raw[a]), realism)} against {number_text(float(raw[b]), realism)})."
    )


def alike(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    """Return whether two models' sources compare: a code that was searched for with another such, one read off likewise."""
    return bool((a["code"] == "searched") == (b["code"] == "searched"))


def _range(y: Tensor) -> tuple[float, float]:
    """Return the ends of the axis: all but the outermost half per cent, which is drawn at the edge, and some air."""
    low, high = y.flatten().quantile(torch.tensor([0.005, 0.995], dtype=y.dtype, device=y.device)).tolist()
    air = 0.06 * (high - low) + 1e-6
    return low - air, high + air


def _x_axis(e: Tensor, error: str) -> dict[str, Any]:
    top = float(e.flatten().quantile(0.995)) * 1.06 + 1e-6
    return {"label": ERROR_LABELS[error], "range": [0.0, top], "ticks": _round_ticks(0.0, top)}


def _y_axis(content: Mapping[str, Any], realism: str, low: float, high: float) -> dict[str, Any]:
    if realism == "judge":
        ticks = [(math.log(p / (1 - p)), f"{100 * p:g} %") for p in ODDS]
        label = "realism: judged to be the real one, beside a typical real picture"
    elif realism == "neighbours":
        ticks = [(float(k), f"{2.0**k:g}") for k in range(-6, 12)]
        label = "realism score by neighbours: 1 is the edge of the real ones"
    else:
        ticks = [(value, text) for value, text in _round_ticks(low, high)]
        label = f"{content['measures'][realism]}: logit above real pictures"
    return {"label": label, "range": [low, high], "ticks": [(v, t) for v, t in ticks if low <= v <= high]}


def _round_ticks(low: float, high: float) -> list[tuple[float, str]]:
    step = 10 ** math.floor(math.log10(max(high - low, 1e-9) / 4))
    step *= next(k for k in (1, 2, 5, 10) if (high - low) / (k * step) <= 6)
    first = math.ceil(low / step)
    return [(k * step, f"{k * step:g}".replace("-", "−")) for k in range(first, math.floor(high / step) + 1)]


def _signed(value: float | None) -> str:
    return f"{value or 0.0:+.2f}".replace("-", "−")


def _floats(values: Tensor) -> str:
    return base64.b64encode(values.cpu().float().numpy().astype("<f4").tobytes()).decode()


def height(value: float, realism: str) -> float:
    """Return where one realism is drawn."""
    return float(heights(torch.tensor(value), realism))


def realism_words(value: float, realism: str) -> str:
    """Return one realism as it is told of a picture."""
    text = number_text(value, realism)
    if realism == "judge":
        return f"the judge gives it {text} to be real"
    return f"realism score {text}" if realism == "neighbours" else f"D says {text}, real pictures 0 on average"


def settled(content: Mapping[str, Any], error: str, realism: str) -> str:
    """Return what the rank correlations were measured on, and that over edits too."""
    rows = content["correlations"][f"{error} {realism}"]
    chance = f"the {content['n']} test pictures" + (" and the judges" if realism == "judge" else "")
    dots = content["n"] * len(content["sources"])
    pooled = f"over all {dots:,} dots, edits chosen by hand among them, {rho_text(rows['all'])}"
    return (
        f"ρ is Spearman's; {pooled}; the models' 95 % interval by resampling {chance}; in the list that of each source by itself."
    )


def measured(content: Mapping[str, Any], error: str, realism: str) -> str:
    """Return how all was measured, and how each model rebuilds."""
    how = "; ".join(f"{source['title']}: {source['how']}" for source in content["sources"] if source["kind"] == "model")
    by = {
        "judge": "Realism: the chance, to small nets, that of this and a typical real picture this is the real one: one half is as "
        "real as real pictures are. They learnt training pictures from what models here make and from random damage, all moved "
        f"by up to 2 px; each from a third of {content['judged']} test pictures as models rebuild them, and judges the others.",
        "neighbours": f"Realism: the score of Kynkäänniemi 2019 against {content['reference']:,} training pictures, k = 3, in the "
        f"{content['features']}; a copy of one of them leaves that one out.",
    }.get(realism, f"Realism: {content['measures'][realism]}, partial to itself: it was trained against one of these models alone.")
    codes = "Encoded: with the code that an encoder reads off; searched (outlined): with that of the nearest picture found."
    lines = "Shaded: as real as three in four real pictures. Dashed line: half the error of the training mean."
    return f"{by} {settled(content, error, realism)} {codes} {lines} {how}."
