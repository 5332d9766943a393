"""What past trainings took corrects the estimates of those like them; other models and damaged folders teach nothing."""

import json

import pytest

from genmodels.runs import RunSpec, cost, history, record

NET = {"hidden_dim": 32, "steps": 5}


def trained(store, model="vae", dataset="moons", pace=None, **settings):
    """A recorded run whose status tells that it took `pace` times its estimate."""
    spec = RunSpec.make(dataset, model, {**NET, **settings} if model != "gmm" else {"steps": 5, **settings})
    key = record(spec, store).key
    path = store.root / "runs" / key / "status.json"
    status = json.loads(path.read_text())
    path.write_text(json.dumps(status | {"seconds": pace * cost.estimate(spec).fitting + 1000 * (pace > 50)}))
    return key


def pace(store, model="vae", dataset="moons", **settings):
    spec = RunSpec.make(dataset, model, settings)
    return history.estimate(spec, store).fitting / cost.estimate(spec).fitting


def test_without_a_past_the_operations_alone_tell(store):
    assert pace(store) == 1


def test_a_run_of_equal_settings_of_any_length_and_seed_tells_the_pace(store):
    trained(store, pace=300)
    spec = RunSpec.make("moons", "vae", {**NET, "steps": 700}, seed=3)
    past = RunSpec.make("moons", "vae", NET)
    seconds = 300 * cost.estimate(past).fitting + 1000
    ratio = seconds / cost.estimate(past).fitting
    assert history.estimate(spec, store).fitting == pytest.approx(ratio * cost.estimate(spec).fitting, rel=0.05)


def test_the_nearest_past_counts_and_the_less_the_farther_it_is(store):
    trained(store, pace=100)
    near, far = pace(store, **NET, batch_size=200), pace(store, **NET, depth=5, batch_size=2048)
    elsewhere = pace(store, dataset="ring", **NET)
    assert near > elsewhere > 1
    assert near > far > 1
    trained(store, pace=1, depth=5)
    assert pace(store, **NET, depth=5, batch_size=2048) < far
    assert pace(store, model="autoencoder") == 1


def test_a_past_of_a_moment_says_little(store):
    trained(store, pace=3)  # three times some hundredths of a second, of which most is no training
    assert 1 < pace(store, **NET) < 2


def test_each_recording_is_read_once(store):
    key = trained(store, pace=100)
    first = pace(store, **NET)
    folder = store.root / "runs"
    (folder / key / "status.json").write_text("no longer what it was")  # the time of the folder above stays as it is
    assert pace(store, **NET) == first
    record(RunSpec.make("ring", "gmm", {"steps": 1}), store)  # now there is something new to be read
    assert pace(store, **NET) == first


def test_a_damaged_folder_and_one_of_another_version_teach_nothing(store):
    key = trained(store, pace=100)
    (store.root / "runs" / key / "spec.json").write_text('{"model": "vae", "dataset": "gone", "settings": {}, "seed": 0}')
    (store.root / "runs" / ("f" * 64)).mkdir()
    assert pace(store, **NET) == 1
