"""6. Latent arithmetic: add and subtract codes, and see what else changes."""

from typing import Literal

import streamlit as st
import torch

from genmodels import datasets, device
from genmodels.config import Config, knob
from genmodels.metrics.path_length import arc, line
from genmodels.runs import model_cache
from genmodels.studies.arithmetic import DRAWS, specs
from genmodels.studies.findings import StudySpec
from genmodels.views import arithmetic as view_of
from pages.parts import heading, pictures, state, view_controls, waiting
from pages.parts.session import set_widget, widget_value

PAGE = "arithmetic"
SUMS, SLIDERS, BETWEEN, EFFECTS, SWAP = "A − B + C", "Sliders", "In between", "What else changes", "Swapped identities"


class View(Config):
    """What the page shows."""

    on: Literal["sketch-faces", "digits"] = knob("sketch-faces", "Faces of nobody, or handwritten digits.", label="dataset")
    effort: Literal["quick", "standard", "thorough"] = knob("standard", "How long each model trains.", label="budget")
    part: Literal["A − B + C", "Sliders", "In between", "What else changes", "Swapped identities"] = knob(SUMS, "What is done.")
    p: str = knob("hat", "What A has and B lacks.", pattern="^[a-z0-9 ]{1,20}$")
    q: str = knob("beard", "What C has and B lacks.", pattern="^[a-z0-9 ]{1,20}$")
    noise: int = knob(0, "Seed of the codes shown.", ge=0, le=999, label="seed")
    mix: str = knob("glasses:2", "Amounts along directions.", pattern=r"^([a-z0-9 ]{1,20}:-?\d(\.\d)?,?){0,13}$")


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


def arithmetic() -> None:
    runs = specs(view.on, view.effort)
    waiting.runs(runs)
    finding = waiting.finding(StudySpec.make("arithmetic", runs))
    found, where, source = finding.json("arithmetic.json"), device.choose_device(), datasets.source(view.on)
    kept = {run.key: finding.tensors(f"{run.key}.safetensors")["directions"].to(where) for run in runs}
    fitted = {run.key: model_cache.shared().get(run.key, lambda run=run: waiting.open_run(run).load_model(where)) for run in runs}
    {SUMS: sums, SLIDERS: sliders, BETWEEN: between, EFFECTS: effects}[view.part](runs, found, kept, fitted, source)
    for column, run in zip(st.columns(2), runs, strict=True):
        good, of = view_of.reliable(found, run.key)
        with column:
            heading.settle(
                f"{run.kind.title}: attributes that can be switched on",
                f"{good} of {of}",
                "Attributes that appear in at least 80 % of 300 held-out codes without them, when moved by at most 3 prior "
                "standard deviations; judged by a net that learnt from other pictures than the one that found the direction.",
            )


def sums(runs, found, kept, fitted, source) -> None:  # type: ignore[no-untyped-def]
    pairs = sorted({(row["p"], row["q"]) for run in runs for row in found["models"][run.key]["sums"]})
    view_p = view.p if view.p in {p for p, _ in pairs} else pairs[0][0]
    choices = [q for p, q in pairs if p == view_p]
    view_q = view.q if view.q in choices else choices[0]
    if not state.presenting():
        with st.container(horizontal=True):
            pick("A has", sorted({p for p, _ in pairs}), view_p, "p")
            pick("C has", choices, view_q, "q")
    for column, run in zip(st.columns(2), runs, strict=True):
        row = next((r for r in found["models"][run.key]["sums"] if (r["p"], r["q"]) == (view_p, view_q)), None)
        with column:
            st.subheader(run.kind.title, anchor=False)
            if row is None:
                st.markdown(f"— too few of its samples have {view_p} or {view_q} for three clear examples of each.")
                continue
            model = fitted[run.key]
            members = torch.tensor(row["members"], device=next(iter(kept.values())).device)  # (3, GROUP, Z)
            means = members.mean(1)  # (3, Z)
            labels = (f"A: {view_p}, no {view_q}", "B: neither", f"C: {view_q}, no {view_p}")
            lines = [
                (label, torch.cat([model.decode(group), model.decode(mean[None])]))
                for label, group, mean in zip(labels, members, means, strict=True)
            ]
            pictures.rows(lines, 84, source.ink)
            st.caption("Three examples each, and what the mean of their codes decodes to.")
            pictures.rows([("A − B + C", model.decode((means[0] - means[1] + means[2])[None]))], 168, source.ink)
            fewest = min(row["codes"])
            st.caption(f"{row['success']:.0%} of {DRAWS} different sums, from {fewest:,} codes or more, have both, says the judge.")


