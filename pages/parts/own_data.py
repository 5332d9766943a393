"""A viewer's own data beside the list of datasets: uploaded files, or a density drawn on a pad."""

import streamlit as st

from genmodels import datasets
from genmodels.config import UserError
from genmodels.datasets import upload
from genmodels.datasets.parts import unpack
from pages.parts import cards, density_pad, state
from pages.parts.choice import Choice

MEGABYTES = unpack.MAX_BYTES // 10**6
BOUNDS = (
    f"Pictures ({unpack.KINDS}), a zip of them, an NPZ (`x`, and `y` for labels) or a CSV of two columns. {MEGABYTES} MB and "
    f"{unpack.MIN_EXAMPLES} to {unpack.MAX_EXAMPLES:,} examples; pictures become squares of at most {upload.SIDE} pixels."
)
PRIVACY = "Kept on this server under a name that only your link holds, until newer uploads need the room."


def names(chosen: str) -> list[str]:
    """Return the datasets to choose from: those for all, then this session's own, the chosen one among them."""
    own: list[str] = st.session_state.setdefault("own-data", [])
    if chosen not in datasets.sources() and chosen not in own:
        own.append(chosen)
    return [*datasets.sources(), *(name for name in own if name == chosen or _is_there(name))]


def draw() -> None:
    """Draw the popover with its two ways; what was made is chosen at once."""
    choice: Choice = st.session_state["choice"]
    turn = st.session_state.setdefault("own-data-turn", 0)  # another popover after each success: it is closed and empty
    with st.popover("Your own", key=f"own-data-{turn}", on_change="rerun") as popover:
        if not popover.open:
            return
        uploaded, drawn = st.tabs(["Upload", "Draw"])
        with uploaded:
            _upload(turn)
        with drawn:
            density_pad.draw(choice.dataset if choice.dataset.startswith("drawn-") else "", _choose)
            if fault := st.session_state.pop("own-data-fault", None):
                cards.fault(fault)


def _upload(turn: int) -> None:
    with st.form(f"own-data-form-{turn}", border=False):
        files = st.file_uploader("Your data", accept_multiple_files=True, key=f"own-data-files-{turn}", max_upload_size=MEGABYTES)
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
        choice = st.session_state["choice"].with_dataset(name)
    except UserError as error:
        st.session_state["own-data-fault"] = str(error)
        return
    st.session_state["own-data-turn"] += 1
    state.save(choice)


def _is_there(name: str) -> bool:
    try:
        datasets.source(name)
    except UserError:  # it had to make room
        return False
    return True
