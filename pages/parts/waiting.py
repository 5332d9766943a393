"""Recordings that a page needs: while one is missing, a card stands in its place, with its time, its progress and one button."""

from collections.abc import Callable, Sequence

import streamlit as st

from genmodels.runs import Run, RunSpec, Spec
from genmodels.store import Recording
from genmodels.views import names
from pages.parts import cards, jobs, state, status
from pages.parts.jobs import Item
from pages.parts.session import session

POLL_SECONDS = 0.7
CARDS = 3  # more than this many share one bar


def recordings(specs: Sequence[Spec], preview: Callable[[Recording], None] | None = None) -> list[Recording]:
    """Return the recordings if all are there; else draw what is missing, and end this part of the page.

    What is short is requested at once, unless the address says auto=0. `preview` draws a recording that is growing.
    """
    available = [item.recording for item in map(jobs.look, specs) if item.recording]
    if len(available) < len(specs):
        draw(specs, preview)
        raise cards.End
    return available


def runs(specs: Sequence[RunSpec]) -> list[Run]:
    """Return the runs if all are there; else draw what is missing, and end this part of the page."""
    return [Run(recording, spec) for recording, spec in zip(recordings(specs), specs, strict=True)]


def finding(spec: Spec, preview: Callable[[Recording], None] | None = None) -> Recording:
    """Return the recording of one spec if it is there; else draw its progress, and end this part of the page."""
    return recordings([spec], preview)[0]


def failures(specs: Sequence[Spec]) -> dict[str, str]:
    """Return, by key, why recordings are missing that failed or were stopped: the page can do without them.

    While any is still to come, or where none is there, draw what is missing, and end this part of the page.
    """
    missing = [item for item in map(jobs.look, specs) if not item.recording]
    final = [item for item in missing if item.state in ("failed", "stopped")]
    if len(final) < len(missing) or (specs and len(final) == len(specs)):
        draw(specs)
        raise cards.End
    return {item.spec.key: item.error or "stopped before it was finished" for item in final}


def draw(specs: Sequence[Spec], preview: Callable[[Recording], None] | None = None) -> None:
    """Draw what is missing, with a button that requests or stops it; the page goes on."""
    if not specs:
        return
    if state.auto():
        jobs.request_short(map(jobs.look, specs))
    items = [jobs.look(spec) for spec in specs]
    session().work.waits += 1  # a page may wait in several of its parts
    suffix = "" if session().work.waits == 1 else f"-{session().work.waits}"
    live = [item.spec for item in items if item.is_live]
    idle = [item for item in items if not item.is_live and not item.recording]
    if idle:
        about = status.about(sum(item.estimate() for item in idle)) + (", one after the other" if len(idle) > 1 else "")
        label = "Try again" if any(item.state == "failed" for item in idle) else f"Begin ({about})"
        st.button(label, type="primary", key=f"begin{suffix}", on_click=jobs.request_all, args=([item.spec for item in idle],))
    if live:
        st.button("Pause", key=f"stop-waiting{suffix}", on_click=_stop_all, args=(live,), help=jobs.STOP_HELP)

    @st.fragment(run_every=POLL_SECONDS if live else None)
    def progress() -> None:
        with cards.guard():
            now = [jobs.look(spec) for spec in specs]
            _draw_cards(now, preview)
            if {item.spec.key for item in now if item.is_live} != {spec.key for spec in live}:
                st.rerun()

    progress()


def _stop_all(specs: Sequence[Spec]) -> None:
    for spec in specs:
        jobs.stop(spec)


def _draw_cards(items: Sequence[Item[Spec]], preview: Callable[[Recording], None] | None) -> None:
    """Draw a card for each item that is missing, or one for all of them, and one for each cause of failures."""
    titles = dict(zip((item.spec.key for item in items), names.names([item.spec for item in items]), strict=True))
    missing = [item for item in items if not item.recording]
    failures = [item for item in missing if item.state == "failed"]
    if len(missing) - len(failures) > CARDS or (len(items) > CARDS and any(item.is_live for item in missing)):
        _draw_bar(items)
    else:
        for item in missing:
            if item not in failures:
                _draw_card(titles[item.spec.key], item, preview)
    for error in dict.fromkeys(item.error for item in failures):
        alike = [titles[item.spec.key] for item in failures if item.error == error]
        more = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
        cards.fault(f"{alike[0]}{more}: {error}")


def _draw_bar(items: Sequence[Item[Spec]]) -> None:
    """Draw the progress of all items together."""
    n, n_available = len(items), sum(item.recording is not None for item in items)
    verbs = {item.spec.verb for item in items}
    words = f"{n_available} of {n} {verbs.pop() if len(verbs) == 1 else 'made'}"
    live = [item for item in items if item.is_live]
    if not live:
        st.info(f"{words}.", icon="⏱️")
        return
    progress = (n_available + sum(item.progress for item in live)) / n
    remaining = status.about(max(item.ends_in for item in live))
    st.progress(min(1.0, progress), _with_notes(f"{words}, {remaining} left", live))


def _draw_card(title: str, item: Item[Spec], preview: Callable[[Recording], None] | None) -> None:
    words = f"{title}: {status.phrase(item)}"
    if not item.is_live:
        st.info(f"{words}.", icon="⏱️" if item.state == "missing" else "⏹️")
        return
    st.progress(min(1.0, item.progress), _with_notes(words, [item]))
    growing = item.growing() if preview and item.state == "running" else None
    if preview and growing:
        preview(growing)


def _with_notes(words: str, items: Sequence[Item[Spec]]) -> str:
    """Return the words, and why the work on any of the items was interrupted before."""
    notes = dict.fromkeys(item.note for item in items if item.note)
    return ". ".join([words, *notes]) if notes else words
