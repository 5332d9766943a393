"""3. Autoencoder to VAE: a code for every picture, and what a new code needs to be decoded."""

import math
from typing import Any, Literal

import streamlit as st

from genmodels.config import Config, knob
from genmodels.studies.autoencoders import longer, specs
from genmodels.studies.findings import StudySpec
from genmodels.views import autoencoders as drawing
from genmodels.views.likelihood import tiny
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

pair, presets = specs(view.pictures), longer(view.pictures)
facts: dict[str, Any] = {}
with cards.guard():
    waiting.runs(pair)
    found = waiting.finding(StudySpec.make("code-plane", pair, {"beta": view.beta}))
    latent_sheet.draw(
        drawing.scene(found, view.pictures, SAMPLERS.index(view.sampler))
        | {
            "show": view.show,
            "picture": view.picture,
            "tall": state.presenting(),
            "spots": {name: [int(part) / 1000 for part in getattr(view, name).split("-")] for name in drawing.TITLES},
            "version": session().address.version,
        },
        lambda name, spot: state.save_view(PAGE, **{name: spot}),
    )
    facts = found.json("facts.json")
    note = f"Fréchet ratio of samples to held-out pictures; other real ones read 1. By the {facts['features']}."
    shown = (
        ("autoencoder", 1, "AE, Gaussian on its codes"),
        ("vae", 0, "VAE, N(0, I)"),
        ("vae", 2, "VAE, mixture on its codes"),
    )
    for column, (name, row, words) in zip(st.columns(3), shown, strict=True):
        with column:
            heading.settle(f"Fréchet: {words}", drawing.span(facts[name]["frechet"][row]), note)

    sigma, beta = facts["sigma"], facts["beta"]
    st.subheader("One knob in two units", anchor=False)
    st.markdown(
        rf"$\frac{{\lVert x-\mu(z)\rVert^2}}{{2\sigma^2}}+\beta\,D=\beta"
        rf"\left(\frac{{\lVert x-\mu(z)\rVert^2}}{{2\,\beta\sigma^2}}+D\right)$, $D=D[Q\Vert P(z)]$: the weight $\beta={beta:g}$ "
        rf"at the decoder's $\sigma={sigma:.3f}$ has the optimum of $\beta=1$ at $\sigma\sqrt\beta={sigma * math.sqrt(beta):.3f}$."
    )
    if beta != 1:
        st.markdown(
            "Trained in either unit from the same seed, the two VAEs' reconstructions of test pictures differ by "
            f"{tiny(facts['twin'])} of the grey scale (root mean square)."
        )
st.subheader("Who is to draw the codes?", anchor=False)
with cards.guard():
    waiting.runs(presets)
    ratios = waiting.finding(StudySpec.make("code-samplers", presets)).json("samplers.json")
    if facts:
        st.markdown(drawing.table(facts, ratios))
        noisy = facts["noisy"]["mean"]
        st.caption(f"{note} Mean of 4 draws and half their range. With the decoder's noise VAE samples read {noisy:.1f}.")
st.markdown(
    r"$\mathcal N(0,I)$ is no place to look for an autoencoder's codes, and not quite where a VAE's are either. Much of what is "
    "missing is mended by a second model, fitted to the codes: for the VAE, and for the autoencoder as well (Ghosh 2020)."
)
