"""The latent space as data for the browser: one scene that all maps share, and one column a run."""

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import torch
from torch import Tensor

from genmodels import datasets
from genmodels.datasets.parts.pictures import to_bytes
from genmodels.models.base import Samples
from genmodels.runs import RunSpec
from genmodels.store import Recording
from genmodels.studies.latents.codes import code_words, has_codes, prior_words
from genmodels.studies.latents.study import N_EXAMPLES
from genmodels.views import tiles

Method = Literal["t-SNE", "PCA", "as it is", "with samples"]
METHODS: tuple[Method, ...] = ("t-SNE", "PCA", "as it is", "with samples")
DASH = "—"
SPRITE_COLUMNS = 40
MARGIN = 0.05  # of a map's extent, around its dots
CPU = torch.device("cpu")
# Ten colours that stay apart for colour-blind eyes: Petroff's (2021), moved until they did, and lightened for a dark page.
LIGHT = ("#3f90da", "#e8930c", "#b6150a", "#828d89", "#832db6", "#a96b59", "#db5d00", "#a09550", "#4f4f5b", "#5fb7be")
DARK = ("#5baeec", "#ffb933", "#f0604d", "#abb7b9", "#b16def", "#cf9c8d", "#fe893c", "#d6cd8a", "#8d809e", "#a6efe6")


def usual_method(dataset: str) -> Method:
    """Return the map that a page opens with: points live in the plane already."""
    return "t-SNE" if datasets.source(dataset).is_image else "as it is"


@lru_cache(maxsize=16)
def scene(dataset: str, colour: str) -> dict[str, Any]:
    """Return what all maps share: shape, class or attribute of each example, and for points where each lies."""
    data = datasets.load(dataset, CPU)
    source, n = data.source, min(N_EXAMPLES, len(data.test))
    shared: dict[str, Any] = {"key": f"{dataset} {colour}", "n": n, "image": source.is_image, "ink": source.ink}
    shared |= {"shape": list(source.shape), "light": LIGHT, "dark": DARK, "spriteColumns": SPRITE_COLUMNS}
    if not source.is_image:
        low, high = box(data.test[:n])
        shared |= {"real": tiles.points_text(data.test[:n], low, high)}
    if colour in source.attributes and data.test_attributes is not None:
        values = data.test_attributes[:n, source.attributes.index(colour)].double()
        least, most = float(values.min()), float(values.max())
        unit = (values - least) / max(most - least, 1e-12)
        return shared | {"values": _bytes(to_bytes(unit)), "attribute": [colour, f"{least:.2g}", f"{most:.2g}"]}
    if data.test_labels is not None:
        labels = data.test_labels[:n]
        names = source.classes or tuple(str(k) for k in range(int(labels.max()) + 1))
        return shared | {"labels": _bytes(labels), "classes": list(names)}
    return shared


@lru_cache(maxsize=4)
def sprite(dataset: str) -> str:
    """Return the pictures of all mapped examples as one sheet; nothing for points."""
    data = datasets.load(dataset, CPU)
    return _sheet(data.test[:N_EXAMPLES]) if data.source.is_image else ""


def colours(dataset: str) -> tuple[str, ...]:
    """Return by what the dots can be coloured: the class, or a named attribute."""
    source = datasets.source(dataset)
    return source.attributes if source.attributes and not source.classes else ()


def blank(spec: RunSpec) -> dict[str, Any]:
    """Return the column before anything of it is there."""
    kind = spec.kind
    head = {"model": kind.name, "title": kind.title, "key": spec.key}
    return head | {"what": "", "frames": [], "marks": [], "axes": [], "facts": [], "strip": "", "priorSprite": "", "stripNote": ""}


def impossible(spec: RunSpec, method: Method) -> str:
    """Return why there is no such map of this model at all, or nothing."""
    if not has_codes(spec.kind):
        return "It has no code of an example, so it has no latent space to look at."
    if method == "with samples" and not issubclass(spec.kind, Samples):
        return "It has no p(z): there are no samples to lay beside real examples."
    return ""


