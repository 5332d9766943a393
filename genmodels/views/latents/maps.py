"""The maps as data for the browser: one column a run, with one frame, or with the frames of a t-SNE."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from genmodels import datasets
from genmodels.runs import RunSpec
from genmodels.studies.latents.finding import Descent, LatentSpace, MapSummary, SmallMaps
from genmodels.studies.latents.study import N_EXAMPLES
from genmodels.views import tiles
from genmodels.views.latents.methods import ITERATED, Method
from genmodels.views.latents.scene import CPU, LIGHT, box, bytes_text, sheet
from genmodels.views.latents.words import dimensions, facts, what


def blank(spec: RunSpec) -> dict[str, Any]:
    """Return the column before anything of it exists."""
    kind = spec.kind
    head = {"model": kind.name, "title": kind.title, "key": spec.key}
    return head | {"what": "", "frames": [], "marks": [], "axes": [], "facts": [], "strip": "", "priorSprite": "", "stripNote": ""}


def column(
    spec: RunSpec,
    method: Method,
    with_prior: bool,
    picks: Sequence[int],
    latents: LatentSpace | None,
    descent: Descent | None = None,
    summary: MapSummary | None = None,
) -> dict[str, Any]:
    """Return the column with as much as exists: `descent` alone is of a t-SNE that still iterates."""
    payload = blank(spec) | {"what": what(spec, latents, method)}
    if descent is not None and method in ITERATED:
        payload |= _iterated(spec, with_prior, latents, descent, summary)
    if latents is None:
        return payload
    if method not in ITERATED:
        payload |= _flat(spec, latents, method, with_prior)
    return payload | _strip(spec, latents, picks) | {"facts": facts(spec, latents, summary, method)}


def seeds(spec: RunSpec, finding: SmallMaps) -> list[dict[str, Any]]:
    """Return one small column for each map of the honesty panel."""
    columns = []
    for one in finding.maps:
        title = f"perplexity {one.perplexity:.3g}, start {one.seed}"
        note = f"KL {one.divergence:.2f} nats, neighbours kept {one.neighbours_kept:.0%}"
        frame = {"y": tiles.points_text(one.y.double(), *box(one.y))}
        columns.append(blank(spec) | {"title": title, "what": note, "state": "finished", "frames": [frame], "marks": [0]})
    return columns


def _iterated(
    spec: RunSpec, with_prior: bool, latents: LatentSpace | None, descent: Descent, summary: MapSummary | None
) -> dict[str, Any]:
    """Return all frames of a t-SNE that has ended, or the newest of one that iterates."""
    if summary is None:
        y = descent.frames[-1]
        return {"frames": [_frame(y[: descent.n], None, y)], "marks": [descent.iterations[-1]]}
    payload = _replay(descent, summary, with_prior)
    x = summary.samples if summary.samples is not None else latents.prior.x_hat if latents and latents.prior else None
    return payload | ({"priorSprite": sheet(x)} if with_prior and x is not None and spec.source.is_image else {})


@lru_cache(maxsize=32)
def _replay(descent: Descent, summary: MapSummary, with_prior: bool) -> dict[str, Any]:
    frames, last = [], len(descent.frames) - 1
    for index, y in enumerate(descent.frames):
        placed = summary.prior if with_prior and index == last else None
        prior = y[descent.n :] if len(y) > descent.n else placed  # in a joint map the samples move too
        frames.append(_frame(y[: descent.n], prior))
    return {"frames": frames, "marks": descent.iterations, "axes": []}


def _frame(y: Tensor, prior: Tensor | None, extent: Tensor | None = None) -> dict[str, str]:
    """Return dots y (N, 2) and crosses (P, 2) in one box, around both or around `extent`."""
    corners = box(extent if extent is not None else y if prior is None else torch.cat([y.double(), prior.double()]))
    frame = {"y": tiles.points_text(y.double(), *corners)}
    return frame if prior is None else frame | {"prior": tiles.points_text(prior.double(), *corners)}


@dataclass(frozen=True)
class _Layout:
    """A map that needs no iteration."""

    y: Tensor  # (N, 2)
    prior: Tensor | None  # (P, 2)
    axes: list[str]
    labels: Tensor | None = None  # (N,) instead of the examples' classes


@lru_cache(maxsize=16)
def _flat(spec: RunSpec, latents: LatentSpace, method: Method, with_prior: bool) -> dict[str, Any]:
    """Return the single frame of a map that needs no iteration."""
    layout = _principal(latents) if method == "PCA" else _unchanged(spec, latents)
    if layout is None:
        return {"state": "none", "message": f"{dimensions(latents)}: as it is, only one or two can be drawn."}
    prior = layout.prior.double() if layout.prior is not None and with_prior else None
    low, high = box(layout.y if prior is None else torch.cat([layout.y.double(), prior]))
    ends = [f"{float(end):.2g}" for pair in zip(low, high, strict=True) for end in pair]
    payload: dict[str, Any] = {"frames": [_frame(layout.y, prior)], "marks": [0], "axes": layout.axes, "range": ends}
    if layout.labels is not None:
        payload["labels"] = bytes_text(layout.labels % len(LIGHT))
    if prior is not None and latents.prior:
        payload["priorSprite"] = sheet(latents.prior.x_hat) if spec.source.is_image else ""
    return payload


def _principal(latents: LatentSpace) -> _Layout:
    axes = [f"axis {i + 1} ({share:.0%} of the variance)" for i, share in enumerate(latents.variance)]
    return _Layout(latents.test.axes, latents.prior.axes if latents.prior else None, axes)


def _unchanged(spec: RunSpec, latents: LatentSpace) -> _Layout | None:
    """Return codes of one or two dimensions, or a mixture's points by their likeliest components; None for more dimensions."""
    z, prior = latents.test.z, latents.prior
    if spec.kind.family == "mixture" and not spec.source.is_image:
        k = spec.settings.n_components  # type: ignore[attr-defined]
        points = datasets.load(spec.dataset, CPU).test[: len(z)]
        return _Layout(points, prior.x_hat if prior else None, ["x₁", "x₂"], z[:, :k].argmax(1))
    if latents.dimensions == 2:
        return _Layout(z, prior.z if prior else None, ["z₁", "z₂"])
    if latents.dimensions == 1:
        return _Layout(_raised(z), _raised(prior.z) if prior else None, ["z", "height: chance"])
    return None


def _raised(z: Tensor) -> Tensor:
    """Return codes of one dimension (N, 1) at random heights (N, 2), so that they do not hide one another."""
    heights = torch.rand(len(z), 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    z = z.double()
    spread = float(z.max() - z.min()) or 1.0
    return torch.cat([z, heights * 0.3 * spread], 1)


def _strip(spec: RunSpec, latents: LatentSpace, picks: Sequence[int]) -> dict[str, str]:
    """Return the model's reconstructions of the picked examples."""
    note = spec.kind.reconstruct_note if hasattr(spec.kind, "reconstruct") else "decoded from the noise that was found"
    if not picks:
        return {"strip": "", "stripNote": note}
    x_hat = latents.test.x_hat[list(picks)]
    if spec.source.is_image:
        return {"strip": tiles.images_url(x_hat), "stripNote": note}
    data = datasets.load(spec.dataset, CPU)
    return {"strip": tiles.points_text(x_hat.double(), *box(data.test[:N_EXAMPLES])), "stripNote": note}
