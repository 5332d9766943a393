"""The methods that make a flat map of codes."""

from typing import Literal

from genmodels import datasets
from genmodels.models.base import Samples
from genmodels.runs import RunSpec
from genmodels.studies.latents.codes import has_codes

Method = Literal["t-SNE", "PCA", "as it is", "with samples"]
METHODS: tuple[Method, ...] = ("t-SNE", "PCA", "as it is", "with samples")
ITERATED: tuple[Method, ...] = ("t-SNE", "with samples")


def default_method(dataset: str) -> Method:
    """Return the method that a page opens with: points lie in the plane already."""
    return "t-SNE" if datasets.source(dataset).is_image else "as it is"


def impossible(spec: RunSpec, method: Method) -> str:
    """Return why this model has no such map, or nothing."""
    if not has_codes(spec.kind):
        return "It has no code of an example, so it has no latent space to look at."
    if method == "with samples" and not issubclass(spec.kind, Samples):
        return "It has no p(z): there are no samples to lay beside real examples."
    return ""
