"""4. Estimating p(x): why brute force fails, what Q saves, and what the ELBO leaves out."""

from typing import Any

import streamlit as st

from genmodels.studies.likelihood import BruteForceFinding, GradientsFinding, IdentityFinding
from genmodels.views import elbo
from genmodels.views import likelihood as drawing
from pages.parts import heading, state, view_controls, waiting
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


view = state.view(PAGE, View)
heading.draw("Estimating p(x)", CLAIMS[view.part])
exact = view.is_exact()
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.draw(PAGE, view, "part")
    if view.part == "estimates":
        view_controls.draw(PAGE, view, "model")
    if exact:
        view_controls.draw(PAGE, view, "dim", width=130)
    view_controls.draw(PAGE, view, "picture", width=130)
    if view.part == "estimates":
        view_controls.draw(PAGE, view, "width", width=130)
    st.html(drawing.picture_html(view.picture, st.context.theme.type == "dark"))


if view.part == "estimates":
    dim = int(view.dim) if exact else 2
    estimates = BruteForceFinding.read(waiting.finding(view.study()))
    left, right = st.columns([3, 2])
    left.plotly_chart(drawing.estimates(estimates, dim), key="estimates", alt=ALT["estimates"], **QUIET)
    right.plotly_chart(drawing.effective_sizes(estimates, dim), key="sizes", alt=ALT["sizes"], **QUIET)
    how = "in closed form" if exact else "by ever finer grids over the plane of z"
    heading.numbers(drawing.estimate_numbers(estimates, dim, how))
    st.markdown(drawing.estimate_words(estimates, dim))
    if exact:
        st.subheader("How many codes are enough?", anchor=False)
        st.markdown(drawing.enough_table(estimates))
        left, right = st.columns([3, 2])
        left.plotly_chart(drawing.all_errors(estimates, dim), key="all-errors", alt=ALT["errors"], **QUIET)
        right.plotly_chart(drawing.effective_sizes(estimates, dim, every=True), key="all-sizes", alt=ALT["sizes"], **QUIET)
        st.caption(
            "Codes n from which on the root mean square error stays below half a nat; figures at the lines are latent dimensions, "
            "and the grey line is n. PCA is fitted to the training digits for each; its σ is at least half a grey level."
        )
elif view.part == "identity":
    identity = IdentityFinding.read(waiting.finding(view.study()))
    for column, (when, terms) in zip(st.columns(2), elbo.states(identity).items(), strict=True):
        column.plotly_chart(elbo.identity_bars(terms, when), key=f"identity-{when}", alt=f"{ALT['identity']}, {when}", **QUIET)
    heading.numbers(elbo.identity_numbers(identity))
    st.markdown(elbo.identity_table(identity))
    st.markdown(elbo.identity_words(identity))
else:
    gradients = GradientsFinding.read(waiting.finding(view.study()))
    st.plotly_chart(elbo.gradient_histograms(gradients), key="gradient", alt=ALT["gradient"], **QUIET)
    heading.numbers(elbo.gradient_numbers(gradients))
