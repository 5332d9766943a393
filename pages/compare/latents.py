"""2. Latent space: what each model's code knows of an example, seen as maps of held-out data."""

from typing import Any

import streamlit as st

from genmodels.config import UserError
from genmodels.models.base import Encodes
from genmodels.studies.latents.finding import LatentSpace, SmallMaps
from genmodels.views.latents import maps as view
from genmodels.views.latents import scene as scenes
from genmodels.views.latents import words
from genmodels.views.latents.methods import ITERATED, METHODS, impossible
from pages.parts import cards, controls, jobs, latent_columns, pinning, prose, scatter, state, view_controls, waiting
from pages.parts.session import session, set_widget, widget_value
from pages.parts.views.latents import View

POLL_SECONDS = 0.5
TITLE, PAGE, MAX_PICKS = "Latent space", "latents", 8


choice, own = state.compare(PAGE, View)
cards.notices(session().address.notices)
specs = [choice.spec(model) for model in choice.models]
try:
    by = scenes.attributes(choice.dataset)
    colour = own.colour if own.colour in by else next(iter(by), "")
    scene = scenes.scene(choice.dataset, colour)
except UserError as error:
    controls.draw(TITLE, [], nearest=False)
    controls.unavailable(error)
method = own.method(choice.dataset)


def look() -> list[latent_columns.Item]:
    """Return each model's run and findings, after short ones that are missing were begun."""
    items = [latent_columns.look(spec, method, own) for spec in specs]
    if not choice.auto:
        return items
    jobs.request_short(thing for item in items for thing in item.next())
    return [latent_columns.look(spec, method, own) for spec in specs]


def picks() -> list[int]:
    """Return the picked examples as the session has them now: a click reruns the maps alone."""
    return scenes.valid_picks(choice.dataset, state.current(PAGE, View).picks)


def pick(example: str) -> None:
    before = picks()
    others = [index for index in before if index != int(example)]
    after = [*others, int(example)] if len(others) == len(before) else others  # a second click unpicks it
    state.save_view(PAGE, picks=".".join(map(str, after[-MAX_PICKS:])))


def begin(model: str) -> None:
    item = next(item for item in look() if item.run.spec.model == model)
    jobs.request_all(thing.spec for thing in item.next())
    session().rerun = True


def save_map() -> None:
    state.save_view(PAGE, map=widget_value(PAGE, "map"))


def save_colour() -> None:
    state.save_view(PAGE, colour=widget_value(PAGE, "colour"))


first = look()
waits = any(item.live for item in first)
run_columns = [column for item in first for column in (item.live or ([] if item.why_not else [item.run]))]
controls.draw(TITLE, run_columns, nearest=False)
pinning.note_left_out()
if not state.presenting():
    with st.container(horizontal=True, vertical_alignment="bottom", key="map-row"):
        key = set_widget(PAGE, "map", method)
        st.segmented_control("Map", METHODS, required=True, key=key, on_change=save_map, width="content")
        if method in ITERATED:
            view_controls.draw(PAGE, own, "perplexity", "start", width=150)
        if by:
            st.selectbox("Colour", by, key=set_widget(PAGE, "colour", colour), on_change=save_colour, width=150)
        if method != "with samples":
            view_controls.draw(PAGE, own, "prior")


sprites = map(scenes.sprite, [choice.dataset])  # half a megabyte that the browser keeps: sent once, not with every frame


def column_of(item: latent_columns.Item) -> dict[str, Any]:
    """Return the column for the browser; one that cannot be read says so in its own place."""
    try:
        return item.data(own.prior, picks())
    except Exception as error:
        return view.blank(item.run.spec) | {"state": "failed", "message": cards.words(error)}


@st.fragment(run_every=POLL_SECONDS if waits else None)
def maps() -> None:
    """Draw the maps: these alone again while something is computed, the whole page once it is finished."""
    with cards.guard():
        items = look()
        live = any(item.live for item in items)
        columns = [column_of(item) for item in items]
        for column, item in zip(columns, items, strict=True):
            column["stamp"] = "".join(i.spec.key[:8] for i in item.studies if i.recording)
        payload = {"scene": scene, "columns": columns, "picks": picks(), "method": method}
        payload |= {"originals": scenes.originals(choice.dataset, picks()), "spriteKey": choice.dataset}
        payload |= {"crosses": words.crosses(specs, method) if own.prior or method == "with samples" else ""}
        payload |= {"hint": "" if picks() else "Click a dot: what does each model make of it?"}
        payload |= {"sprite": next(sprites, "") if live else scenes.sprite(choice.dataset)}
        scatter.draw("maps", payload, pick, begin)
        if session().take_rerun() or waits != live:
            st.rerun()


maps()
with cards.guard():
    recordings = [(item.run.spec, item.studies[0].recording) for item in look() if item.studies]
    findings = [(spec, LatentSpace.read(recording)) for spec, recording in recordings if recording]
    if len(findings) == len([item for item in first if not item.why_not]) and (sentence := words.sentence(findings)):
        prose.markdown(f"> {sentence}")
if method != "with samples" and any(not issubclass(spec.kind, Encodes) for spec in specs):
    prose.caption(
        "A GAN has no encoder, and its z is noise by construction: what is mapped is a noise from which the generator comes near "
        "the example. *With samples* lays real and generated examples into one map instead, in features that favour no model."
    )

st.subheader("Can the map be trusted?", anchor=False)
prose.caption(
    "The same codes in nine t-SNE maps, from three random starts at three perplexities: what all nine show is there. "
    "A KL compares with those of the same perplexity alone."
)
able = {spec.model: spec for spec in specs if not impossible(spec, "t-SNE")}


def save_trust() -> None:
    state.save_view(PAGE, trust=widget_value(PAGE, "trust") or "")


if not state.presenting():
    key = set_widget(PAGE, "trust", own.trust if own.trust in able else None)
    st.pills("Of", list(able), format_func=lambda m: able[m].kind.title, key=key, on_change=save_trust)
if own.trust in able and jobs.look(able[own.trust]).recording and not waits:
    with cards.guard():
        run = able[own.trust]
        nine = view.seeds(run, SmallMaps.read(waiting.finding(own.trust_study(run))))
        scatter.draw("nine", {"scene": scene, "columns": nine, "small": True, "method": "nine", "spriteKey": choice.dataset})
