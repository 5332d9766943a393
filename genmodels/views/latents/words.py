"""The words under and above the maps: what is drawn, what was measured, which code knows most of the class."""

from collections.abc import Sequence

from genmodels.models.base import Samples
from genmodels.runs import RunSpec
from genmodels.studies.latents.codes import code_words, prior_words
from genmodels.studies.latents.finding import ClassAccuracy, LatentSpace, MapSummary
from genmodels.views.latents.methods import ITERATED, Method


def what(spec: RunSpec, latents: LatentSpace | None, method: Method) -> str:
    """Return what is drawn, as it is written under the map."""
    code = code_words(spec.kind)
    size = f", {dimensions(latents)}" if latents else ""
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


def facts(spec: RunSpec, latents: LatentSpace, summary: MapSummary | None, method: Method) -> list[dict[str, str]]:
    """Return the measured lines under a map: how much of the class is in the code, and how far the map can be trusted."""
    lines = []
    if accuracy := latents.accuracy:
        note = f"{_raw(spec)} {accuracy.raw:.1%}; {accuracy.n_neighbours} nearest of {accuracy.n_train:,} training codes vote"
        lines.append(_fact("class from the code", f"{accuracy.codes:.1%}", note))
    if method == "PCA":
        first, second = latents.variance
        lines.append(_fact("neighbours kept", f"{latents.neighbours_kept:.0%}", "of the 10 nearest codes, by the map"))
        lines.append(_fact("variance kept", f"{first + second:.0%}", f"{first:.0%} and {second:.0%}"))
    elif method in ITERATED and summary is not None:
        space = "features" if method == "with samples" else "codes"
        lines.append(_fact("neighbours kept", f"{summary.neighbours_kept:.0%}", f"of the 10 nearest {space}, by the map"))
        note = f"nats, at perplexity {summary.perplexity:.3g}: those of other codes or perplexities do not compare"
        lines.append(_fact("KL of the map", f"{summary.divergence:.3f}", note))
    return lines


def crosses(specs: Sequence[RunSpec], method: Method) -> str:
    """Return what the crosses on the maps are."""
    if method == "with samples":
        return "samples of the model"
    words = {prior_words(spec) for spec in specs if issubclass(spec.kind, Samples)}
    return "codes to sample from: " + "; or ".join(sorted(words)) if words else ""


def sentence(findings: Sequence[tuple[RunSpec, LatentSpace]]) -> str:
    """Return in one sentence how much of the class is in each code; nothing for data without classes."""
    scores: dict[str, ClassAccuracy] = {spec.kind.title: one.accuracy for spec, one in findings if one.accuracy}
    if not scores:
        return ""
    best = max(scores, key=lambda title: scores[title].codes)
    others = ", ".join(f"{title} {score.codes:.1%}" for title, score in scores.items() if title != best)
    codes, raw = scores[best].codes, scores[best].raw
    verdict = "more than" if codes > raw else "as much as" if codes == raw else "less than"
    return (
        f"From its {scores[best].n_neighbours} nearest training codes the class of {codes:.1%} of held-out examples is told by the "
        f"{best}{f' ({others})' if others else ''}: {verdict} {_raw(findings[0][0])} tell ({raw:.1%})."
    )


def dimensions(latents: LatentSpace) -> str:
    """Return how many dimensions a code has, in words."""
    return f"{latents.dimensions} dimension" + ("s" if latents.dimensions != 1 else "")


def _raw(spec: RunSpec) -> str:
    return "raw pixels" if spec.source.is_image else "raw points"


def _fact(name: str, value: str, note: str) -> dict[str, str]:
    return {"name": name, "value": value, "note": note}
