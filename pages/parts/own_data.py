"""A viewer's own data beside the list of datasets: uploaded files, or a density drawn on a pad."""

import streamlit as st

from genmodels import datasets
from genmodels.config import UserError
from genmodels.datasets import upload
from genmodels.datasets.parts import unpack
from pages.parts import cards, density_pad, state
from pages.parts.session import session, widget_key

MEGABYTES = unpack.MAX_BYTES // 10**6
BOUNDS = (
    f"Pictures ({unpack.KINDS}), a zip of them, an NPZ (`x`, and `y` for labels) or a CSV of two columns. {MEGABYTES} MB and "
    f"{unpack.MIN_EXAMPLES} to {unpack.MAX_EXAMPLES:,} examples; pictures become squares of at most {upload.SIDE} pixels."
)
PRIVACY = "Kept on this server under a name that only your link holds, until newer uploads need the room."


def names(chosen: str) -> list[str]:
    """Return the datasets to choose from: those for all, then this session's own, the chosen one among them."""
    own = session().own_data.names
    if chosen not in datasets.sources() and chosen not in own:
        own.append(chosen)
    return [*datasets.sources(), *(name for name in own if name == chosen or _is_there(name))]


def draw() -> None:
    """Draw the popover with its two ways; what was made is chosen at once."""
    own, dataset = session().own_data, session().choice.dataset
    with st.popover("Your own", key=widget_key("own-data", str(own.popover)), on_change="rerun") as popover:
        if not popover.open:
            return
        uploaded, drawn = st.tabs(["Upload", "Draw"])
        with uploaded:
            _upload()
        with drawn:
            density_pad.draw(dataset if dataset.startswith("drawn-") else "", _choose)
            if own.fault:
                cards.fault(own.fault)
                own.fault = ""


def _upload() -> None:
    turn = session().own_data.popover
    with st.form(widget_key("own-data", f"form-{turn}"), border=False):
        key = widget_key("own-data", f"files-{turn}")
        files = st.file_uploader("Your data", accept_multiple_files=True, key=key, max_upload_size=MEGABYTES)
        st.caption(BOUNDS)
        st.caption(PRIVACY)
        sent = st.form_submit_button("Use these", type="primary")
    if not sent:
        return
    try:
        with st.spinner("Reading"):
            name = upload.add([(file.name, file.getvalue()) for file in files])
    except UserError as error:
        cards.fault(error)
        return
    _choose(name)
    st.rerun()


def _choose(name: str) -> None:
    """Make this dataset the choice; a drawing that cannot be is told beside the pad."""
    try:
        choice = session().choice.with_dataset(name)
    except UserError as error:
        session().own_data.fault = str(error)
        return
    session().own_data.popover += 1
    state.save(choice)


def _is_there(name: str) -> bool:
    try:
        datasets.source(name)
    except UserError:  # it had to make room
        return False
    return True
