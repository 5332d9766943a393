"""1. Mixtures: a hidden z explains each x; EM finds the mixture, and sampling reverses it."""

import streamlit as st

from genmodels import datasets
from genmodels.studies.mixtures import Curve, Fit, UsesFinding
from genmodels.studies.mixtures.study import MixturesConfig, part
from genmodels.views import k_curve
from genmodels.views import mixtures as shows
from pages.parts import cards, drawing, em_replay, heading, state, view_controls, waiting
from pages.parts.session import session
from pages.parts.views.mixtures import View

PAGE = "mixtures"
CLAIM = (
    "A **latent variable** $z$ is drawn first, then $x$ given $z$: $p(X)=\\sum_z p(X\\,|\\,z)\\,p(z)$. With few $z$ and Gaussians "
    "the sum is exact, and **EM** climbs it without a fall. Play it, then draw."
)


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

    em = waiting.finding(view.fits())
    stamp = [view.toy, view.k, view.shape, view.start, view.draw, session().address.version]
    payload = shows.replay(Fit.read(em, part(view.k)), view.toy) | {"frame": view.frame, "stamp": "/".join(map(str, stamp))}
    em_replay.draw(payload, lambda frame: state.save_view(PAGE, frame=frame))
    with cards.guard():
        how_many(Curve.read(em))


def how_many(em: Curve) -> None:
    k_means = Curve.read(waiting.finding(view.k_means()))
    eight = Curve.read(waiting.finding(view.eight()))
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
    study = view.uses()
    waiting.runs(study.runs)
    uses = UsesFinding.read(waiting.finding(study))
    st.html(shows.uses_html(uses, datasets.source(view.pictures), st.context.theme.type == "dark"))


if view.part == "EM":
    em_on_points()
else:
    three_uses()