def column(
    spec: RunSpec, found: Recording | None, chart: Recording | None, method: Method, with_prior: bool, picks: Sequence[int]
) -> dict[str, Any]:
    """Return the column as far as it is there: `found` is the finding of `latents`, `chart` that of `latent-map`, or what grows."""
    told = blank(spec) | {"what": what(spec, found, method)}
    finished = found is not None and found.finished
    if chart is not None and method in ("t-SNE", "with samples"):
        told |= _moving(chart, spec, with_prior, found if finished else None)
    if found is None or not finished:
        return told
    if method in ("PCA", "as it is"):
        told |= _flat(spec, found, method, with_prior)
    told |= _strip(spec, found, tuple(picks))
    done = chart if chart is not None and chart.finished else None
    return told | {"facts": facts(spec, found, done, method)}


def what(spec: RunSpec, found: Recording | None, method: Method) -> str:
    """Return what is drawn, as it is written under the map."""
    code = code_words(spec.kind)
    size = f", {_dimensions(found)}" if found and found.finished else ""
    if method == "t-SNE":
        return f"t-SNE of {code}{size}"
    if method == "with samples":
        data = "points" if not spec.source.is_image else "pictures"
        return f"t-SNE of real {data} (dots) and its samples (crosses) together, in one feature space"
    if method == "PCA":
        return f"the two widest principal axes of {code}{size}"
    if spec.kind.family == "mixture" and not spec.source.is_image:
        return "x as it is; the colour is its likeliest component k"
    return f"{code}{size}, as it is"


def facts(spec: RunSpec, found: Recording, chart: Recording | None, method: Method) -> list[dict[str, str]]:
    """Return the measured lines under a map: what the code knows of the class, and how far the map can be trusted."""
    told = found.json("latents.json")
    lines = []
    if "accuracy" in told:
        note = f"{_raw(spec)} {told['raw_accuracy']:.1%}; {told['neighbours']} nearest of {told['voters']:,} training codes vote"
        lines.append(_fact("class from the code", f"{told['accuracy']:.1%}", note))
    if method == "PCA":
        lines.append(_fact("neighbours kept", f"{told['kept']:.0%}", "of the 10 nearest codes, by the map"))
        lines.append(_fact("variance kept", f"{sum(told['shares']):.0%}", f"{told['shares'][0]:.0%} and {told['shares'][1]:.0%}"))
    elif chart is not None:
        made = chart.json("map.json")
        space = "features" if method == "with samples" else "codes"
        lines.append(_fact("neighbours kept", f"{made['kept']:.0%}", f"of the 10 nearest {space}, by the map"))
        lines.append(
            _fact(
                "KL of the map",
                f"{made['kl']:.3f}",
                f"nats, at perplexity {made['perplexity']:.3g}: those of other codes or perplexities do not compare",
            )
        )
    return lines


def seeds(spec: RunSpec, recording: Recording) -> list[dict[str, Any]]:
    """Return one small column for each map of the honesty panel that is there."""
    maps, told = recording.tensors("maps.safetensors")["maps"], recording.json("maps.json")["maps"]
    small = []
    for y, fact in zip(maps, told):
        title = f"perplexity {fact['perplexity']:.3g}, start {fact['seed']}"
        note = f"KL {fact['kl']:.2f} nats, neighbours kept {fact['kept']:.0%}"
        small.append(blank(spec) | {"title": title, "what": note, "state": "finished", "frames": [{"y": _frame(y)}], "marks": [0]})
    return small


def box(points: Tensor) -> tuple[Tensor, Tensor]:
    """Return the corners of a square around points (N, 2), with a margin."""
    low, high = points.double().amin(0), points.double().amax(0)
    centre, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-12) * (1 + 2 * MARGIN)
    return centre - half, centre + half


