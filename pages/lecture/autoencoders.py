"""3. Autoencoder to VAE: a code for every picture, and what a new code needs to be decoded."""

from typing import Literal

import streamlit as st

from genmodels.config import Config, knob
from genmodels.studies.autoencoders import PlaneFinding, SamplersFinding, longer_specs, plane_specs
from genmodels.studies.findings import StudySpec
from genmodels.views import autoencoders as drawing
from pages.parts import cards, heading, latent_sheet, state, view_controls, waiting
from pages.parts.session import session

PAGE = "autoencoders"
CLAIM = r"""
An **autoencoder** minimises $\lVert x-d(e(x))\rVert^2$ and nothing else: between its codes there are holes. A **VAE** codes $x$ as
a cloud, $Q(z|X)=\mathcal N(\mu(x),\sigma^2(x))$, and $D[Q\Vert P(z)]$ pulls all clouds towards $P(z)=\mathcal N(0,I)$, from which
one can sample. **Drag in a plane.**
"""
SPOT = r"^(1000|\d{1,3})-(1000|\d{1,3})$"
SAMPLERS = ("prior", "Gaussian", "mixture", "data")


class View(Config):
    """Which pictures, how strong the pull, what is drawn and where it is decoded."""

    pictures: Literal["digits", "mnist", "sketch-faces"] = knob("digits", "What both are trained on, with a code of two numbers.")
    beta: float = knob(
        1.0,
        "The weight of D[Q‖P(z)] in the loss, at the decoder's σ that a VAE of β = 1 learns.",
        ge=0.01,
        le=20,
        log=True,
        label="β",
    )
    sampler: Literal["prior", "Gaussian", "mixture", "data"] = knob(
        "prior",
        "Where new codes (crosses) come from: N(0, I); one Gaussian, or a mixture, fitted to codes; or codes of training pictures.",
        label="new codes from",
    )
    show: Literal["codes", "sheet"] = knob("codes", "The codes of test pictures, or what each place decodes to.", label="plane")
    picture: Literal["mean", "sample"] = knob(
        "mean", "The decoder's mean μ(z), or a sample of p(X|z), which has its noise σ.", label="decoder's"
    )
    autoencoder: str = knob("500-500", "Where its plane is decoded, thousandths from the lower left.", pattern=SPOT)
    vae: str = knob("500-500", "Where its plane is decoded, thousandths from the lower left.", pattern=SPOT)


view = state.view(PAGE, View)
heading.draw("From autoencoder to VAE", CLAIM)
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.draw(PAGE, view, "pictures")
    view_controls.draw(PAGE, view, "beta", width=210)
    view_controls.draw(PAGE, view, "sampler", "show", "picture")

pair, longer = plane_specs(view.pictures), longer_specs(view.pictures)
plane: PlaneFinding | None = None
with cards.guard():
    waiting.runs(pair)
    plane = PlaneFinding.read(waiting.finding(StudySpec.make("code-plane", pair, {"beta": view.beta})))
    payload = drawing.scene(plane, view.pictures, SAMPLERS.index(view.sampler)) | {
        "show": view.show,
        "picture": view.picture,
        "tall": state.presenting(),
        "spots": {name: [int(part) / 1000 for part in getattr(view, name).split("-")] for name in drawing.TITLES},
        "version": session().address.version,
    }
    latent_sheet.draw(payload, lambda name, spot: state.save_view(PAGE, **{name: spot}))
    heading.numbers(drawing.numbers(plane))
    st.subheader("One knob in two units", anchor=False)
    for words in drawing.units_words(plane):
        st.markdown(words)
st.subheader("Who is to draw the codes?", anchor=False)
with cards.guard():
    waiting.runs(longer)
    samplers = SamplersFinding.read(waiting.finding(StudySpec.make("code-samplers", longer)))
    if plane:
        st.markdown(drawing.table(plane, samplers))
        st.caption(
            f"{drawing.ratio_note(plane)} Mean of 4 draws and half their range. With the decoder's noise VAE samples read "
            f"{plane.noisy.mean:.1f}."
        )
st.markdown(
    r"$\mathcal N(0,I)$ is no place to look for an autoencoder's codes, and not quite where a VAE's are either. Much of what is "
    "missing is mended by a second model, fitted to the codes: for the VAE, and for the autoencoder as well (Ghosh 2020)."
)
