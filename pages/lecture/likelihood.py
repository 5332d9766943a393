"""4. Estimating p(x): why brute force fails, what Q saves, and what the ELBO leaves out."""

from typing import Any

import streamlit as st

from genmodels.studies.likelihood import BruteForceFinding, GradientsFinding, IdentityFinding
from genmodels.views import elbo
from genmodels.views import likelihood as drawing
from pages.parts import cards, ghost, heading, prose, state, view_controls
from pages.parts.views.likelihood import View

PAGE = "likelihood"
QUIET: dict[str, Any] = {"width": "stretch", "theme": "streamlit", "config": {"displayModeBar": False}}
ALT = {
    "estimates": "Estimates of log P(X) against the number of codes, from P(z) and from Q(z|X), beside exact value and ELBO",
    "sizes": "Effective sample size against n, from P(z) and from Q(z|X)",
    "errors": "Root mean square error against n for 2 to 64 latent dimensions, from P(z) and from Q(z|X)",
    "identity": "The four terms of the identity as bars",
    "gradient": "Histograms of one-sample gradients around the exact one",
}
CLAIMS = {
    "estimates": r"""
$P(X)=\int P(X|z)\,P(z)\,dz\approx\frac1n\sum_i P(X|z_i)$ with $z_i\sim P(z)$: but for nearly all $z$, $P(X|z)$ is nearly zero.
$Q(z|X)$ proposes codes that could have made $X$; each then counts $P(X|z_i)\,P(z_i)/Q(z_i|X)$.
""",
    "identity": r"""
$\log P(X)-D[Q\Vert P(z|X)]=E_{z\sim Q}[\log P(X|z)]-D[Q\Vert P(z)]$. The right side, the **ELBO**, can be computed and climbed;
what it lacks of $\log P(X)$ is how far $Q(z|X)$ is from the true posterior.
""",
    "gradient": r"""
How does the ELBO change with $\mu(X)$, from **one** code? With $z=\mu+\sigma\,\epsilon$ the gradient goes through $z$. The score
function, $\log P(X|z)\,\nabla_\mu\log Q(z|X)$, is right on average too, but scattered.
""",
}
SOURCES = {"estimates": ("picture", "width"), "identity": ("picture",), "gradient": ("dim", "picture")}
PARTS = {
    part: ghost.Part(PAGE, lambda view: [view.study()], sources, kinds=("part", "model") if part == "estimates" else ("part",))
    for part, sources in SOURCES.items()
}


def estimates(picture: ghost.Picture[View]) -> None:
    dim = int(view.dim) if exact else 2
    finding = BruteForceFinding.read(picture.finding)
    left, right = st.columns([3, 2])
    left.plotly_chart(drawing.estimates(finding, dim), key="estimates", alt=ALT["estimates"], **QUIET)
    right.plotly_chart(drawing.effective_sizes(finding, dim), key="sizes", alt=ALT["sizes"], **QUIET)
    how = "in closed form" if exact else "by ever finer grids over the plane of z"
    heading.numbers(drawing.estimate_numbers(finding, dim, how))
    prose.markdown(drawing.estimate_words(finding, dim))
    if exact:
        st.subheader("How many codes are enough?", anchor=False)
        prose.markdown(drawing.enough_table(finding))
        left, right = st.columns([3, 2])
        left.plotly_chart(drawing.all_errors(finding, dim), key="all-errors", alt=ALT["errors"], **QUIET)
        right.plotly_chart(drawing.effective_sizes(finding, dim, every=True), key="all-sizes", alt=ALT["sizes"], **QUIET)
        prose.caption(
            "Codes n from which on the root mean square error stays below half a nat; figures at the lines are latent dimensions, "
            "and the grey line is n. PCA is fitted to the training digits for each; its σ is at least half a grey level."
        )


def identity(picture: ghost.Picture[View]) -> None:
    finding = IdentityFinding.read(picture.finding)
    for column, (when, terms) in zip(st.columns(2), elbo.states(finding).items(), strict=True):
        column.plotly_chart(elbo.identity_bars(terms, when), key=f"identity-{when}", alt=f"{ALT['identity']}, {when}", **QUIET)
    heading.numbers(elbo.identity_numbers(finding))
    prose.markdown(elbo.identity_table(finding))
    prose.markdown(elbo.identity_words(finding))


def gradient(picture: ghost.Picture[View]) -> None:
    finding = GradientsFinding.read(picture.finding)
    st.plotly_chart(elbo.gradient_histograms(finding), key="gradient", alt=ALT["gradient"], **QUIET)
    heading.numbers(elbo.gradient_numbers(finding))


view = state.view(PAGE, View)
heading.draw("Estimating p(x)", CLAIMS[view.part])
exact = view.is_exact()
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.draw(PAGE, view, "part")
    if view.part == "estimates":
        view_controls.draw(PAGE, view, "model")
    if exact:
        view_controls.draw(PAGE, view, "dim", width=130)
    view_controls.slider(PARTS[view.part], view, "picture", width=130)
    if view.part == "estimates":
        view_controls.slider(PARTS[view.part], view, "width", width=130)
    st.html(drawing.picture_html(view.picture, st.context.theme.type == "dark"))

with cards.guard():
    paint = {"estimates": estimates, "identity": identity, "gradient": gradient}[view.part]
    ghost.draw(PARTS[view.part], view, paint)
