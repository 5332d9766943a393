"""The page Ring as data: the cloud of z, where the models take it, and the likelihoods as rows of a table."""

from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from genmodels.runs import Run
from genmodels.store import Recording
from genmodels.studies.ring import ALONG, grid
from genmodels.views import tiles

SPAN = 4.5  # points are packed in a square of this half side; a cloud of 1,000 standard normals lies within
DASH = "—"


@lru_cache(maxsize=16)
def scene(finding: Recording, runs: tuple[Run, Run, Run]) -> dict[str, Any]:
    """Return all that the panels and the table show, for the finding of the runs of mixture, VAE and GAN."""
    maps, told = finding.tensors("maps.safetensors"), finding.json("ring.json")
    gmm, vae, gan = runs
    longest = max((vae, gan), key=lambda run: run.spec.steps)
    k = int(gmm.spec.settings.model_dump()["n_components"])
    return {
        "span": SPAN,
        "stamp": finding.key,
        "z": _packed(maps["z"]),
        "grid": _packed(grid().flatten(0, 1)),
        "along": ALONG,
        "shares": [mark / longest.spec.steps for mark in longest.status()["marks"]],
        "panels": [
            {
                "title": f"{k} Gaussians" if k > 1 else "One Gaussian",
                "model": "gmm",
                "note": "μₖ + Lₖx: each component a copy of the whole cloud."
                if k > 1
                else "μ + Lx: a straight map keeps a Gaussian.",
                "clouds": [_packed(maps["gmm"])],
                "grid": None,
                "ellipses": _ellipses(maps["gmm.means"], maps["gmm.covariances"]),
            },
            _net(vae, "VAE", "samples; lines: the decoder's mean of the grid.", maps),
            _net(gan, "GAN", "samples and grid: the generator's.", maps),
        ],
        "rows": rows(told, k),
        "caption": f"Log-likelihood of {told['n_test']:,} held-out points, nats per point; what it lacks estimates D[p ‖ model]",
        "note": note(told, vae, gan),
    }


def rows(told: dict[str, Any], k: int) -> list[dict[str, Any]]:
    """Return the table: name, value, gap to the true density in nats (None where unknown) and in words."""
    score = told["scores"]
    lines: list[tuple[str, str | None, float | None, float, bool]] = [
        ("one Gaussian, on x", None, score["gaussian_x"], score["true_x"], False),
        ("one Gaussian, on y", "gmm", score["gaussian"], score["true"], False),
        (f"{k} Gaussians by EM, on y" if k > 1 else "1 Gaussian by EM, on y", "gmm", score["gmm"], score["true"], False),
        ("VAE, on y", "vae", score["vae"], score["true"], True),
        ("GAN, on y", "gan", None, score["true"], False),
        ("true density of y", None, score["true"], score["true"], False),
    ]
    return [_row(*line) for line in lines]


def shortfall(told: dict[str, Any], model: str) -> float:
    """Return by how many nats per held-out point a model of y, or `gaussian_x` of x, falls short of the truth."""
    score = told["scores"]
    return float(score["true_x" if model == "gaussian_x" else "true"] - score[model])


def note(told: dict[str, Any], vae: Run, gan: Run) -> str:
    """Return what the numbers were measured on, and what the GAN has instead of a likelihood."""
    off = told["radius"]
    trained = (
        f"VAE {vae.spec.steps:,} updates, {vae.status()['seconds']:.0f} s; GAN {gan.spec.steps:,}, {gan.status()['seconds']:.0f} s"
    )
    return (
        f"VAE: bound of {told['codes']:,} codes a point. A GAN has no likelihood. "
        f"Mean distance in ‖y‖ of samples from held-out points: training points {off['true']:.4f}, "
        f"mixture {off['gmm']:.4f}, GAN {off['gan']:.4f}, VAE {off['vae']:.4f}, "
        f"one Gaussian {off['gaussian']:.2f}. Trained on {told['n_train']:,} points: {trained}."
    )


def _row(name: str, model: str | None, value: float | None, truth: float, bound: bool) -> dict[str, Any]:
    if value is None:
        return {"name": name, "model": model, "value": DASH, "gap": None, "words": "unknown to it"}
    text = ("≥ " if bound else "") + f"{value:.3f}".replace("-", "−")
    gap = truth - value
    words = "" if value == truth else ("at most " if bound else "") + f"{gap:.3f} short".replace("-", "−")
    return {"name": name, "model": model, "value": text, "gap": None if value == truth else max(gap, 0.0), "words": words}


def _net(run: Run, title: str, text: str, maps: dict[str, Tensor]) -> dict[str, Any]:
    name, clouds = run.spec.model, maps[f"{run.spec.model}.clouds"]
    return {
        "title": title,
        "model": run.spec.model,
        "note": text,
        "clouds": [_packed(cloud) for cloud in clouds],
        "grid": _packed(maps[f"{name}.grid"].flatten(0, 1)),
        "marks": run.status()["marks"][-len(clouds) :],
        "steps": run.spec.steps,
    }


def _packed(x: Tensor) -> str:
    corner = torch.tensor([SPAN, SPAN])
    return tiles.points_text(x.float(), -corner, corner)


def _ellipses(means: Tensor, covariances: Tensor) -> list[list[float]]:
    """Return mu and L, Sigma = L L^T, of each component as mx, my, l11, l21, l22."""
    lower = torch.linalg.cholesky(covariances)
    numbers = torch.stack([means[:, 0], means[:, 1], lower[:, 0, 0], lower[:, 1, 0], lower[:, 1, 1]], 1)
    return [[float(f"{v:.5g}") for v in row] for row in numbers.tolist()]
