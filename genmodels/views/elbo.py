"""The ELBO's identity as bars that end at one level, and one-sample gradients as histograms around the exact one."""

from typing import Any

import torch

from genmodels.studies.likelihood import GradientsFinding, IdentityFinding
from genmodels.studies.likelihood.identity import Terms
from genmodels.views.likelihood import EXACT, PRIOR, Q, minus, nats, tiny

TERMS = (
    ("log_px", "log P(X)", Q),
    ("gap", "D[Q‖P(z|X)]", PRIOR),
    ("reconstruction", "E log P(X|z)", Q),
    ("kl", "D[Q‖P(z)]", PRIOR),
)
GRADIENTS = {
    "reparameterised": ("z = μ + σε", Q),
    "score with baseline": ("score, less its mean", PRIOR),
    "score": ("score alone", EXACT),
}


def identity_bars(terms: Terms, when: str) -> dict[str, Any]:
    """Return both sides of the identity as bars that end at one level, the ELBO."""
    labels = [("− " if key in ("gap", "kl") else "") + label for key, label, _ in TERMS]
    lengths = [terms.log_px, -terms.gap, terms.reconstruction, -terms.kl]
    bottoms = [0.0, terms.log_px, 0.0, terms.reconstruction]
    colours, level = [colour for _, _, colour in TERMS], terms.elbo
    texts = [minus(f"{length:+.2f}") for length in lengths]
    bars = {"type": "bar", "x": labels, "y": lengths, "base": bottoms, "marker": {"color": colours}, "text": texts}
    title = {"text": f"{when} training: both sides end at the ELBO, {minus(f'{level:.2f}')} nats", "showarrow": False}
    line = {"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": level, "y1": level, "line": {"color": EXACT, "dash": "dash"}}
    layout = {
        "height": 320,
        "margin": {"t": 30, "b": 30, "l": 56, "r": 8},
        "showlegend": False,
        "annotations": [title | {"x": 0, "xref": "paper", "xanchor": "left", "y": 1.03, "yref": "paper", "yanchor": "bottom"}],
        "shapes": [line],
        "xaxis": {"fixedrange": True},
        "yaxis": {"title": "nats", "fixedrange": True, "zeroline": True},
    }
    return {"data": [bars | {"textposition": "auto", "hoverinfo": "x+text", "cliponaxis": False}], "layout": layout}


def states(finding: IdentityFinding) -> dict[str, Terms]:
    """Return the terms by the word for the time."""
    return {"before": finding.before, "after": finding.after}


def identity_table(finding: IdentityFinding) -> str:
    """Return the four terms and their error together, as Markdown."""
    head = [
        "nats",
        "$\\log P(X)$",
        "$-\\,D[Q\\Vert P(z\\vert X)]$",
        "$=\\ E[\\log P(X\\vert z)]$",
        "$-\\,D[Q\\Vert P(z)]$",
        "left less right",
    ]
    rows = [head, ["--", *["--:"] * 5]]
    for when, terms in states(finding).items():
        values = [minus(f"{getattr(terms, key):.4f}") for key, _, _ in TERMS]
        rows.append([f"{when} training", *values, tiny(abs(terms.remainder))])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def identity_numbers(finding: IdentityFinding) -> list[tuple[str, str, str]]:
    """Return name, value and note of the larger remainder, and of the gap before and after training."""
    note = (
        "The larger of the two, of a VAE of two latent dimensions: log P(X) and D[Q‖P(z|X)] by grids over the plane of z, "
        "E by Gauss-Hermite nodes, D[Q‖P(z)] in closed form."
    )
    worst = max(abs(terms.remainder) for terms in states(finding).values())
    gaps = [
        (f"D[Q‖P(z|X)] {when} training", nats(terms.gap), "What the ELBO lacks of log P(X).")
        for when, terms in states(finding).items()
    ]
    return [("Left side less right", f"{tiny(worst)} nats", note), *gaps]


def identity_words(finding: IdentityFinding) -> str:
    """Return how training changed both terms of the left side."""
    rise, nearer = finding.after.log_px - finding.before.log_px, finding.before.gap - finding.after.gap
    return (
        f"Training moved $\\log P(X)$ by {minus(f'{rise:+.1f}')} nats and took $Q$ {abs(nearer):.1f} nats "
        f"{'nearer to' if nearer > 0 else 'further from'} the true posterior: together the ELBO's {minus(f'{rise + nearer:+.1f}')}."
    )


def gradient_numbers(finding: GradientsFinding) -> list[tuple[str, str, str]]:
    """Return name, value and note of the exact gradient, of each method of one-sample gradients, and of their ratio."""
    note = (
        f"Mean ± standard deviation of {finding.draws:,} one-sample gradients in μ₁, where μ is one deviation beside the best in "
        "every dimension."
    )
    numbers = [("Exact", minus(f"{finding.exact:.2f}"), "∂ELBO/∂μ₁ in closed form.")]
    for method, (words, _) in GRADIENTS.items():
        sample = finding.samples[method]
        numbers.append((words, minus(f"{sample.mean:.2f} ± {sample.deviation:.1f}"), note))
    ratio = (finding.samples["score with baseline"].deviation / finding.samples["reparameterised"].deviation) ** 2
    return [*numbers, ("Codes that one is worth", f"{ratio:.0f}", "Score-function draws, less their mean, for one of z = μ + σε.")]


def gradient_histograms(finding: GradientsFinding, bins: int = 121) -> dict[str, Any]:
    """Return histograms of one-sample gradients by each method around the exact one, over three deviations of the score's."""
    exact, reach = finding.exact, 3 * finding.samples["score with baseline"].deviation
    edges = torch.linspace(exact - reach, exact + reach, bins + 1, dtype=torch.float64)
    middles = ((edges[1:] + edges[:-1]) / 2).tolist()
    data: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"height": 330, "margin": {"t": 6, "b": 42, "l": 16, "r": 16}, "showlegend": False, "bargap": 0}
    layout |= {"annotations": [], "shapes": []}
    for i, (method, (words, colour)) in enumerate(GRADIENTS.items()):
        sample = finding.samples[method]
        values = sample.first.double()
        counts = torch.histogram(values.cpu(), edges).hist.tolist()
        data.append({"type": "bar", "x": middles, "y": counts, "marker": {"color": colour}, "yaxis": f"y{i + 1}", "name": words})
        top = 1 - 0.345 * i
        axis = {"domain": [top - 0.3, top - 0.1], "visible": False, "fixedrange": True, "anchor": "x"}
        layout[f"yaxis{i + 1}"] = axis
        outside = float(((values - exact).abs() > reach).double().mean())
        text = f"{words}: deviation {sample.deviation:.1f}" + (f", {outside:.0%} outside" if outside >= 0.005 else "")
        note = {"text": text, "x": 0, "xref": "paper", "xanchor": "left", "y": top, "yref": "paper", "yanchor": "top"}
        layout["annotations"].append(note | {"showarrow": False, "font": {"color": colour, "size": 15}})
    line = {"type": "line", "x0": exact, "x1": exact, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": EXACT, "dash": "dash"}}
    layout["shapes"].append(line)
    layout["xaxis"] = {"title": "∂ELBO/∂μ₁ from one code; dashed: exact", "anchor": f"y{len(GRADIENTS)}", "fixedrange": True}
    return {"data": data, "layout": layout}