def crosses(specs: Sequence[RunSpec], method: Method) -> str:
    """Return what the crosses on the maps are."""
    if method == "with samples":
        return "samples of the model"
    words = {prior_words(spec) for spec in specs if issubclass(spec.kind, Samples)}
    return "codes to sample from: " + "; or ".join(sorted(words)) if words else ""


def sentence(found: Sequence[tuple[RunSpec, Recording]]) -> str:
    """Return in one sentence how much of the class is in each code; nothing for data without classes."""
    told = [(spec.kind.title, recording.json("latents.json")) for spec, recording in found]
    scores = {title: values for title, values in told if "accuracy" in values}
    if not scores:
        return ""
    best = max(scores, key=lambda title: scores[title]["accuracy"])
    others = ", ".join(f"{title} {values['accuracy']:.1%}" for title, values in scores.items() if title != best)
    raw = scores[best]["raw_accuracy"]
    beside = f" ({others})" if others else ""
    verdict = "more than" if scores[best]["accuracy"] > raw else "as much as" if scores[best]["accuracy"] == raw else "less than"
    return (
        f"From its {scores[best]['neighbours']} nearest training codes the class of {scores[best]['accuracy']:.1%} of held-out "
        f"examples is told by the {best}{beside}: {verdict} {_raw(found[0][0])} tell ({raw:.1%})."
    )


def _moving(chart: Recording, spec: RunSpec, with_prior: bool, found: Recording | None) -> dict[str, Any]:
    """Return all frames of a finished t-SNE, the newest alone of one that iterates."""
    if not chart.has("map.safetensors") or not chart.has("marks.json"):
        return {}
    if chart.finished:
        return _replay(chart, with_prior) | (_prior_pictures(spec, chart, found) if with_prior else {})
    try:
        y, mark = chart.tensors("map.safetensors")["frames"][-1], chart.json("marks.json")["iterations"][-1]
    except OSError:  # finished since it was looked for: its folder has moved
        return {}
    n = len(y) // 2 if chart.json("spec.json")["settings"]["space"] == "features" else len(y)
    low, high = box(y)
    return {"frames": [{"y": tiles.points_text(y[:n].double(), low, high)}], "marks": [mark]}


@lru_cache(maxsize=32)
def _replay(chart: Recording, with_prior: bool) -> dict[str, Any]:
    tensors, told = chart.tensors("map.safetensors"), chart.json("map.json")
    frames, marks = tensors["frames"], chart.json("marks.json")["iterations"]
    n, placed = told["n_real"], tensors.get("prior") if with_prior else None
    drawn = []
    for index, y in enumerate(frames):
        last = index == len(frames) - 1
        laid = y[n:] if len(y) > n else placed if last else None  # generated examples are part of a joint map
        everything = y if laid is None else torch.cat([y, laid])
        low, high = box(everything)
        frame = {"y": tiles.points_text(y[:n].double(), low, high)}
        drawn.append(frame if laid is None else frame | {"prior": tiles.points_text(laid.double(), low, high)})
    return {"frames": drawn, "marks": marks, "axes": []}


def _prior_pictures(spec: RunSpec, chart: Recording, found: Recording | None) -> dict[str, str]:
    if chart.has("fake.safetensors"):
        x = chart.tensors("fake.safetensors")["fake"]
    elif found is not None:
        x = found.tensors("codes.safetensors").get("prior_x", torch.zeros(0))
    else:
        return {}
    return {"priorSprite": _sheet(x)} if spec.source.is_image and len(x) else {}


