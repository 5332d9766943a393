"""1. Mixtures: a hidden z explains each x; EM finds the mixture, and sampling reverses it."""

import streamlit as st

from genmodels import datasets
from genmodels.config import UserError
from genmodels.runs import Spec
from genmodels.studies.mixtures import Curve, Fit, UsesFinding
from genmodels.studies.mixtures.study import MixturesConfig
from genmodels.studies.mixtures.study import part as part_name
from genmodels.views import k_curve
from genmodels.views import mixtures as shows
from pages.parts import cards, drawing, em_replay, ghost, heading, jobs, prose, state, view_controls
from pages.parts.session import session
from pages.parts.views.mixtures import View

PAGE = "mixtures"
CLAIM = (
    "A **latent variable** $z$ is drawn first, then $x$ given $z$: $p(X)=\\sum_z p(X\\,|\\,z)\\,p(z)$. With few $z$ and Gaussians "
    "the sum is exact, and **EM** climbs it without a fall. Play it, then draw."
)
BIC = (
    "More components always fit the training points better. "
    "$\\mathrm{BIC}=-2\\sum_i\\log p(x_i)+\\text{parameters}\\cdot\\log N$ "
    "charges for each number; held-out points show directly what more components are worth."
)
REST = "mixtures-rest"
EM = ghost.Part(
    PAGE,
    lambda view: [view.fits(), view.k_means(), view.eight()],
    ("toy", "shape", "start", "draw"),
    kinds=("part",),
    dim=f".st-key-{REST}",
    grows=True,
)
USES = ghost.Part(PAGE, lambda view: [view.uses()], ("pictures", "groups"), kinds=("part",))


def em_on_points(picture: ghost.Picture[View]) -> None:
    now, of = state.current(PAGE, View), picture.view
    fit, of_fit = Fit.read(picture.recordings[0], part_name(now.k)), of
    if picture.is_old and (next_fit := fit_so_far(picture.following[0], now.k)):
        fit, of_fit = next_fit, now
    stamp = [of_fit.toy, now.k, of_fit.shape, of_fit.start, of_fit.draw, session().address.version]
    payload = shows.replay(fit, of_fit.toy) | {"frame": now.frame, "stamp": "/".join(map(str, stamp))}
    payload["isOld"] = picture.is_old and of_fit is of
    if now.part == "EM":
        em_replay.draw(payload, lambda frame: state.save_view(PAGE, frame=frame))
    with st.container(key=REST), cards.guard():
        curves = Curve.read(picture.recordings[0]), Curve.read(picture.finding_of(of.k_means())), Curve.read(picture.finding)
        how_many(of, now.k, *curves)


def fit_so_far(item: jobs.Item[Spec], k: int) -> Fit | None:
    """Return the fit of k components of what is being made: that of a small k is there long before all are."""
    recording = item.recording or item.growing()
    try:
        return Fit.read(recording, part_name(k)) if recording and Fit.written(recording, part_name(k)) else None
    except (OSError, UserError):  # finished, or swept, in this very moment
        return None


def how_many(of: View, k: int, em: Curve, k_means: Curve, eight: Curve) -> None:
    settings = MixturesConfig(toy=of.toy, shape=of.shape)
    heading.numbers(shows.numbers(em, k_means, eight, settings, k))
    st.subheader("How many components?", anchor=False)
    if not state.presenting():
        prose.markdown(BIC)
    others = em.points if of.start != "k-means" else []
    for column, name in zip(st.columns(2), k_curve.CURVES, strict=True):
        with column:
            drawing.draw(f"{PAGE}-{name}", k_curve.curve_html(k_means.points, others, k, name))


def three_uses(picture: ghost.Picture[View]) -> None:
    uses = UsesFinding.read(picture.finding)
    st.html(shows.uses_html(uses, datasets.source(picture.view.pictures), st.context.theme.type == "dark"))


view = state.view(PAGE, View)
heading.draw("Latent variables and mixtures", CLAIM)
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.draw(PAGE, view, "part")
    if view.part != "three uses":
        view_controls.draw(PAGE, view, "toy", width=150)
        view_controls.draw(PAGE, view, "k", width=220)
        view_controls.draw(PAGE, view, "shape", "start")
        if view.start == "random points":
            view_controls.slider(EM, view, "draw", width=110)
    else:
        view_controls.draw(PAGE, view, "pictures")
        view_controls.slider(USES, view, "groups", width=260)
with cards.guard():
    ghost.draw(*(USES, view, three_uses) if view.part == "three uses" else (EM, view, em_on_points))
