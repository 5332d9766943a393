"""6. Latent arithmetic: add and subtract codes, and see what else changes."""

from dataclasses import dataclass

import streamlit as st
import torch
from torch import Tensor

from genmodels import datasets, device
from genmodels.datasets.base import Source
from genmodels.metrics.path_length import arc, line
from genmodels.models.base import Decodes, Model
from genmodels.runs import Run, model_cache
from genmodels.studies.arithmetic import DRAWS, ArithmeticFinding, Directions
from genmodels.studies.swap import SwapFinding
from genmodels.views import arithmetic as drawing
from genmodels.views import swap as swap_drawing
from pages.parts import heading, pictures, prose, state, view_controls, waiting
from pages.parts.session import set_widget, widget_value
from pages.parts.views.arithmetic import BETWEEN, EFFECTS, SLIDERS, SUMS, SWAP, View

PAGE = "arithmetic"


view = state.view(PAGE, View)
heading.draw(
    "Latent arithmetic",
    r"A direction $v$ of the code changes one thing of the picture: $G(z + s\,v)$. Codes can be added and subtracted, so "
    r"$G(z_A - z_B + z_C)$ has what sets $A$ apart from $B$, added to $C$. How well, and what else changes?",
)
with st.container(horizontal=True, vertical_alignment="bottom"):
    view_controls.draw(PAGE, view, "part", width="content")
    if view.part != SWAP:
        view_controls.draw(PAGE, view, "on", "effort", width="content")


@dataclass(frozen=True)
class Fitted:
    """A model of the page, and what the study says of it."""

    title: str
    key: str
    model: Model
    directions: Directions

    def decode(self, z: Tensor) -> Tensor:
        """Return the pictures of codes (N, Z), (N, C, H, W)."""
        assert isinstance(self.model, Decodes)
        return self.model.decode(z)

    def codes(self, n: int) -> Tensor:
        """Return n codes of the page's seed, (n, Z)."""
        return drawing.codes(view.noise, n, self.model.settings.latent_dim, device.choose_device())


def arithmetic() -> None:
    study = view.study()
    runs = waiting.runs(study.runs)
    finding = ArithmeticFinding.read(waiting.finding(study))
    fitted = [fitted_model(run, finding) for run in runs]
    {SUMS: sums, SLIDERS: sliders, BETWEEN: between, EFFECTS: effects}[view.part](fitted, finding)
    heading.numbers([drawing.number(each.directions, each.title) for each in fitted])


def fitted_model(run: Run, finding: ArithmeticFinding) -> Fitted:
    model = model_cache.shared().get(run.spec.key, lambda: run.load_model(device.choose_device()))
    return Fitted(run.spec.kind.title, run.spec.key, model, finding.models[run.spec.key])


def sums(fitted: list[Fitted], finding: ArithmeticFinding) -> None:
    pairs = drawing.pairs(finding)
    p = view.p if view.p in pairs else next(iter(pairs))
    q = view.q if view.q in pairs[p] else pairs[p][0]
    if not state.presenting():
        with st.container(horizontal=True):
            pick("A has", list(pairs), p, "p")
            pick("C has", pairs[p], q, "q")
    with st.container(key="sums"):
        for column, each in zip(st.columns(2), fitted, strict=True):
            with column:
                st.subheader(each.title, anchor=False)
                one_sum(each, p, q)


def one_sum(each: Fitted, p: str, q: str) -> None:
    row = drawing.sum_of(each.directions, p, q)
    if row is None:
        prose.markdown(f"— too few of its samples have {p} or {q} for three clear examples of each.")
        return
    members = torch.tensor(row.members, device=device.choose_device())  # (3, GROUP, Z)
    a, b, c = means = members.mean(1)  # (3, Z)
    labels = (f"A: {p}, no {q}", "B: neither", f"C: {q}, no {p}")
    groups = [torch.cat([each.decode(group), each.decode(mean[None])]) for group, mean in zip(members, means, strict=True)]
    small = state.presenting()  # sum and parts above the lesson's bar
    pictures.rows([("A − B + C", each.decode((a - b + c)[None]))], 110 if small else 168, source().ink)
    prose.caption(f"{row.success:.0%} of {DRAWS} different sums, from {min(row.codes):,} codes or more, have both, says the judge.")
    pictures.rows(list(zip(labels, groups, strict=True)), 60 if small else 84, source().ink)
    if not small:
        prose.caption("Three examples each, and what the mean of their codes decodes to.")


