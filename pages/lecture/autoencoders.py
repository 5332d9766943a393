"""3. Autoencoder to VAE: a code for every picture, and what a new code needs to be decoded."""

import streamlit as st

from genmodels.studies.autoencoders import PlaneFinding, SamplersFinding
from genmodels.views import autoencoders as drawing
from pages.parts import cards, ghost, heading, latent_sheet, prose, state, view_controls
from pages.parts.session import session
from pages.parts.views.autoencoders import View

PAGE = "autoencoders"
CLAIM = r"""
An **autoencoder** minimises $\lVert x-d(e(x))\rVert^2$ and nothing else: between its codes there are holes. A **VAE** codes $x$ as
a cloud, $Q(z|X)=\mathcal N(\mu(x),\sigma^2(x))$, and $D[Q\Vert P(z)]$ pulls all clouds towards $P(z)=\mathcal N(0,I)$, from which
one can sample. **Drag in a plane.**
"""
SAMPLERS = ("prior", "Gaussian", "mixture", "data")
PLANES = ghost.Part(PAGE, lambda view: [view.plane()], ("pictures", "beta"))
TABLE = ghost.Part(PAGE, lambda view: [view.samplers()], ("pictures",), name="table")

planes: dict[str, PlaneFinding] = {}  # what is drawn, by its pictures


def draw_planes(picture: ghost.Picture[View]) -> None:
    now, of = state.current(PAGE, View), picture.view.pictures
    plane = planes[of] = PlaneFinding.read(picture.finding)
    payload = drawing.scene(plane, of, SAMPLERS.index(now.sampler)) | {
        "show": now.show,
        "picture": now.picture,
        "tall": state.presenting(),
        "spots": {name: [int(part) / 1000 for part in getattr(now, name).split("-")] for name in drawing.TITLES},
        "version": session().address.version,
    }
    latent_sheet.draw(payload, lambda name, spot: state.save_view(PAGE, **{name: spot}))
    if not (state.presenting() and plane.beta != 1):  # on a projector one thing stands below the planes
        heading.numbers(drawing.numbers(plane))
    with st.container(key="units"):
        st.subheader("One knob in two units", anchor=False)
        for words in drawing.units_words(plane):
            prose.markdown(words)


def draw_table(picture: ghost.Picture[View]) -> None:
    samplers, plane = SamplersFinding.read(picture.finding), planes.get(picture.view.pictures)
    if plane:
        prose.markdown(drawing.table(plane, samplers))
        prose.caption(
            f"{drawing.ratio_note(plane)} Mean of 4 draws and half their range. With the decoder's noise VAE samples read "
            f"{plane.noisy.mean:.1f}."
        )


view = state.view(PAGE, View)
heading.draw("From autoencoder to VAE", CLAIM)
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.draw(PAGE, view, "pictures")
    view_controls.slider(PLANES, view, "beta", width=210)
    view_controls.draw(PAGE, view, "sampler", "show", "picture")
with cards.guard():
    ghost.draw(PLANES, view, draw_planes)
st.subheader("Who is to draw the codes?", anchor=False)
with cards.guard():
    ghost.draw(TABLE, view, draw_table)
prose.markdown(
    r"$\mathcal N(0,I)$ is no place to look for an autoencoder's codes, and not quite where a VAE's are either. Much of what is "
    "missing is mended by a second model, fitted to the codes: for the VAE, and for the autoencoder as well (Ghosh 2020)."
)
