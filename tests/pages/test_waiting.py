"""What a page waits for: as many as it needs in one card, let go when it is left, and taken up again when it is back."""

import os
import re
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.engine import engine
from genmodels.engine import jobs as queue
from genmodels.engine.jobs import JobState
from genmodels.runs import RunSpec
from genmodels.store import Store
from pages.parts import jobs
from tests.pages.test_pages import opened

pytestmark = pytest.mark.usefixtures("cache", "one_worker")

LONG = {"auto": "0", "data": "ring", "models": "vae,gan", "vae__steps": "100000", "gan__steps": "100000"}
SPECS = [RunSpec.make("ring", model, {"steps": 100_000}, seed) for model in ("vae", "gan") for seed in range(5)]


@pytest.fixture
def one_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMODELS_SLOTS", "1")


def bars(at: AppTest) -> list[str]:
    return [bar.proto.text for bar in at.get("progress")]


def states() -> list[JobState | None]:
    return [engine.engine().state(spec.key) for spec in SPECS]


def wait_for(state: str, n: int) -> None:
    deadline = time.monotonic() + 30
    while sum(job is not None and job.state == state for job in states()) != n:
        assert time.monotonic() < deadline, states()
        time.sleep(0.05)


def test_ten_trainings_of_one_page_are_one_card_without_a_fault_left_with_the_page_and_taken_up_when_it_is_back() -> None:
    at = opened("compare/scores.py", **LONG, seeds="5")
    assert [info.value for info in at.info] == ["0 of 10 trained."]
    at.button(key="begin").click().run()
    assert [error.value for error in at.error] == []
    (line,) = bars(at)
    assert line.startswith("0 of 10 trained, about ")
    assert line.endswith(" min left")
    wait_for("running", 1)
    at.switch_page("labbook/runs.py").run()
    wait_for("stopped", 10)  # long before any lease ends
    at.switch_page("compare/scores.py").run()
    wait_for("running", 1)
    (line,) = bars(at.run())
    assert line.startswith("0 of 10 trained, about ")


def test_a_page_that_was_quiet_for_too_long_says_so_and_its_training_goes_on_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    at = opened("compare/scores.py", **LONG)
    at.button(key="begin").click().run()
    wait_for("running", 1)
    while not (share := max(job.progress for job in states() if job)):
        time.sleep(0.1)
    with monkeypatch.context() as patch:
        patch.setattr(queue, "LEASE_SECONDS", 1.0)
        at.run()
    wait_for("stopped", 2)
    at.run()
    assert any(
        re.search(r"Nobody looked at it for \d+ s, so it stopped at step [\d,]+ of 100,000; it goes on from", b) for b in bars(at)
    )
    wait_for("running", 1)
    assert max(job.progress for job in states() if job) >= share


def test_the_time_for_which_it_was_paused_does_not_count_as_time_that_it_takes(cache: Path) -> None:
    spec = RunSpec.make("ring", "vae", {"steps": 3000})
    work = spec.work(Store(cache))
    for _ in range(3):
        next(work)
    (status,) = cache.glob("growing/*/status.json")
    os.utime(status, (0, 0))
    assert jobs._overrun(spec, running_for=0.0) is None
    assert (jobs._overrun(spec, running_for=10_000.0) or 0) > 1000  # a first step that has not come in hours
    work.close()


def test_fewer_seeds_let_the_others_go() -> None:
    at = opened("compare/scores.py", **LONG, seeds="5")
    at.button(key="begin").click().run()
    at.slider(key="scores.seeds").set_value(1).run()
    wait_for("stopped", 8)
    assert len(bars(at.run())) == 2


def test_what_is_stopped_by_hand_stays_so_and_a_card_says_that_it_starts_from_the_beginning() -> None:
    at = opened("compare/samples.py", **LONG)
    at.button(key="train").click().run()
    wait_for("running", 1)
    at.button(key="stop").click().run()
    at.switch_page("labbook/runs.py").run()
    at.switch_page("compare/samples.py").run()
    assert not [job for job in states() if job and job.state in ("queued", "running")]
