"""1. Runs: every recording, to be opened side by side or taken away."""

import streamlit as st

from genmodels import datasets, device, models
from genmodels.config import Config, knob
from genmodels.runs import Run, catalogue, model_cache
from genmodels.views import exports
from pages.parts import cards, jobs, pinning, prose, state
from pages.parts.choice import Choice
from pages.parts.session import session, set_widget, widget_key, widget_value

PIN_HELP = "A column of its own in the present comparison, if that is of the same data."

PAGE, NAME = "runs", "^[a-z0-9-]{0,40}$"


class View(Config):
    """Whose runs are listed."""

    data: str = knob("", "The dataset; all if it is empty.", pattern=NAME)
    model: str = knob("", "The model; all if it is empty.", pattern=NAME)


def choose(name: str) -> None:
    state.save_view(PAGE, **{name: widget_value(PAGE, name) or ""})


view = state.view(PAGE, View)
store = jobs.store()
runs = [run for run in catalogue(store) if not run.spec.source.private]

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Runs", anchor=False, width="content")
    kinds = models.models()
    present = list(dict.fromkeys(run.spec.dataset for run in runs))
    dataset = st.pills(
        "Dataset",
        present,
        format_func=lambda n: datasets.source(n).title,
        key=set_widget(PAGE, "data", view.data if view.data in present else None),
        on_change=choose,
        args=("data",),
        label_visibility="collapsed",
    )
    model = st.pills(
        "Model",
        list(kinds),
        format_func=lambda n: kinds[n].title,
        key=set_widget(PAGE, "model", view.model if view.model in kinds else None),
        on_change=choose,
        args=("model",),
        label_visibility="collapsed",
    )

cards.notices(session().address.notices)
matches = [run for run in runs if dataset in (None, run.spec.dataset) and model in (None, run.spec.model)]
rows = []
for run in matches:
    status, spec, origin = run.status(), run.spec, run.result().provenance
    rows.append(
        {
            "open": "./?" + Choice.beside(spec).to_link(),
            "dataset": spec.source.title,
            "model": kinds[spec.model].title,
            "budget": spec.budget,
            "settings": ", ".join(f"{name} = {value}" for name, value in spec.changed.items()) or "as preset",
            "seed": spec.seed,
            "updates": status.step,
            "seconds": status.seconds,
            "device": origin.device,
            "finished": origin.finished[:16].replace("T", " "),
            "key": spec.key[:12],
        }
    )
if not rows:
    st.info("No run here yet: train some on the page *Side by side*, or all of the opening ones by `python -m genmodels warm`.")
else:
    link = st.column_config.LinkColumn(
        "open", display_text="side by side", help="This run beside the usual others, in a new window"
    )
    table = st.dataframe(
        rows,
        key=widget_key(PAGE, "table"),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={"open": link},
    )
    selection = table["selection"]["rows"]
    if selection and selection[0] < len(matches):
        run: Run = matches[selection[0]]
        name = f"{run.spec.dataset}-{run.spec.model}-{run.spec.key[:8]}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{run.spec.kind.title} on {run.spec.source.title}**, `{run.spec.key[:12]}`", width="content")
            st.button("Pin beside", on_click=pinning.pin_from_afar, args=(run.spec,), help=PIN_HELP)
            st.download_button("Weights", run.weights, f"{name}.safetensors", on_click="ignore")
            st.download_button("Curves", lambda: exports.curves_csv(run), f"{name}.csv", on_click="ignore")
            if hasattr(run.spec.kind, "sample"):
                st.download_button("1,000 samples", lambda: exports.samples_npz(run, 1000), f"{name}.npz", on_click="ignore")
    else:
        prose.caption("Pick a row to download its weights, curves or samples.")

cache = model_cache.shared()
prose.caption(
    f"{len(runs)} runs, {store.size() / 1e6:.0f} MB of {store.limit_bytes / 1e9:.1f} GB on disk; {len(cache)} fitted models, "
    f"{cache.bytes() / 1e6:.1f} of {cache.limit_bytes / 1e6:.0f} MB, held on {device.describe(device.choose_device())}."
)
cards.notices(store.aside())
