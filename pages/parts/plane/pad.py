"""The pad beside the plane: a test picture to draw on, and its new place in the plane."""

from collections.abc import Sequence
from typing import Any

import streamlit as st
from torch import Tensor

from genmodels import datasets, device
from genmodels.datasets.parts.pictures import from_bytes
from genmodels.models.base import Model
from genmodels.runs import Run, RunSpec, model_cache
from genmodels.store import Recording
from genmodels.studies import features
from genmodels.studies.gallery.finding import Critics, Pictures, Plane
from genmodels.studies.gallery.place import Place, place
from genmodels.views.gallery.axes import height
from genmodels.views.gallery.words import realism_words
from pages.parts import cards, jobs, picture_pad, state, waiting
from pages.parts.session import session

LARGEST = 3072  # numbers in a picture that the address can hold


def draw(page: str, recording: Recording, specs: Sequence[RunSpec], error: str, realism: str, index: int) -> None:
    """Draw the pad once the net whose features score a drawing is there: it may have left the cache before the finding."""
    waiting.finding(features.spec(Plane.read(recording).dataset))
    _draw(page, recording, specs, error, realism, index)


@st.fragment
def _draw(page: str, recording: Recording, specs: Sequence[RunSpec], error: str, realism: str, index: int) -> None:
    """Draw the pad with test picture `index`, or the viewer's drawing, on it; a stroke scores it and marks it in the plane."""
    with cards.guard():
        originals = Pictures.read(recording).originals
        original = originals[min(index, len(originals) - 1)]
        if original.numel() > LARGEST:
            st.caption("Pictures as large as these cannot be drawn here.")
            return

        def save(text: str) -> None:
            state.save_view(page, drawn="" if text == picture_pad.text_of(original) else text)

        drawing = picture_pad.picture_of(session().views[page]["drawn"], tuple(original.shape))
        payload = {"version": f"{session().address.version}.{recording.key}.{index}", "ink": specs[0].source.ink}
        if drawing is None:
            payload |= {"words": f"Test picture {index + 1}. Draw on it: where does it land?", "mark": None}
        else:
            payload |= _mark(_place(recording, specs, realism, index, drawing), error, realism)
        picture_pad.draw(original, drawing, payload, save)


def _mark(where: Place, error: str, realism: str) -> dict[str, Any]:
    """Return the mark in the plane, and its numbers in words."""
    x, y = where.errors[error], where.realisms[realism]
    return {"words": f"error {x:.3f}\n{realism_words(y, realism)}", "mark": {"x": x, "y": height(y, realism)}}


def _place(recording: Recording, specs: Sequence[RunSpec], realism: str, index: int, drawing: Tensor) -> Place:
    plane = Plane.read(recording)
    data = datasets.load(plane.dataset, device.choose_device())
    run = plane.measures[realism].run
    models = {} if run is None else {realism: _model(specs[run])}
    extract = features.extractor(data, jobs.store())
    return place(from_bytes(drawing), index, plane.n, data, extract, Critics.read(recording), models)


def _model(spec: RunSpec) -> Model:
    run = Run.open(spec.key, jobs.store())
    return model_cache.shared().get(spec.key, lambda: run.load_model(device.choose_device()))
