"""2. Ring: one simple function makes a ring of a Gaussian; which models learn it back?"""

import streamlit as st

from genmodels.studies.ring import RingFinding
from genmodels.views import ring as drawing
from pages.parts import cards, ghost, heading, prose, state, view_controls, warp
from pages.parts.session import session
from pages.parts.views.ring import View

PAGE = "ring"
CLAIM = (
    "A function makes anything of a Gaussian: $y=\\frac{x}{10}+\\frac{x}{\\lVert x\\rVert}$ makes a ring of "
    "$x\\sim\\mathcal N(0,I)$. VAE and GAN have to **learn such a function** from $y$ alone. Pull the slider."
)
TRUTH = r"""
The map keeps the direction and sends the length $r=\lVert x\rVert$ to $s=1+\frac r{10}$: it shrinks tenfold along the radius and
stretches by $\frac sr$ across it. So $p(y)=\frac1{2\pi}\,e^{-r^2/2}\cdot\frac{10\,r}{s}$ with $r=10\,(\lVert y\rVert-1)$, 
and $0$ within the unit circle. What a model's log-likelihood lacks of the truth's estimates $D[p\,\|\,\text{model}]$.
The true map tears the plane at $x=0$. A network is continuous and cannot: it draws lines of $z$ across the hole, or leaves a gap.
"""


RING = ghost.Part(PAGE, lambda view: [view.study()], ("k", "effort"), dim="[data-testid=stMetric]", grows=True)


def paint(picture: ghost.Picture[View]) -> None:
    gmm, vae, gan = picture.runs()
    finding, now = RingFinding.read(picture.finding), state.current(PAGE, View)
    scene = drawing.scene(finding, (gmm, vae, gan))
    if picture.is_old:
        pairs = zip(picture.following[:3], picture.specs, strict=False)
        growing = [(ghost.grown(item), item.spec.key != spec.key) for item, spec in pairs]
        scene = drawing.following(scene, growing)
    warp.draw(
        scene | {"way": now.way, "mark": now.mark, "version": session().address.version},
        lambda way: state.save_view(PAGE, way=way),
        lambda mark: state.save_view(PAGE, mark=mark),
    )
    heading.numbers(drawing.numbers(finding, picture.view.k))


view = state.view(PAGE, View)
heading.draw("A Gaussian through a function", CLAIM)
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.slider(RING, view, "k", width=300)
    view_controls.draw(PAGE, view, "effort")
with cards.guard():
    ghost.draw(RING, view, paint)
prose.markdown(TRUTH)
