"""3. Realism gallery: how far from the original, and how real; two questions with two answers."""

import streamlit as st

from genmodels import datasets
from genmodels.config import UserError
from genmodels.studies.findings import StudySpec
from genmodels.studies.gallery.finding import Plane
from genmodels.views.gallery import axes, words
from genmodels.views.gallery.plane import payload
from pages.parts import cards, controls, jobs, pinning, plane, prose, state, view_controls, waiting
from pages.parts.plain import plain
from pages.parts.plane import pad, sweep
from pages.parts.session import session
from pages.parts.views.gallery import View

TITLE, PAGE = "Realism gallery", "gallery"


choice, own = state.compare(PAGE, View)
specs = [choice.spec(model) for model in choice.models]
controls.draw(TITLE, [jobs.look(spec) for spec in specs], nearest=False)
pinning.note_left_out()
cards.notices(session().address.notices)
source = datasets.source(choice.dataset)
try:
    gallery = StudySpec.make("gallery", specs)
except UserError as error:
    names = ", ".join(s.title for s in datasets.sources().values() if s.is_image and s.offline)
    st.info(f"{plain(error)}. At hand: {names}.", icon="🖼️")
    raise cards.End from None


def save_selection(selection: dict[str, object]) -> None:
    turned = selection["picture"] != state.current(PAGE, View).picture
    state.save_view(PAGE, **selection, **({"drawn": ""} if turned else {}))
    session().rerun = turned


@st.fragment
def moving_part() -> None:
    """Draw the plane. Picks go into the address and rerun this part alone; another test picture reruns the page, for the pad."""
    if session().take_rerun():
        st.rerun()
    with cards.guard():
        scene = {"sprite": plane.sprite(recording.key, recording), "tile": list(source.shape[:0:-1]), "ink": source.ink}
        plane.draw(payload(finding, own.error, realism) | scene | plane.opening_state(), save_selection)


with cards.guard():
    waiting.runs(specs)
    recording = waiting.finding(gallery)
    finding = Plane.read(recording)
    right = st.container()
    if not state.presenting():
        left, right = right.columns([1, 2.2], gap="medium", vertical_alignment="center")
        with left, st.container(horizontal=True):
            view_controls.draw(PAGE, own, "error", "realism")
    realism = axes.column(finding, own.realism)
    if realism is None:
        st.info("None of these models has a discriminator: choose the GAN or the VAE-GAN, or another realism.", icon="ℹ️")
        raise cards.End
    if not state.presenting():
        claim = "The lecture: reconstruction error need not be correlated with realism."
        right.markdown(f"> {claim} {words.sentence(finding, own.error, realism)}")
    left, right = st.columns([4.2, 1], gap="medium")
    with left:
        moving_part()
    with right:
        pad.draw(PAGE, recording, specs, own.error, realism, own.picture)
    prose.caption(words.method_words(finding, own.error, realism))
view_controls.draw(PAGE, own, "sweep")
if own.sweep:
    with cards.guard():
        sweep.draw(choice, own.error, own.realism)
