"""1. Mixtures: a hidden z explains each x; EM finds the mixture, and sampling reverses it."""

from typing import Any, Literal

import streamlit as st

from genmodels import datasets
from genmodels.config import Config, knob
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures import Curve, Fit, UsesFinding
from genmodels.studies.mixtures.study import MAX_K, MixturesConfig, Shape, Start, Toy, part
from genmodels.studies.mixtures.uses import specs
from genmodels.views import k_curve
from genmodels.views import mixtures as shows
from pages.parts import cards, drawing, em_replay, heading, state, view_controls, waiting
from pages.parts.session import session

PAGE = "mixtures"
CLAIM = (
    "A **latent variable** $z$ is drawn first, then $x$ given $z$: $p(X)=\\sum_z p(X\\,|\\,z)\\,p(z)$. With few $z$ and Gaussians "
    "the sum is exact, and **EM** climbs it without a fall. Play it, then draw."
)


class View(Config):
    """What is fitted, and which half step of EM is drawn."""

    part: Literal["EM", "three uses"] = knob("EM", "EM on points, or what a mixture is good for, on pictures.", label="show")
    toy: Toy = knob("pinwheel", "Whose first 2,000 training points are fitted.", label="points")
    k: int = knob(5, "How many Gaussians are mixed: the values that z can have.", ge=1, le=MAX_K, label="components K")
    shape: Shape = knob(
        "full", "full: any ellipse each; tied: one for all; diag: along the axes; spherical: discs.", label="covariance Σ"
    )
    start: Start = knob("random points", "Where the means start.")
    draw: int = knob(0, "Which random start.", ge=0, le=4, label="start no.")
    frame: int = knob(999, "The half step of EM that is shown; 999 is the last.", ge=0, le=999)
    pictures: Literal["digits", "mnist", "sketch-faces"] = knob("digits", "Pictures for the three uses.")
    groups: int = knob(10, "Components of the mixtures of pictures.", ge=2, le=20, label="components of pictures")


view = state.view(PAGE, View)
heading.draw("Latent variables and mixtures", CLAIM)


def em_on_points() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view_controls.draw(PAGE, view, "part")
        view_controls.draw(PAGE, view, "toy", width=150)
        view_controls.draw(PAGE, view, "k", width=220)
        view_controls.draw(PAGE, view, "shape", "start")
        if view.start == "random points":
            view_controls.draw(PAGE, view, "draw", width=110)

    em = waiting.finding(fits(start=view.start, seed=view.draw))
    stamp = [view.toy, view.k, view.shape, view.start, view.draw, session().address.version]
    payload = shows.replay(Fit.read(em, part(view.k)), view.toy) | {"frame": view.frame, "stamp": "/".join(map(str, stamp))}
    em_replay.draw(payload, lambda frame: state.save_view(PAGE, frame=frame))
    with cards.guard():
        how_many(Curve.read(em))


def fits(**settings: Any) -> StudySpec:
    return StudySpec.make("mixtures", [], {"toy": view.toy, "shape": view.shape} | settings)


def how_many(em: Curve) -> None:
    k_means = Curve.read(waiting.finding(fits(start="k-means")))
    eight = Curve.read(waiting.finding(fits(toy="gaussians-8", shape="full", start="k-means")))
    settings = MixturesConfig(toy=view.toy, shape=view.shape)
    heading.numbers(shows.numbers(em, k_means, eight, settings, view.k))
    st.subheader("How many components?", anchor=False)
    st.markdown(
        "More components always fit the training points better. "
        "$\\mathrm{BIC}=-2\\sum_i\\log p(x_i)+\\text{parameters}\\cdot\\log N$ "
        "charges for each number; held-out points show directly what more components are worth."
    )
    others = em.points if view.start != "k-means" else []
    for column, name in zip(st.columns(2), k_curve.CURVES, strict=True):
        with column:
            drawing.draw(f"{PAGE}-{name}", k_curve.curve_html(k_means.points, others, view.k, name))


def three_uses() -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view_controls.draw(PAGE, view, "part", "pictures")
        view_controls.draw(PAGE, view, "groups", width=260)
    runs = specs(view.pictures, view.groups)
    waiting.runs(runs)
    uses = UsesFinding.read(waiting.finding(StudySpec.make("mixture-uses", runs)))
    st.html(shows.uses_html(uses, datasets.source(view.pictures), st.context.theme.type == "dark"))


if view.part == "EM":
    em_on_points()
else:
    three_uses()
