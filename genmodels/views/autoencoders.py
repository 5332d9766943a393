"""The page Autoencoder to VAE as data: both planes of codes for the browser, the table of Fréchet ratios."""

import math
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets
from genmodels.store import Recording
from genmodels.studies.autoencoders import COMPONENTS, ELLIPSES, SAMPLERS, SHOWN
from genmodels.views import tiles

TITLES = {"autoencoder": "Autoencoder", "vae": "VAE"}
NOTES = (
    "z ~ N(0, I)",
    "z of one Gaussian fitted to codes of training pictures",
    f"z of {COMPONENTS} Gaussians fitted to codes of training pictures",
    "z of training pictures",
)


@lru_cache(maxsize=16)
def scene(finding: Recording, dataset: str, sampler: int) -> dict[str, Any]:
    """Return both planes as the browser draws them: codes, ellipses, the sheet of decodes, samples of one sampler."""
    source, facts = datasets.source(dataset), finding.json("facts.json")
    planes = [_plane(name, facts, finding.tensors(f"{name}.safetensors"), sampler) for name in TITLES]
    marks = "Figures" if source.classes else "Dots"
    legend = f"{marks}: codes of test pictures; ellipses: Q(z|X) of some. Crosses: new codes, decoded beside. "
    legend += "Dashed: one and two deviations of N(0, I)."
    return {
        "planes": planes,
        "shape": list(source.shape),
        "ink": source.ink,
        "classes": list(source.classes),
        "legend": legend,
    }


def _plane(name: str, facts: dict[str, Any], found: dict[str, Tensor], sampler: int) -> dict[str, Any]:
    own = facts[name]
    centre, half = torch.tensor(own["centre"]), own["half"]
    low, high = centre - half, centre + half
    unit, radii = ((found["codes"] - low) / (2 * half))[:ELLIPSES], found["deviations"] / (2 * half)
    is_vae = name == "vae"
    note = f"E‖x − x̂‖² = {own['error']:.2f}"
    if is_vae:
        note += f", D = {own['kl']:.1f} nats · β = {facts['beta']:g} at σ = {facts['sigma']:.2f}"
        note += f", or 1 at {facts['sigma'] * math.sqrt(facts['beta']):.2f}" if facts["beta"] != 1 else ""
    return {
        "name": name,
        "title": TITLES[name],
        "note": note,
        "low": low.tolist(),
        "high": high.tolist(),
        "across": own["across"],
        "sheet": tiles.png_url(tiles.tile(found["sheet"], own["across"])),
        "codes": tiles.points_text(found["codes"], low, high),
        "labels": found["labels"].tolist() if "labels" in found else None,
        "ellipses": torch.cat([unit, radii], 1).mul(1e4).round().div(1e4).tolist() if is_vae else [],
        "sigma": own["sigma"] if is_vae else 0,
        "decoded": "the decoder's mean μ(z)" if is_vae else "d(z)",
        "noisy": "a sample of p(X|z), with the noise σ",
        "samples": {
            "pictures": tiles.images_url(found[f"samples.{sampler}"]),
            "codes": tiles.points_text(found[f"samples.{sampler}.codes"], low, high),
            "n": SHOWN,
            "note": NOTES[sampler],
        },
    }


def table(plane: dict[str, Any], longer: dict[str, Any]) -> str:
    """Return the Fréchet ratio of every sampler as Markdown: two numbers in the code, and as many as preset."""
    columns = [plane["autoencoder"]["frechet"], plane["vae"]["frechet"], longer["frechet"]["autoencoder"], longer["frechet"]["vae"]]
    n = longer["dim"]
    heads = ["AE, 2 numbers", f"VAE, 2 numbers, β = {plane['beta']:g}", f"AE, {n} numbers", f"VAE, {n} numbers"]
    rows = [["codes drawn from", *heads], ["--", *["--:"] * 4]]
    for i, sampler in enumerate(SAMPLERS):
        rows.append([sampler, *(span(column[i]) for column in columns)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def span(found: dict[str, float]) -> str:
    """Return a mean with half the range of the draws it is of."""
    return f"{found['mean']:.1f} ± {(found['most'] - found['least']) / 2:.1f}"
