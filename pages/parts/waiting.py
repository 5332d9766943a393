"""What a page waits for: runs to be trained, then a study of them. One card a piece, with its time, its progress and one button."""

from collections.abc import Callable, Sequence
from typing import cast

import streamlit as st

from genmodels.runs import Run, RunSpec, Spec
from genmodels.store import Recording
from genmodels.studies.findings import StudySpec
from genmodels.views import names
from pages.parts import cards, jobs, state

POLL_SECONDS = 0.7
CARDS = 3  # more than this many share one bar

Item = jobs.Column | jobs.Inquiry


def runs(specs: Sequence[RunSpec]) -> list[Run]:
    """Return the runs if all are there; else draw what is missing, and end this part of the page.

    What is short is trained at once, unless the address says auto=0.
    """
    columns = [jobs.look(spec) for spec in specs]
    if any(column.run is None for column in columns):
        _wait(specs)
        raise cards.End
    return [column.run for column in columns if column.run]


def finding(spec: StudySpec, preview: Callable[[Recording], None] | None = None) -> Recording:
    """Return the finding if it is there; else draw its progress, and end this part of the page.

    What is short is begun at once, unless the address says auto=0. `preview` draws what there is of a finding that grows.
    """
    inquiry = jobs.inquire(spec)
    if inquiry.finding is None:
        _wait([spec], preview)
        raise cards.End
    return inquiry.finding


def findings(specs: Sequence[StudySpec]) -> list[Recording]:
    """Return several findings if all are there; else draw the progress of all that is missing, and end this part of the page."""
    inquiries = [jobs.inquire(spec) for spec in specs]
    if any(inquiry.finding is None for inquiry in inquiries):
        _wait(specs)
        raise cards.End
    return [inquiry.finding for inquiry in inquiries if inquiry.finding]


def settled(specs: Sequence[Spec]) -> dict[str, str]:
    """Return, by key, why each that failed or was stopped is not there: one that failed does not hide the others.

    While any is still to come, or where none is there, draw what is missing, and end this part of the page.
    """
    missing = [item for item in map(_look, specs) if not _there(item)]
    over = [item for item in missing if _is(item, "failed") or _is(item, "stopped")]
    if len(over) < len(missing) or (specs and len(over) == len(specs)):
        _wait(specs)
        raise cards.End
    return {item.spec.key: (item.job and item.job.error) or "stopped before it was finished" for item in over}


def again(specs: Sequence[Spec]) -> None:
    """Draw what failed or was stopped, with a button that begins it again; the page goes on."""
    if specs:
        _wait(specs)


def _wait(specs: Sequence[Spec], preview: Callable[[Recording], None] | None = None) -> None:
    if state.auto():
        jobs.train_short(_look(spec) for spec in specs)
    items = [_look(spec) for spec in specs]
    turn = st.session_state["waits"] = st.session_state.get("waits", 0) + 1  # a page may wait in several of its parts
    suffix = "" if turn == 1 else f"-{turn}"
    live = [item.spec for item in items if item.live]
    idle = [item for item in items if not item.live and not _there(item)]
    if idle:
        total = sum(jobs.estimate(item.spec) for item in idle)
        about = f"{jobs.about(total)}, one after the other" if len(idle) > 1 else jobs.about(total)
        label = "Try again" if any(_is(item, "failed") for item in idle) else f"Begin ({about})"
        st.button(label, type="primary", key=f"begin{suffix}", on_click=jobs.train_all, args=([item.spec for item in idle],))
    if live:
        st.button("Stop", key=f"stop-waiting{suffix}", on_click=_stop_all, args=(live,), help=jobs.STOP_HELP)

    @st.fragment(run_every=POLL_SECONDS if live else None)
    def progress() -> None:
        with cards.guard():
            now = [_look(spec) for spec in specs]
            _draw(now, preview)
            if {item.spec.key for item in now if item.live} != {spec.key for spec in live}:
                st.rerun()

    progress()


def _look(spec: Spec) -> Item:
    return jobs.inquire(spec) if isinstance(spec, StudySpec) else jobs.look(cast(RunSpec, spec))


def _there(item: Item) -> bool:
    return (item.finding if isinstance(item, jobs.Inquiry) else item.run) is not None


def _is(item: Item, state: str) -> bool:
    return item.job is not None and item.job.state == state


def _stop_all(specs: Sequence[Spec]) -> None:
    for spec in specs:
        jobs.stop(spec)


def _draw(items: Sequence[Item], preview: Callable[[Recording], None] | None) -> None:
    """Draw a card for each that is missing, or one for all of them, and one for each way in which some failed."""
    titles = dict(zip((item.spec.key for item in items), names.names([item.spec for item in items]), strict=True))
    missing = [item for item in items if not _there(item)]
    failed = [item for item in missing if _is(item, "failed")]
    if len(missing) - len(failed) > CARDS or (len(items) > CARDS and any(item.live for item in missing)):
        _one_bar(items)
    else:
        for item in missing:
            if item not in failed:
                _card(titles[item.spec.key], item, preview)
    for error in dict.fromkeys(item.job.error for item in failed if item.job):
        alike = [titles[item.spec.key] for item in failed if item.job and item.job.error == error]
        more = f" and {len(alike) - 1} more" if len(alike) > 1 else ""
        cards.fault(f"{alike[0]}{more}: {error}")


def _one_bar(items: Sequence[Item]) -> None:
    """Draw what several jobs of a page have come to together."""
    n, done = len(items), sum(map(_there, items))
    verb = "trained" if all(item.spec.verb == "trained" for item in items) else "made"
    live = [item for item in items if item.live and item.job]
    if not live:
        st.info(f"{done} of {n} {verb}.", icon="⏱️")
        return
    ends = max(item.job.ends for item in live if item.job)
    share = (done + sum(item.job.share for item in live if item.job)) / n
    st.progress(min(1.0, share), _line(f"{done} of {n} {verb}, {jobs.about(ends)} left", live))


def _card(title: str, item: Item, preview: Callable[[Recording], None] | None) -> None:
    job = item.job
    if job is None:
        st.info(f"{title}: not there yet, {jobs.about(jobs.estimate(item.spec))}.", icon="⏱️")
    elif job.state == "stopped":
        st.info(f"{title}: {jobs.stopped(item.spec, job)}.", icon="⏹️")
    elif job.state == "queued":
        st.progress(min(1.0, job.share), _line(f"{title}: {jobs.queued(job)}", [item]))
    else:
        st.progress(min(1.0, job.share), _line(f"{title}: {jobs.about(job.ends)} left", [item]))
        growing = item.growing() if isinstance(item, jobs.Inquiry) else None
        if preview and growing:
            preview(growing)


def _line(words: str, items: Sequence[Item]) -> str:
    """Return the words, and why any of this had stopped in between."""
    notes = dict.fromkeys(note for item in items if (note := jobs.note(item.spec)))
    return ". ".join([words, *notes]) if notes else words


def open_run(spec: RunSpec) -> Run:
    """Return a run that `runs` has found to be there."""
    return Run.open(spec.key, jobs.store())
