"""A viewer's own datasets: uploaded files, or a density drawn on a pad."""

import streamlit as st

from genmodels import datasets
from genmodels.config import UserError
from genmodels.datasets import reading
from pages.parts import cards, density_pad, own_preview, pinning
from pages.parts.session import session, set_widget, widget_key

MEGABYTES = reading.MAX_BYTES // 10**6
BOUNDS = (
    f"Pictures ({reading.PICTURES}), a zip of them, NPY or NPZ, or a table (CSV, text, XLSX) of points. {MEGABYTES} MB and "
    f"{reading.MIN_EXAMPLES} to {reading.MAX_EXAMPLES:,} examples. What is read is shown before it is used."
)
PRIVACY = "Kept on this server under a name that only your link holds, until newer uploads need the room."


def names(current: str) -> list[str]:
    """Return the datasets to choose from: those for all viewers, then this viewer's own, with the current one."""
    own = session().own_data.names
    if current not in datasets.sources() and current not in own:
        own.append(current)
    return [*datasets.sources(), *(name for name in own if name == current or _exists(name))]


def draw() -> None:
    """Draw the popover with both ways to add a dataset, which is then compared at once."""
    own, dataset = session().own_data, session().choice.dataset
    with st.popover("Your own", key=widget_key("own-data", str(own.popover)), on_change="rerun") as popover:
        if not popover.open:
            return
        upload_tab, drawing_tab = st.tabs(["Upload", "Draw"])
        with upload_tab:
            _upload()
        with drawing_tab:
            density_pad.draw(dataset if dataset.startswith("drawn-") else "", _choose)
            if own.fault:
                cards.fault(own.fault)
                own.fault = ""


def open_popover() -> None:
    """Let the popover be open when it is drawn next."""
    set_widget("own-data", str(session().own_data.popover), True)


def _upload() -> None:
    own = session().own_data
    key = widget_key("own-data", f"files-{own.popover}")
    files = st.file_uploader("Your data", accept_multiple_files=True, key=key, max_upload_size=MEGABYTES)
    if files:
        with cards.guard():
            own_preview.draw([(file.name, file.getvalue()) for file in files], _choose)
        return
    st.caption(BOUNDS)
    st.caption(PRIVACY)


def _choose(name: str) -> None:
    """Compare on this dataset; the fault of a drawing that is none is shown beside the pad."""
    try:
        pinning.change_dataset(name)
    except UserError as error:
        session().own_data.fault = str(error)
        return
    session().own_data.popover += 1


def _exists(name: str) -> bool:
    try:
        datasets.source(name)
    except UserError:  # removed to make room for newer uploads
        return False
    return True
