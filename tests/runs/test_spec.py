"""Runs and studies are two forms of one spec: what is needed is made first, and a key belongs to one format of recordings."""

import json

import pytest

from genmodels.runs import RunSpec, catalogue, record, spec
from genmodels.runs.work import in_order, parts
from genmodels.studies.findings import StudySpec, spec_from_json

RUNS = [RunSpec.make("digits", model, {"steps": 3}) for model in ("vae", "gan")]


def test_both_are_read_back_from_json_by_what_it_describes():
    for one in (RUNS[0], StudySpec.make("gallery", RUNS)):
        assert spec_from_json(json.loads(json.dumps(one.to_json()))) == one


def test_a_position_is_a_step_of_a_training_and_a_percentage_of_a_study():
    assert RunSpec.make("moons", "vae", {"steps": 1000}).position(0.3004) == "step 300 of 1,000"
    assert StudySpec.make("adversarial").position(0.414) == "41%"


def test_parts_share_the_whole_in_proportion_to_their_times(store, monkeypatch):
    monkeypatch.setattr(RunSpec, "estimate", lambda spec, store: 10.0)
    monkeypatch.setattr(StudySpec, "estimate", lambda spec, store: 40.0)
    study = StudySpec.make("gallery", RUNS)
    stretches = [(part.start, part.end) for part in parts(study, store)]
    assert len(stretches) == len(in_order(study)) == 4  # two runs, the net of features, the gallery
    assert stretches == [pytest.approx(ends) for ends in [(0, 0.1), (0.1, 0.2), (0.2, 0.6), (0.6, 1)]]
    assert parts(study, store)[2].overall(0.5) == pytest.approx(0.4)


def test_what_is_there_is_no_part_of_the_work(store):
    record(RUNS[0], store)
    assert RUNS[0] not in [part.spec for part in parts(StudySpec.make("latents", RUNS[:1]), store)]
    assert parts(RUNS[0], store) == []


def test_a_recording_of_another_format_is_not_found_and_spoils_no_list(store, monkeypatch):
    moons = RunSpec.make("moons", "gmm", {"steps": 3})
    with monkeypatch.context() as patch:
        patch.setattr(spec, "FORMAT", 1)
        earlier = record(moons, store)
    moons = RunSpec.make("moons", "gmm", {"steps": 3})
    (earlier.path / "status.json").write_text("{}")
    assert store.find(moons.key) is None
    assert catalogue(store) == []
    assert moons.estimate(store) > 0
    assert record(moons, store).key != earlier.key
