"""A page's picture never blanks: while its recordings are made, the one before stays, dimmed, under a line of progress."""

import html
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import streamlit as st

from genmodels.config import UserError
from genmodels.runs import Run, RunSpec, Spec
from genmodels.store import Recording
from genmodels.studies.findings import StudySpec
from pages.parts import cards, jobs, state, status, waiting
from pages.parts.jobs import Item
from pages.parts.session import session
from pages.parts.views.base import PageView
from pages.parts.widgets import number_text

V = TypeVar("V", bound=PageView)

POLL_SECONDS = 0.5
STYLE = """
.st-key-NAME-line { min-height: 1.7rem; margin: -.75rem 0 -.6rem; gap: .8rem; }
.st-key-NAME-line [data-testid=stButton] button { min-height: 1.6rem; padding: 0 .7rem; }
.st-key-NAME-picture DIM { transition: opacity .25s; }
.progress-line { height: 3px; border-radius: 2px; background: rgba(128, 128, 128, .25); margin-bottom: 3px; }
.progress-line i { display: block; height: 3px; border-radius: 2px; background: #3b7dd8; transition: width .5s linear; }
.progress-words { font-size: 13.5px; line-height: 1.35; }
"""
OLD = ".st-key-NAME-picture DIM { opacity: .42; }"


@dataclass(frozen=True)
class Part(Generic[V]):
    """A part of a page: one picture, drawn from findings that some of the page's controls decide."""

    page: str
    studies: Callable[[V], Sequence[StudySpec]]
    sources: tuple[str, ...]  # the controls that decide which findings
    kinds: tuple[str, ...] = ()  # those that choose another picture altogether: one of another kind never stands in
    name: str = ""  # where the page has several parts
    dim: str = ""  # the CSS selector of what is dimmed while the picture is old, "" for all
    grows: bool = False  # whether it shows recordings as they grow

    @property
    def key(self) -> str:
        """The beginning of the keys of its widgets."""
        return f"{self.page}-{self.name}" if self.name else self.page

    def needs(self, view: V) -> list[Spec]:
        """Return the specs that the picture is drawn from: the runs of its studies, then these."""
        studies = self.studies(view)
        specs: list[Spec] = [*(run for study in studies for run in study.runs), *studies]
        return list({spec.key: spec for spec in specs}.values())

    def kind(self, view: V) -> tuple[str, ...]:
        """Return which kind of picture it is."""
        return (self.key, *(str(getattr(view, name)) for name in self.kinds))

    def values(self, view: V) -> dict[str, Any]:
        """Return the values of the controls that decide which findings."""
        return {name: getattr(view, name) for name in self.sources}

    def changed(self, view: V, values: dict[str, Any]) -> V:
        """Return the page's controls with other values."""
        return view.parse(view.model_dump() | values, self.page)

    def preset(self, view: V) -> V:
        """Return the controls with those that decide which findings as the page opens with them."""
        knobs = view.knobs()
        return self.changed(view, {name: knobs[name].default for name in self.sources})


@dataclass(frozen=True)
class Picture(Generic[V]):
    """The newest picture all of whose recordings are there, and what is to replace it."""

    view: V  # the page's controls, those that decide which findings as they were for this picture
    specs: Sequence[Spec]
    recordings: Sequence[Recording]  # of the specs
    following: Sequence[Item[Spec]] = ()  # what the controls ask for now; empty where this is it

    @property
    def is_old(self) -> bool:
        """Whether the controls ask for another."""
        return bool(self.following)

    @property
    def finding(self) -> Recording:
        """The recording of the last of its studies."""
        return self.recordings[-1]

    def finding_of(self, study: StudySpec) -> Recording:
        """Return the recording of one of its studies."""
        return next(recording for recording in self.recordings if recording.key == study.key)

    def runs(self) -> list[Run]:
        """Return those of the recordings that are runs."""
        pairs = zip(self.recordings, self.specs, strict=True)
        return [Run(recording, spec) for recording, spec in pairs if isinstance(spec, RunSpec)]


def draw(part: Part[V], view: V, paint: Callable[[Picture[V]], None]) -> None:
    """Draw the newest picture of a part by `paint` and, where it is not yet the one that the controls ask for, how far that is."""
    items = _look(part, view)
    picture = _newest(part, view, items)
    if picture is None:
        waiting.draw([item.spec for item in _due(items)])
        return
    live = {item.spec.key for item in items if item.is_live}
    with st.container(key=f"{part.key}-line", horizontal=True, vertical_alignment="center"):
        _moving_line(part, view, picture.view, live)
        if picture.is_old:
            _button(part, view, items)
    for error in dict.fromkeys(item.error for item in items if item.state == "failed"):
        cards.fault(error)

    @st.fragment(run_every=POLL_SECONDS if live and part.grows else None)
    def moving_picture() -> None:
        with cards.guard():
            paint(replace(picture, following=_again(part, view)) if picture.is_old else picture)

    with st.container(key=f"{part.key}-picture"):
        moving_picture()


def _look(part: Part[V], view: V) -> list[Item[Spec]]:
    """Return what there is of each recording, after those that are due were begun: short ones, or what the viewer asked for."""
    if session().pictures.wishes.get(part.kind(view)) == part.values(view):
        jobs.request_all([item.spec for item in _due(_again(part, view)) if item.state == "missing"])
    elif state.auto():
        jobs.request_short(_due(_again(part, view)))
    return _again(part, view)


def _again(part: Part[V], view: V) -> list[Item[Spec]]:
    return [jobs.look(spec) for spec in part.needs(view)]


