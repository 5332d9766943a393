"""What a link alone begins: only what is short, and as long as it is; what the host does not allow is refused with its remedy."""

import time

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.engine import engine
from genmodels.runs import RunSpec
from pages.parts import jobs
from tests.pages.test_pages import board_of, opened

pytestmark = pytest.mark.usefixtures("cache")

HOSTILE = {"k": 64, "hidden_dim": 1024, "depth": 5, "batch_size": 2048, "steps": 1000}
SLOW = {"hidden_dim": 8, "steps": 4000}


def link(settings: dict[str, int]) -> dict[str, str]:
    return {"models": "gmm,vae"} | {f"vae__{name}": str(value) for name, value in settings.items()}


def state_of(spec: RunSpec) -> str:
    job = engine.engine().state(spec.key)
    return job.state if job else "unknown"


def run_until(at: AppTest, spec: RunSpec, state: str) -> None:
    deadline = time.monotonic() + 60
    while state_of(spec) != state:
        assert state_of(spec) in ("queued", "running")
        assert time.monotonic() < deadline
        time.sleep(0.2)
        at.run()


def test_a_link_to_hours_of_training_begins_none_and_names_the_nearest_setting_that_is_allowed() -> None:
    at = opened("compare/samples.py", data="digits", **link(HOSTILE))
    assert not at.exception
    assert " s, 3,600 s are allowed here: lower hidden_dim to " in board_of(at)
    assert state_of(RunSpec.make("digits", "vae", HOSTILE)) == "unknown"
    assert state_of(RunSpec.make("digits", "gmm")) in ("queued", "running", "finished")


def test_a_link_to_minutes_of_training_waits_for_a_press() -> None:
    settings = {"hidden_dim": 1024, "depth": 5, "batch_size": 1024, "steps": 300}
    at = opened("compare/samples.py", data="digits", **link(settings))
    assert "Not trained yet: about " in board_of(at)
    assert state_of(RunSpec.make("digits", "vae", settings)) == "unknown"


def test_what_a_link_began_is_stopped_once_its_steps_show_that_it_is_long_and_goes_on_once_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = RunSpec.make("ring", "vae", SLOW)
    monkeypatch.setattr(jobs, "SURE_SECONDS", 0.3)
    monkeypatch.setattr(jobs, "OVERRUN", 0.01)  # of a minute: less than any such run takes
    at = opened("compare/samples.py", data="ring", **link(SLOW))
    assert state_of(spec) in ("queued", "running")
    run_until(at, spec, "stopped")
    at.run()  # a rerun begins it no more
    assert "topped by itself, for it takes about" in board_of(at)
    assert state_of(spec) == "stopped"
    at.button(key="train").click().run()
    for _ in range(3):
        assert state_of(spec) in ("queued", "running", "finished")
        time.sleep(0.3)
        at.run()
