"""One table of words for the state of a recording: short in a column of its own, long after a title."""

from dataclasses import replace
from typing import Any

import pytest

from genmodels.engine.jobs import JobState
from genmodels.runs import RunSpec, Spec
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from pages.parts import jobs, status
from pages.parts.jobs import Item

RUN = RunSpec.make("moons", "vae", {"steps": 1000})
NEXT = JobState("queued", 1, begins_in=0.5, ends_in=4.4)
CASES: list[tuple[JobState, str]] = [
    (NEXT, "about to begin; there in about 4 s"),
    (replace(NEXT, begins_in=9), "number 1 in the queue; there in about 4 s"),
    (JobState("queued", 3, begins_in=200, ends_in=240), "number 3 in the queue; there in about 4 min"),
    (JobState("running", progress=0.3, ends_in=0.2), "about 1 s left"),
    (JobState("stopped"), "stopped before it began"),
    (JobState("stopped", progress=0.3), "stopped at step 300 of 1,000; asked for again, it starts from the beginning"),
    (JobState("stopped", error="stopped by itself"), "stopped by itself"),
    (JobState("failed", error="it fell over"), "it fell over"),
]


@pytest.fixture(autouse=True)
def empty(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "store", lambda: store)
    monkeypatch.setattr(RunSpec, "estimate", lambda spec, store: 7.0)
    monkeypatch.setattr(Item, "note", "")


@pytest.mark.parametrize(("job", "words"), CASES)
def test_the_long_form_stands_after_a_title(job: JobState, words: str) -> None:
    assert status.phrase(Item[Spec](RUN, None, job)) == words


def test_what_nobody_has_requested_is_not_there_yet_and_tells_its_time() -> None:
    item = Item[Spec](RUN, None, None)
    assert status.phrase(item) == "not there yet, about 7 s"
    assert status.sentence(item) == {"state": "missing", "message": "Not trained yet: about 7 s.", "action": "Train"}


def test_a_study_is_stopped_at_a_share_of_its_work() -> None:
    study = StudySpec.make("adversarial")
    phrase = status.phrase(Item[Spec](study, None, JobState("stopped", progress=0.414)))
    assert phrase == "stopped at 41%; asked for again, it starts from the beginning"


def test_work_that_is_paused_says_where_it_can_be_taken_up(store: Store) -> None:
    work = RUN.work(store)
    for _ in range(3):
        next(work)
    paused = Item[Spec](RUN, None, JobState("stopped", progress=0.002))
    assert status.phrase(paused) == "paused at step 2 of 1,000; it can go on from there for ten minutes"
    assert status.sentence(paused)["action"] == "Continue"
    work.close()


@pytest.mark.parametrize(
    ("job", "column"),
    [
        (NEXT, {"message": "About to begin; there in about 4 s. "}),
        (JobState("running", ends_in=95), {"left": "about 2 min left", "provenance": ""}),
        (JobState("stopped"), {"message": "Stopped before it began.", "action": "Train"}),
        (JobState("failed", error="it fell over"), {"message": "it fell over", "action": "Try again"}),
    ],
)
def test_the_short_form_is_a_sentence_with_the_label_of_its_button(job: JobState, column: dict[str, Any]) -> None:
    assert status.sentence(Item[Spec](RUN, None, job)) == {"state": job.state} | column


def test_a_run_over_the_limits_is_refused_in_its_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_RUN_SECONDS", "0.001")
    words = status.sentence(Item[Spec](RUN, None, None))
    assert words["state"] == "failed"
    assert " allowed here: " in words["message"]
