"""A finding is made once, read often, never half there; and it leaves the runs that it reads as they are."""

import hashlib
import json
import time
from collections.abc import Iterator

import pytest

from genmodels import device, studies
from genmodels.config import Config, UserError, knob
from genmodels.engine.engine import Engine
from genmodels.runs import RunSpec, Stopped, catalogue, record
from genmodels.studies.base import Study, StudyContext
from genmodels.studies.findings import StudySpec


class CountConfig(Config):
    factor: int = knob(2, "What the count is multiplied by.", ge=1, le=10)
    fail: bool = knob(False, "Whether it breaks half-way.")


class Count(Study):
    """Counts the parameters of its runs."""

    name, title, seconds, Settings = "count", "Count", 0.1, CountConfig

    def check(self) -> None:
        self.one_dataset()

    def perform(self, context: StudyContext) -> Iterator[float]:
        total = 0
        for i, run in enumerate(self.runs):
            total += context.model(run).parameter_count()
            context.json("count.json", {"count": total * self.settings.factor})
            yield (i + 1) / len(self.runs)
        if self.settings.fail:
            raise ZeroDivisionError("on purpose")


@pytest.fixture(autouse=True)
def counting(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**studies.studies(), "count": Count}
    monkeypatch.setattr(studies, "studies", lambda: known)


def runs() -> list[RunSpec]:
    return [RunSpec.make("moons", model, {"steps": 3}) for model in ("gmm", "vae")]


def test_a_finding_trains_what_it_reads_and_is_made_once(store):
    spec = StudySpec.make("count", runs())
    found = record(spec, store)
    expected = sum(run.load_model(device.choose_device()).parameter_count() for run in catalogue(store))
    assert found.json("count.json") == {"count": 2 * expected}
    assert found.json("status.json")["state"] == "finished"
    changed = found.path.stat().st_mtime_ns
    assert record(spec, store).path.joinpath("manifest.json").stat().st_mtime_ns <= changed
    assert len(catalogue(store)) == 2  # a finding is no run


def test_the_key_tells_study_runs_and_settings_and_survives_json():
    spec = StudySpec.make("count", runs())
    others = [
        StudySpec.make("count", runs()[:1]),
        StudySpec.make("count", runs(), {"factor": 3}),
        StudySpec.make("count", runs()[::-1]),
    ]
    assert len({spec.key, *(other.key for other in others)}) == 4
    assert StudySpec.from_json(json.loads(json.dumps(spec.to_json()))).key == spec.key


def test_a_failure_or_a_stop_leaves_the_runs_and_no_half_finding(store):
    spec = StudySpec.make("count", runs(), {"fail": True})
    with pytest.raises(UserError, match="ZeroDivisionError: on purpose"):
        record(spec, store)
    with pytest.raises(Stopped):
        record(StudySpec.make("count", runs()), store, stopped=lambda: True)
    assert store.find(spec.key) is None
    assert list((store.root / "growing").glob("*")) == []
    assert len(catalogue(store)) == 2


def test_a_damaged_finding_is_set_aside_and_made_again(store):
    spec = StudySpec.make("count", runs())
    found = record(spec, store)
    (found.path / "count.json").write_text("{}")
    fresh = type(store)(store.root)
    assert fresh.find(spec.key) is None
    assert record(spec, fresh).json("count.json") != {}


def test_a_finding_of_a_strangers_making_does_not_spoil_the_estimate_of_others(store):
    spec = StudySpec.make("count", runs())
    place = record(spec, store).path
    (place / "status.json").write_text("{}")
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["sha256"]["status.json"] = hashlib.sha256(b"{}").hexdigest()
    (place / "manifest.json").write_text(json.dumps(manifest))
    assert store.find(spec.key)
    assert spec.estimate(store) == spec.begin().estimate()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: StudySpec.make("cuont"), "did you mean count?"),
        (lambda: StudySpec.make("count", runs(), {"factor": 99}), "factor = 99 is not allowed; give whole numbers from 1 to 10"),
        (lambda: StudySpec.make("count", [*runs(), RunSpec.make("ring", "gmm")]), "runs of one dataset, got moons, ring"),
    ],
)
def test_a_wrong_study_is_one_line(make, told):
    with pytest.raises(UserError, match=told.replace("?", r"\?")):
        make()


def test_the_engine_makes_a_finding_for_all_who_ask(store, monkeypatch):
    monkeypatch.setenv("GENMODELS_SCHEDULER", "inproc")
    engine, spec = Engine(store), StudySpec.make("count", runs())
    try:
        engine.submit(spec, "ada")
        engine.submit(spec, "bob")
        for _ in range(200):
            if engine.state(spec.key).state not in ("queued", "running"):
                break
            time.sleep(0.1)
        assert engine.state(spec.key).state == "finished"
        assert store.find(spec.key).json("count.json")["count"] > 0
        assert [spec.estimate(store)] == [store.find(spec.key).json("status.json")["seconds"]]
    finally:
        engine.close()


def test_a_finding_whose_run_is_missing_shows_the_progress_of_both_and_goes_on_where_it_was_stopped(store, monkeypatch):
    monkeypatch.setenv("GENMODELS_SCHEDULER", "inproc")
    run = RunSpec.make("ring", "vae", {"steps": 100_000, "hidden_dim": 8})
    monkeypatch.setattr(RunSpec, "estimate", lambda spec, store: 60.0)
    engine, spec = Engine(store), StudySpec.make("count", [run])
    try:
        for _ in range(2):
            engine.submit(spec, "ada")
            until(lambda: engine.state(spec.key).state == "running")
            until(lambda: (engine.watch(spec.key, "ada"), store.growing(run.key).json("status.json")["step"] > 10)[1])
            engine.stop(spec.key, "ada")
            assert engine.state(spec.key).state == "stopped"
            (draft,) = (store.root / "growing").glob("*")  # of the run, paused: the second time it is the same
            assert draft.name.startswith(run.key)
        until(lambda: (engine.submit(spec, "ada"), 0 < engine.state(spec.key).progress < 1)[1])
    finally:
        engine.close()


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