@lru_cache(maxsize=32)
def _flat(spec: RunSpec, found: Recording, method: Method, with_prior: bool) -> dict[str, Any]:
    """Return the single frame of a map that needs no iteration."""
    kept = found.tensors("codes.safetensors")
    told = found.json("latents.json")
    laid, labels = None, None
    if method == "PCA":
        y, laid = kept["axes"], kept.get("prior_axes")
        axes = [f"axis {i + 1} ({share:.0%} of the variance)" for i, share in enumerate(told["shares"])]
    elif spec.kind.family == "mixture" and not spec.source.is_image:
        data = datasets.load(spec.dataset, CPU)
        k = spec.settings.n_components  # type: ignore[attr-defined]
        y, laid, axes, labels = data.test[: len(kept["z"])], kept.get("prior_x"), ["x₁", "x₂"], kept["z"][:, :k].argmax(1)
    elif told["dimensions"] == 2:
        y, laid, axes = kept["z"], kept.get("prior_z"), ["z₁", "z₂"]
    elif told["dimensions"] == 1:
        y, laid, axes = _raised(kept["z"]), _raised(kept["prior_z"]) if "prior_z" in kept else None, ["z", "height: chance"]
    else:
        return {"state": "none", "message": f"{_dimensions(found)}: as it is, only one or two can be drawn."}
    laid = laid.double() if laid is not None and with_prior else None
    low, high = box(y if laid is None else torch.cat([y.double(), laid]))
    frame = {"y": tiles.points_text(y.double(), low, high)}
    told_axes = {
        "axes": axes,
        "range": [f"{float(low[0]):.2g}", f"{float(high[0]):.2g}", f"{float(low[1]):.2g}", f"{float(high[1]):.2g}"],
    }
    flat: dict[str, Any] = {"frames": [frame], "marks": [0], **told_axes}
    if labels is not None:
        flat["labels"] = _bytes(labels % len(LIGHT))
    if laid is not None:
        frame["prior"] = tiles.points_text(laid, low, high)
        flat["priorSprite"] = _sheet(kept["prior_x"]) if spec.source.is_image else ""
    return flat


@lru_cache(maxsize=128)
def _strip(spec: RunSpec, found: Recording, picks: tuple[int, ...]) -> dict[str, str]:
    """Return what the model makes of the picked examples."""
    note = spec.kind.reconstruct_note if hasattr(spec.kind, "reconstruct") else "decoded from the noise that was found"
    if not picks:
        return {"strip": "", "stripNote": note}
    x_hat = found.tensors("codes.safetensors")["x_hat"][list(picks)]
    if spec.source.is_image:
        return {"strip": tiles.images_url(x_hat), "stripNote": note}
    data = datasets.load(spec.dataset, CPU)
    return {"strip": tiles.points_text(x_hat.double(), *box(data.test[:N_EXAMPLES])), "stripNote": note}


def originals(dataset: str, picks: Sequence[int]) -> str:
    """Return the picked pictures as one sheet; of points the browser knows where they are."""
    data = datasets.load(dataset, CPU)
    return tiles.images_url(data.test[list(picks)]) if picks and data.source.is_image else ""


def valid_picks(dataset: str, text: str) -> list[int]:
    """Return the examples that the address names, those that there are."""
    n = scene(dataset, "")["n"]
    return [index for index in dict.fromkeys(int(part) for part in text.split(".") if part) if index < n]


def _raw(spec: RunSpec) -> str:
    return "raw pixels" if spec.source.is_image else "raw points"


def _raised(z: Tensor) -> Tensor:
    """Return codes of one dimension (N, 1) at heights of chance (N, 2), so that they do not hide one another."""
    heights = torch.rand(len(z), 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    z = z.double()
    spread = float(z.max() - z.min()) or 1.0
    return torch.cat([z, heights * 0.3 * spread], 1)


def _frame(y: Tensor) -> str:
    return tiles.points_text(y.double(), *box(y))


def _sheet(x: Tensor) -> str:
    return tiles.png_url(tiles.tile(to_bytes(x), SPRITE_COLUMNS))


def _bytes(values: Tensor) -> str:
    return base64.b64encode(values.to(torch.uint8).numpy().tobytes()).decode()


def _fact(name: str, value: str, note: str) -> dict[str, str]:
    return {"name": name, "value": value, "note": note}


def _dimensions(found: Recording) -> str:
    n = found.json("latents.json")["dimensions"]
    return f"{n} dimension" + ("s" if n != 1 else "")
