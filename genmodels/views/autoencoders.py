"""The page Autoencoder to VAE as data: both planes of codes as a payload, and the Fréchet ratios."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch

from genmodels import datasets
from genmodels.studies.autoencoders import PlaneFinding, SamplersFinding
from genmodels.studies.autoencoders.finding import ModelPlane, Ratio
from genmodels.studies.autoencoders.samplers import COMPONENTS, SAMPLERS
from genmodels.studies.autoencoders.study import N_ELLIPSES, N_SAMPLES
from genmodels.views import tiles
from genmodels.views.likelihood import tiny

TITLES = {"autoencoder": "Autoencoder", "vae": "VAE"}
NOTES = (
    "z ~ N(0, I)",
    "z of one Gaussian fitted to codes of training pictures",
    f"z of {COMPONENTS} Gaussians fitted to codes of training pictures",
    "z of training pictures",
)


@lru_cache(maxsize=16)
def scene(finding: PlaneFinding, dataset: str, sampler: int) -> dict[str, Any]:
    """Return the payload of both planes: codes, ellipses, the sheet of decodes, samples of one sampler."""
    source = datasets.source(dataset)
    mark = "Figures" if source.classes else "Dots"
    legend = f"{mark}: codes of test pictures; ellipses: Q(z|X) of some. Crosses: new codes, decoded beside. "
    legend += "Dashed: one and two deviations of N(0, I)."
    return {
        "planes": [_plane(name, finding, sampler) for name in TITLES],
        "shape": list(source.shape),
        "ink": source.ink,
        "classes": list(source.classes),
        "legend": legend,
    }


def _plane(name: str, finding: PlaneFinding, sampler: int) -> dict[str, Any]:
    plane: ModelPlane = getattr(finding, name)
    centre, half, samples = torch.tensor(plane.centre), plane.half, plane.samples[sampler]
    low, high = centre - half, centre + half
    unit, radii = ((plane.codes - low) / (2 * half))[:N_ELLIPSES], plane.deviations / (2 * half)
    is_vae = name == "vae"
    return {
        "name": name,
        "title": TITLES[name],
        "note": _note(plane, finding),
        "low": low.tolist(),
        "high": high.tolist(),
        "across": plane.across,
        "sheet": tiles.png_url(tiles.tile(plane.sheet, plane.across)),
        "codes": tiles.points_text(plane.codes, low, high),
        "labels": plane.labels.tolist() if plane.labels is not None else None,
        "ellipses": torch.cat([unit, radii], 1).mul(1e4).round().div(1e4).tolist() if is_vae else [],
        "sigma": plane.sigma or 0,
        "decoded": "the decoder's mean μ(z)" if is_vae else "d(z)",
        "noisy": "a sample of p(X|z), with the noise σ",
        "samples": {
            "pictures": tiles.images_url(samples.pictures),
            "codes": tiles.points_text(samples.codes, low, high),
            "n": N_SAMPLES,
            "note": NOTES[sampler],
        },
    }


def _note(plane: ModelPlane, finding: PlaneFinding) -> str:
    note = f"E‖x − x̂‖² = {plane.error:.2f}"
    if plane.kl is not None:
        note += f", D = {plane.kl:.1f} nats · β = {finding.beta:g} at σ = {finding.sigma:.2f}"
        note += f", or 1 at {finding.sigma * math.sqrt(finding.beta):.2f}" if finding.beta != 1 else ""
    return note


def numbers(finding: PlaneFinding) -> list[tuple[str, str, str]]:
    """Return name, value and note of three samplers' Fréchet ratios."""
    ratios = {
        "AE, Gaussian on its codes": finding.autoencoder.ratios[1],
        "VAE, N(0, I)": finding.vae.ratios[0],
        "VAE, mixture on its codes": finding.vae.ratios[2],
    }
    return [(f"Fréchet: {words}", span(ratio), ratio_note(finding)) for words, ratio in ratios.items()]


def ratio_note(finding: PlaneFinding) -> str:
    """Return what a Fréchet ratio is here."""
    return f"Fréchet ratio of samples to held-out pictures; other real ones read 1. By the {finding.features}."


def units_words(finding: PlaneFinding) -> list[str]:
    """Return why beta and sigma are one knob and, unless beta is 1, how little the VAEs trained in both units differ."""
    sigma, beta = finding.sigma, finding.beta
    words = [
        rf"$\frac{{\lVert x-\mu(z)\rVert^2}}{{2\sigma^2}}+\beta\,D=\beta"
        rf"\left(\frac{{\lVert x-\mu(z)\rVert^2}}{{2\,\beta\sigma^2}}+D\right)$, $D=D[Q\Vert P(z)]$: the weight $\beta={beta:g}$ "
        rf"at the decoder's $\sigma={sigma:.3f}$ has the optimum of $\beta=1$ at $\sigma\sqrt\beta={sigma * math.sqrt(beta):.3f}$."
    ]
    if beta != 1:
        words.append(
            "Trained in either unit from the same seed, the two VAEs' reconstructions of test pictures differ by "
            f"{tiny(finding.unit_difference)} of the grey scale (root mean square)."
        )
    return words


def table(plane: PlaneFinding, longer: SamplersFinding) -> str:
    """Return the Fréchet ratio of every sampler as Markdown: with two numbers in the code, and with as many as preset."""
    columns: list[Sequence[Ratio]] = [plane.autoencoder.ratios, plane.vae.ratios, longer.autoencoder, longer.vae]
    n = longer.latent_dim
    heads = ["AE, 2 numbers", f"VAE, 2 numbers, β = {plane.beta:g}", f"AE, {n} numbers", f"VAE, {n} numbers"]
    rows = [["codes drawn from", *heads], ["--", *["--:"] * 4]]
    for i, sampler in enumerate(SAMPLERS):
        rows.append([sampler, *(span(column[i]) for column in columns)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def span(ratio: Ratio) -> str:
    """Return the mean and half the range."""
    return f"{ratio.mean:.1f} ± {(ratio.most - ratio.least) / 2:.1f}"