def _due(items: Sequence[Item[Spec]]) -> list[Item[Spec]]:
    """Return what is missing and could begin: what needs another of them comes after that."""
    missing = {item.spec.key: item for item in items if not item.recording}
    return [item for item in missing.values() if not missing.keys() & {need.key for need in item.spec.needs()}]


def _newest(part: Part[V], view: V, items: Sequence[Item[Spec]]) -> Picture[V] | None:
    """Return the picture that is asked for, else the one that was drawn last, else the preset's, else None."""
    pictures, kind, values = session().pictures, part.kind(view), part.values(view)
    recordings = [item.recording for item in items if item.recording]
    if len(recordings) == len(items):
        pictures.values[kind] = values
        pictures.begins.pop(kind, None)
        return Picture(view, [item.spec for item in items], recordings)
    if pictures.begins.get(kind, (None, 0.0))[0] != values:
        pictures.begins[kind] = values, time.monotonic()
    before = [part.changed(view, pictures.values[kind])] if kind in pictures.values else []
    for other in [*before, part.preset(view)]:
        specs = part.needs(other)
        available = [recording for spec in specs if (recording := jobs.store().find(spec.key))]
        if len(available) == len(specs):
            return Picture(other, specs, available, items)
    return None


def _moving_line(part: Part[V], view: V, before: V, live: set[str]) -> None:
    """Draw the line of progress and its words, alone again and again while something is made; the whole page when that ends."""

    @st.fragment(run_every=POLL_SECONDS if live else None)
    def line() -> None:
        with cards.guard():
            items = _again(part, view)
            is_old = any(not item.recording for item in items)
            style = (STYLE + OLD * is_old).replace("NAME", part.key).replace("DIM", part.dim)
            st.html(f"<style>{style}</style>" + (_line_html(part, view, before, items) if is_old else "<div></div>"))
            if {item.spec.key for item in items if item.is_live} != live:
                st.rerun()

    line()


def _line_html(part: Part[V], view: V, before: V, items: Sequence[Item[Spec]]) -> str:
    old, new = _words(part, before, view), _words(part, view, before)
    if not any(item.is_live for item in items):
        return f'<div class="progress-words">{old}. <b>{new}</b> {html.escape(_rest(items))}.</div>'
    left = _seconds_left(items)
    elapsed = time.monotonic() - session().pictures.begins.get(part.kind(view), (None, time.monotonic()))[1]
    percent = round(100 * elapsed / max(elapsed + left, 1e-3))
    words = f"{old}, while <b>{new}</b> is made: {status.about(left)} left"
    return (
        f'<div class="progress-line" role="progressbar" aria-label="{new} is made" aria-valuenow="{percent}" aria-valuemin="0"'
        f' aria-valuemax="100"><i style="width:{percent}%"></i></div><div class="progress-words">{words}</div>'
    )


def _words(part: Part[V], view: V, other: V) -> str:
    """Return in words, as HTML, which of the values that decide what is drawn differ from another's."""
    knobs, others = view.knobs(), part.values(other)
    values = [(knobs[name].label, value) for name, value in part.values(view).items() if value != others[name]]
    parts = [f"{label} {'= ' * (not isinstance(value, str))}{_value_text(value)}" for label, value in values]
    return html.escape(", ".join(parts) or "this picture")


def _value_text(value: Any) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else number_text(value)


def _seconds_left(items: Sequence[Item[Spec]]) -> float:
    """Return in how many seconds all is there: what is being made, and after it what needs that."""
    later = [item.estimate() for item in items if not item.recording and not item.is_live]
    return max((item.ends_in for item in items if item.is_live), default=0.0) + max(later, default=0.0)


def _rest(items: Sequence[Item[Spec]]) -> str:
    """Return in words why nothing is being made."""
    due = _due(items)
    if any(item.state == "failed" for item in due):
        return "could not be made"
    if stopped := [item for item in due if item.state == "stopped"]:
        return status.phrase(max(stopped, key=lambda item: item.progress))
    return f"is not there yet: {status.about(_seconds_left(items))}"


def _button(part: Part[V], view: V, items: Sequence[Item[Spec]]) -> None:
    """Draw the button that stops what is being made, or begins what is due."""
    live, due = [item.spec for item in items if item.is_live], _due(items)
    if live:
        st.button("Pause", key=f"stop-{part.key}", on_click=_stop, args=(part, view, live), help=jobs.STOP_HELP)
        return
    states = {item.state for item in due}
    label = "Try again" if "failed" in states else "Continue" if any(item.is_resumable() for item in due) else "Make it"
    st.button(label, key=f"begin-{part.key}", on_click=_begin, args=(part, view, [item.spec for item in due]))


def _begin(part: Part[V], view: V, specs: Sequence[Spec]) -> None:
    session().pictures.wishes[part.kind(view)] = part.values(view)  # what comes after these begins by itself
    jobs.request_all(specs)


def _stop(part: Part[V], view: V, specs: Sequence[Spec]) -> None:
    session().pictures.wishes.pop(part.kind(view), None)
    for spec in specs:
        jobs.stop(spec)


def grown(item: Item[Spec]) -> Run | None:
    """Return as much as there is of a run that is to follow, None before its first snapshot."""
    recording = item.recording or item.growing()
    if recording is None or not isinstance(item.spec, RunSpec):
        return None
    run = Run(recording, item.spec)
    try:
        return run if run.status().snapshot_steps else None
    except (OSError, UserError):  # finished, or swept, in this very moment
        return None
