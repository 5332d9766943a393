"""The pad beside the plane: a test picture, changed by hand, and where it then lies."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from genmodels import datasets, device
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.models.base import Model
from genmodels.runs import Run, RunSpec, model_cache
from genmodels.store import Recording
from genmodels.studies import features
from genmodels.studies.gallery.place import Place, place
from genmodels.views import gallery as view
from pages.parts import cards, jobs, picture_pad, state, waiting
from pages.parts.session import session

LARGEST = 3072  # numbers in a picture that the address can hold


def draw(
    page: str, finding: Recording, content: Mapping[str, Any], specs: Sequence[RunSpec], error: str, realism: str, picture: int
) -> None:
    """Draw the pad once the net by whose features a drawing is scored is there: it may have left the cache before the finding."""
    waiting.finding(features.spec(content["dataset"]))
    _draw(page, finding, content, specs, error, realism, picture)


@st.fragment
def _draw(
    page: str, finding: Recording, content: Mapping[str, Any], specs: Sequence[RunSpec], error: str, realism: str, picture: int
) -> None:
    """Draw the pad with the test picture, or what was drawn, on it; a stroke scores it and marks it in the plane."""
    with cards.guard():
        originals = finding.tensors("pictures.safetensors")["originals"]
        start = originals[min(picture, len(originals) - 1)]
        if start.numel() > LARGEST:
            st.caption("Pictures as large as these cannot be drawn here.")
            return

        def save(text: str) -> None:
            kept = "" if text == picture_pad.text_of(start) else text
            state.save_view(page, drawn=kept)

        drawn = picture_pad.picture_of(session().views[page]["drawn"], tuple(start.shape))
        told: dict[str, Any] = {"version": f"{session().address.version}.{finding.key}.{picture}", "ink": specs[0].source.ink}
        if drawn is None:
            told |= {"words": f"Test picture {picture + 1}. Draw on it: where does it land?", "mark": None}
        else:
            found = _placed(finding, specs, content, realism, picture, drawn)
            told |= {
                "words": f"error {found.errors[error]:.3f}\n{view.realism_words(found.realisms[realism], realism)}",
                "mark": {"x": found.errors[error], "y": view.height(found.realisms[realism], realism)},
            }
        picture_pad.draw(start, drawn, told, save)


def _placed(
    finding: Recording, specs: Sequence[RunSpec], content: Mapping[str, Any], realism: str, picture: int, drawn: Any
) -> Place:
    data = datasets.load(content["dataset"], device.choose_device())
    kept = finding.tensors("judges.safetensors") | {"reference": finding.tensors("reference.safetensors")["features"]}
    discriminators = {realism: _model(specs[int(realism[1:])])} if realism.startswith("d") else {}
    return place(from_bytes(drawn), picture, content["n"], data, features.extractor(data, jobs.store()), kept, discriminators)


def _model(spec: RunSpec) -> Model:
    run = Run.open(spec.key, jobs.store())
    return model_cache.shared().get(spec.key, lambda: run.load_model(device.choose_device()))
