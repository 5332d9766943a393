"""The page Ring as data: z, its image under each model, and the likelihoods as rows of a table."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from genmodels.runs import Run
from genmodels.studies.ring import POINTS_PER_LINE, LogLikelihoods, NetMap, RingFinding, grid
from genmodels.views import tiles

SPAN = 4.5  # half side of the square in which points are packed; 1,000 standard normal points lie within
DASH = "—"
NOTES = {"gmm": "samples of EM so far", "vae": "samples so far", "gan": "samples so far"}


@lru_cache(maxsize=16)
def scene(finding: RingFinding, runs: tuple[Run, Run, Run]) -> dict[str, Any]:
    """Return the payload of the panels and the table, for the runs of mixture, VAE and GAN."""
    gmm, vae, gan = runs
    longest = max((vae, gan), key=lambda run: run.spec.steps)
    k = int(gmm.spec.settings.model_dump()["n_components"])
    return {
        "span": SPAN,
        "stamp": " ".join(run.spec.key for run in runs),
        "z": _packed(finding.z),
        "grid": _packed(grid().flatten(0, 1)),
        "along": POINTS_PER_LINE,
        "shares": [step / longest.spec.steps for step in longest.status().snapshot_steps],
        "panels": [
            {
                "title": _mixture_title(gmm),
                "model": "gmm",
                "note": "μₖ + Lₖx: each component a copy of the whole cloud."
                if k > 1
                else "μ + Lx: a straight map keeps a Gaussian.",
                "clouds": [_packed(finding.mixture.image)],
                "grid": None,
                "ellipses": _ellipses(finding.mixture.means, finding.mixture.covariances),
            },
            _net(vae, finding.vae, "VAE", "samples; lines: the decoder's mean of the grid."),
            _net(gan, finding.gan, "GAN", "samples and grid: the generator's."),
        ],
        "rows": rows(finding.log_likelihoods, k),
        "caption": f"Log-likelihood of {finding.n_test:,} held-out points, nats per point; what it lacks estimates D[p ‖ model]",
        "note": note(finding, vae, gan),
    }


def following(scene: Mapping[str, Any], growing: Sequence[tuple[Run | None, bool]]) -> dict[str, Any]:
    """Return the payload while the next is made, given each panel's next run as far as it is there, and whether it is another.

    A panel whose run is another is marked as old until it shows that run as it grows.
    """
    panels = [
        panel if not is_other else _growing(panel, run) if run else {**panel, "isOld": True}
        for panel, (run, is_other) in zip(scene["panels"], growing, strict=True)
    ]
    steps = " ".join(f"{panel.get('step', '')}{'old' * panel.get('isOld', False)}" for panel in panels)
    return {**scene, "panels": panels, "isOld": True, "stamp": f"{scene['stamp']}, then {steps}"}


def _growing(panel: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Return the panel of a run in training, or not measured yet: its latest samples."""
    status = run.status()
    newest = run.snapshot(len(status.snapshot_steps) - 1)["samples"]
    words = {"title": _mixture_title(run)} if run.spec.model == "gmm" else {}
    words["note"] = f"{NOTES[run.spec.model]}: step {status.snapshot_steps[-1]:,} of {run.spec.steps:,}."
    return {**panel, "clouds": [_packed(newest)], "grid": None, "ellipses": None, "marks": None, "step": status.step} | words


def _mixture_title(gmm: Run) -> str:
    k = int(gmm.spec.settings.model_dump()["n_components"])
    return f"{k} Gaussians" if k > 1 else "One Gaussian"


def rows(nats: LogLikelihoods, k: int) -> list[dict[str, Any]]:
    """Return the table: name, value, shortfall from the true density in nats (None where unknown) and in words."""
    lines: list[tuple[str, str | None, float | None, float, bool]] = [
        ("one Gaussian, on x", None, nats.gaussian_x, nats.true_x, False),
        ("one Gaussian, on y", "gmm", nats.gaussian, nats.true, False),
        (f"{k} Gaussians by EM, on y" if k > 1 else "1 Gaussian by EM, on y", "gmm", nats.gmm, nats.true, False),
        ("VAE, on y", "vae", nats.vae, nats.true, True),
        ("GAN, on y", "gan", None, nats.true, False),
        ("true density of y", None, nats.true, nats.true, False),
    ]
    return [_row(*line) for line in lines]


def numbers(finding: RingFinding, k: int) -> list[tuple[str, str, str]]:
    """Return name, value and note of the shortfalls that settle the page's question."""
    nats = finding.log_likelihoods
    on = f"{finding.n_test:,} held-out points: the true log density less the model's."
    bound = f"{on} A bound of {finding.codes:,} codes: at most this."
    return [
        ("Gaussian on x lacks", f"{nats.shortfall_x():.3f} nats", on),
        ("Gaussian on y lacks", f"{nats.shortfall('gaussian'):.2f} nats", on),
        (f"Mixture of {k} lacks", f"{nats.shortfall('gmm'):.2f} nats", on),
        ("VAE lacks at most", f"{nats.shortfall('vae'):.2f} nats", bound),
    ]


def note(finding: RingFinding, vae: Run, gan: Run) -> str:
    """Return how the numbers were measured, and what a GAN has instead of a likelihood."""
    distance = finding.radius_distances
    training = f"VAE {vae.spec.steps:,} updates, {vae.status().seconds:.0f} s; GAN {gan.spec.steps:,}, {gan.status().seconds:.0f} s"
    return (
        f"VAE: bound of {finding.codes:,} codes a point. A GAN has no likelihood. "
        f"Mean distance in ‖y‖ of samples from held-out points: training points {distance['true']:.4f}, "
        f"mixture {distance['gmm']:.4f}, GAN {distance['gan']:.4f}, VAE {distance['vae']:.4f}, "
        f"one Gaussian {distance['gaussian']:.2f}. Trained on {finding.n_train:,} points: {training}."
    )


def _row(name: str, model: str | None, value: float | None, truth: float, bound: bool) -> dict[str, Any]:
    if value is None:
        return {"name": name, "model": model, "value": DASH, "gap": None, "words": "unknown to it"}
    text = ("≥ " if bound else "") + f"{value:.3f}".replace("-", "−")
    gap = truth - value
    words = "" if value == truth else ("at most " if bound else "") + f"{gap:.3f} short".replace("-", "−")
    return {"name": name, "model": model, "value": text, "gap": None if value == truth else max(gap, 0.0), "words": words}


def _net(run: Run, net: NetMap, title: str, text: str) -> dict[str, Any]:
    return {
        "title": title,
        "model": run.spec.model,
        "note": text,
        "clouds": [_packed(points) for points in net.samples],
        "grid": _packed(net.grid.flatten(0, 1)),
        "marks": run.status().snapshot_steps[-len(net.samples) :],
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
