"""What a page waits for: runs to be trained, then a study of them. One card a piece, with its time, its progress and one button."""

from collections.abc import Callable, Sequence

import streamlit as st

from genmodels.engine import Work
from genmodels.findings import StudySpec
from genmodels.runs import Run, RunSpec
from genmodels.store import Recording
from pages.parts import cards, jobs, state

POLL_SECONDS = 0.7


def runs(specs: Sequence[RunSpec]) -> list[Run]:
    """Return the runs if all are there; else draw what is missing, and end the page here.

    What is short is trained at once, unless the address says auto=0.
    """
    columns = [jobs.look(spec) for spec in specs]
    missing = [column for column in columns if column.run is None]
    if missing:
        _wait([column.spec for column in missing])
        st.stop()
    return [column.run for column in columns if column.run]


def finding(spec: StudySpec, preview: Callable[[Recording], None] | None = None) -> Recording:
    """Return the finding if it is there; else draw its progress, and end the page here.

    What is short is begun at once, unless the address says auto=0. `preview` draws what there is of a finding that grows.
    """
    inquiry = jobs.inquire(spec)
    if inquiry.finding is None:
        _wait([spec], preview)
        st.stop()
    return inquiry.finding


def findings(specs: Sequence[StudySpec]) -> list[Recording]:
    """Return several findings if all are there; else draw the progress of what is missing, all at once, and end the page here."""
    inquiries = [jobs.inquire(spec) for spec in specs]
    missing = [inquiry.spec for inquiry in inquiries if inquiry.finding is None]
    if missing:
        _wait(missing)
        st.stop()
    return [inquiry.finding for inquiry in inquiries if inquiry.finding]


def _wait(specs: Sequence[Work], preview: Callable[[Recording], None] | None = None) -> None:
    if state.auto():
        jobs.train_all(spec for spec in specs if jobs.wants_training(_look(spec)))
    live = [spec for spec in specs if _look(spec).live]
    idle = [spec for spec in specs if not _look(spec).live]
    if idle:
        total = sum(jobs.estimate(spec) for spec in idle)
        about = f"{jobs.about(total)}, one after the other" if len(idle) > 1 else jobs.about(total)
        label = "Try again" if any(_failed(spec) for spec in idle) else f"Begin ({about})"
        st.button(label, type="primary", key="begin", on_click=jobs.train_all, args=(idle,))
    if live:
        st.button("Stop", key="stop-waiting", on_click=_stop_all, args=(live,), help="Nothing of what is stopped is kept.")

    @st.fragment(run_every=POLL_SECONDS if live else None)
    def progress() -> None:
        with cards.guard():
            for spec in specs:
                _card(spec, preview)
            if any(not _look(spec).live for spec in live):
                st.rerun()

    progress()


def _look(spec: Work) -> jobs.Column | jobs.Inquiry:
    return jobs.inquire(spec) if isinstance(spec, StudySpec) else jobs.look(spec)


def _failed(spec: Work) -> bool:
    job = _look(spec).job
    return job is not None and job.state == "failed"


def _stop_all(specs: Sequence[Work]) -> None:
    for spec in specs:
        jobs.stop(spec)


def _card(spec: Work, preview: Callable[[Recording], None] | None) -> None:
    item = _look(spec)
    name = spec.title if isinstance(spec, StudySpec) else f"{spec.kind.title} on {spec.source.title}, seed {spec.seed}"
    if item.job is None:
        if (item.finding if isinstance(item, jobs.Inquiry) else item.run) is None:
            st.info(f"{name}: not there yet, {jobs.about(jobs.estimate(spec))}.", icon="⏱️")
    elif item.job.state == "failed":
        st.error(f"{name}: {item.job.error}", icon="⚠️")
    elif item.job.state == "stopped":
        st.info(f"{name}: stopped; nothing of it was kept.", icon="⏹️")
    elif item.job.state == "queued":
        st.progress(0.0, f"{name}: number {item.job.position} in the queue; {jobs.about(jobs.estimate(spec))} once it has begun")
    else:
        st.progress(_share(item), f"{name}: {jobs.about(jobs.estimate(spec))} in all")
        growing = item.growing() if isinstance(item, jobs.Inquiry) else None
        if preview and growing:
            preview(growing)


def _share(item: jobs.Column | jobs.Inquiry) -> float:
    """Return how much is done, 0 to 1."""
    if isinstance(item, jobs.Inquiry):
        growing = item.growing()
        return min(1.0, float(growing.json("status.json")["share"])) if growing else 0.0
    run = Run.growing(item.spec, jobs.store())
    return min(1.0, run.status()["step"] / item.spec.steps) if run else 0.0


def open_run(spec: RunSpec) -> Run:
    """Return a run that `runs` has found to be there."""
    return Run.open(spec.key, jobs.store())