def sliders(fitted: list[Fitted], finding: ArithmeticFinding) -> None:
    amounts = drawing.amounts(view.mix)
    if not state.presenting():
        with st.expander("Attributes, in prior standard deviations", expanded=True), st.grid(7, min_column_width=140):
            for name in finding.names:
                key = set_widget(PAGE, f"{view.on}.{name}", min(3.0, max(-3.0, amounts.get(name, 0.0))))
                st.slider(name, -3.0, 3.0, step=0.5, key=key, on_change=remix, args=(name,))
        view_controls.draw(PAGE, view, "noise", width=240)
    with st.container(key="moved"):
        for column, each in zip(st.columns(2), fitted, strict=True):
            z = each.codes(6)
            moved = drawing.mixed(z, view.mix, finding.names, each.directions.directions)
            with column:
                st.subheader(each.title, anchor=False)
                pictures.rows([("before", each.decode(z)), ("after", each.decode(moved))], 80, source().ink)


def between(fitted: list[Fitted], finding: ArithmeticFinding) -> None:
    view_controls.draw(PAGE, view, "noise", width=240)
    for each in fitted:
        z = each.codes(2)
        images = each.decode(arc(z[:1], z[1:], 11)[:, 0])
        st.subheader(each.title, anchor=False)
        fade = line(images[:1], images[-1:], 11)[:, 0]
        pictures.rows([("codes between", images), ("pixels between", fade)], 72, source().ink)
        ratio = each.directions.path_length
        prose.caption(f"Perceptual path length over that of the cross-fade, mean of 100 ways: {ratio:.2f}. Less is smoother.")


def effects(fitted: list[Fitted], finding: ArithmeticFinding) -> None:
    if state.presenting():
        change_maps(fitted, finding)
    titles = {each.key: each.title for each in fitted}
    numbers = {f"{title}: flips": st.column_config.NumberColumn(format="%.0f %%") for title in titles.values()}
    numbers |= {f"{title}: needs": st.column_config.NumberColumn(format="%.2f std") for title in titles.values()}
    st.dataframe(drawing.table(finding, titles), hide_index=True, column_config=numbers, height="content")
    prose.caption(
        "flips: held-out codes without the attribute that have it within 3 prior standard deviations; needs: how far on average; "
        "also changes: the largest side effect of 2, in the data's standard deviations."
    )
    if not state.presenting():
        change_maps(fitted, finding)


def change_maps(fitted: list[Fitted], finding: ArithmeticFinding) -> None:
    for column, each in zip(st.columns(2), fitted, strict=True):
        with column:
            figure = drawing.change_map(finding.names, each.directions.change, each.title)
            st.plotly_chart(figure, width="stretch", key=f"map-{each.key}")


def swapped() -> None:
    finding = SwapFinding.read(waiting.finding(view.study()))
    left, right = st.columns([3, 1], gap="medium")
    with left, st.container(key="strips"):
        pictures.rows(swap_drawing.strips(finding), 60 if state.presenting() else 72)
    with right:
        heading.settle(*swap_drawing.number(finding))
    prose.markdown(
        "One encoder learns from both; each identity has its own decoder. Ada's frames, decoded as Ben, keep **her** expression. "
        "Both are drawings, so the true answer is known."
    )
    percent = st.column_config.NumberColumn(format="%.0f %%")
    columns = {"taken for Ben": percent, "detector right": percent}
    st.dataframe(swap_drawing.table(finding), hide_index=True, column_config=columns, height="content")


def source() -> Source:
    return datasets.source(view.on)


def pick(label: str, names: list[str], value: str, name: str) -> None:
    key = set_widget(PAGE, name, value)
    st.selectbox(label, names, key=key, on_change=lambda: state.save_view(PAGE, **{name: widget_value(PAGE, name)}), width=200)


def remix(name: str) -> None:
    now = drawing.amounts(view.mix) | {name: widget_value(PAGE, f"{view.on}.{name}")}
    state.save_view(PAGE, mix=drawing.mix_text(now))


if view.part == SWAP:
    swapped()
else:
    arithmetic()
