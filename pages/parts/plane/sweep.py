"""Curves below the plane: the same models with one knob turned, from short trainings of their own."""

import streamlit as st

from genmodels.runs import RunSpec
from genmodels.studies.findings import StudySpec
from genmodels.studies.gallery.finding import Plane
from genmodels.views.gallery import axes
from genmodels.views.gallery.sweep import figure
from pages.parts import prose, waiting
from pages.parts.choice import Choice

KNOBS = {"vae": ("beta", (0.1, 1.0, 4.0, 16.0)), "vae-gan": ("adversarial", (0.0, 0.25, 0.5, 1.0))}


def specs(choice: Choice) -> list[RunSpec]:
    """Return the runs of both sweeps, on the chosen dataset with its presets, at the quick budget."""
    return [
        RunSpec.make(choice.dataset, model, {name: value}, choice.seed)
        for model, (name, values) in KNOBS.items()
        for value in values
    ]


def study(choice: Choice) -> StudySpec:
    """Return their plane, without edits and without searched codes."""
    return StudySpec.make("gallery", specs(choice), {"edits": False, "searched": False})


def draw(choice: Choice, error: str, realism: str) -> None:
    """Draw both curves, once their runs are trained."""
    st.subheader("One knob turned", anchor=False)
    spec = study(choice)
    waiting.runs(spec.runs)
    plane = Plane.read(waiting.finding(spec))
    curves = figure(plane, error, axes.column(plane, realism) or "judge")
    st.plotly_chart(curves, width="stretch", key="gallery-sweep", config={"displayModeBar": False})
    prose.caption(
        f"Means of {plane.n} test pictures, quick budget, seed {choice.seed}; these runs have judges of their own, so heights "
        "compare within this chart. Where a curve rises to the right, realism is bought with error. At the diamonds stands the "
        "adversarial weight."
    )