def sliders(runs, found, kept, fitted, source) -> None:  # type: ignore[no-untyped-def]
    now = view_of.amounts(view.mix)
    if not state.presenting():
        with st.expander("Attributes, in prior standard deviations", expanded=True), st.grid(7, min_column_width=140):
            for name in found["names"]:
                key = set_widget(PAGE, f"{view.on}.{name}", min(3.0, max(-3.0, now.get(name, 0.0))))
                st.slider(name, -3.0, 3.0, step=0.5, key=key, on_change=remix, args=(name,))
        view_controls.draw(PAGE, view, "noise", width=240)
    for column, run in zip(st.columns(2), runs, strict=True):
        model = fitted[run.key]
        z = view_of.codes(view.noise, 6, model, kept[run.key].device)
        moved = view_of.mixed(z, view.mix, found["names"], kept[run.key])
        with column:
            st.subheader(run.kind.title, anchor=False)
            pictures.rows([("before", model.decode(z)), ("after", model.decode(moved))], 80, source.ink)


def between(runs, found, kept, fitted, source) -> None:  # type: ignore[no-untyped-def]
    view_controls.draw(PAGE, view, "noise", width=240)
    for run in runs:
        model = fitted[run.key]
        z = view_of.codes(view.noise, 2, model, kept[run.key].device)
        pics = model.decode(arc(z[:1], z[1:], 11)[:, 0])
        st.subheader(run.kind.title, anchor=False)
        pictures.rows([("codes between", pics), ("pixels between", line(pics[:1], pics[-1:], 11)[:, 0])], 72, source.ink)
        ratio = found["models"][run.key]["path_length"]
        st.caption(f"Perceptual path length over that of the cross-fade, mean of 100 ways: {ratio:.2f}. Less is smoother.")


def effects(runs, found, kept, fitted, source) -> None:  # type: ignore[no-untyped-def]
    titles = {run.key: run.kind.title for run in runs}
    numbers = {f"{title}: flips": st.column_config.NumberColumn(format="%.0f %%") for title in titles.values()}
    numbers |= {f"{title}: needs": st.column_config.NumberColumn(format="%.2f std") for title in titles.values()}
    st.dataframe(view_of.table(found, titles), hide_index=True, column_config=numbers, height="content")
    st.caption(
        "flips: held-out codes without the attribute that have it within 3 prior standard deviations; needs: how far on average; "
        "also changes: the largest side effect of 2, in the data's standard deviations."
    )
    for column, run in zip(st.columns(2), runs, strict=True):
        with column:
            figure = view_of.change_map(found["names"], found["models"][run.key]["change"], run.kind.title)
            st.plotly_chart(figure, width="stretch", key=f"map-{run.key}")


def swapped() -> None:
    finding = waiting.finding(StudySpec.make("swap"))
    found, shown = finding.json("swap.json"), finding.tensors("frames.safetensors")
    steps = [row["step"] for row in found["rows"]]
    lines = [("Ada, who exists nowhere", shown["source"])]
    lines += [(f"as Ben, after {step:,} updates", shown[f"fake {step}"]) for step in steps]
    pictures.rows([*lines, ("what it should be", shown["target"])], 72)
    st.markdown(
        "One encoder learns from both; each identity has its own decoder. Ada's frames, decoded as Ben, keep **her** expression. "
        "Both are drawings, so the true answer is known."
    )
    rows = [
        {
            "updates": row["step"],
            "error to the truth (RMSE)": row["rmse"],
            "taken for Ben": 100 * row["named"],
            **{f"{name} kept (R²)": kept for name, kept in zip(found["expression"], row["kept"], strict=True)},
            "detector right": 100 * row["detected"],
        }
        for row in found["rows"]
    ]
    percent = st.column_config.NumberColumn(format="%.0f %%")
    st.dataframe(rows, hide_index=True, column_config={"taken for Ben": percent, "detector right": percent}, height="content")
    last = found["rows"][-1]
    heading.settle(
        "Detector against the best fake",
        f"{last['detected']:.0%}",
        f"Held-out accuracy of a small net that tells real frames of Ben from swapped ones; 50 % is guessing, and against frames "
        f"that are really Ben's it reads {last['floor']:.0%}.",
    )


def pick(label: str, names: list[str], value: str, name: str) -> None:
    key = set_widget(PAGE, name, value)
    st.selectbox(label, names, key=key, on_change=lambda: state.save_view(PAGE, **{name: widget_value(PAGE, name)}), width=200)


def remix(name: str) -> None:
    now = view_of.amounts(view.mix) | {name: widget_value(PAGE, f"{view.on}.{name}")}
    state.save_view(PAGE, mix=view_of.mix_text(now))


if view.part == SWAP:
    swapped()
else:
    arithmetic()
