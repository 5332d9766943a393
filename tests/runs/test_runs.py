"""A run is a recording: the spec determines it to the last bit, and what is stopped or fails leaves nothing."""

import hashlib
import itertools
import json
import math
import os
import subprocess
import sys
import textwrap
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from genmodels import datasets, device, models
from genmodels.config import BUDGETS, UserError
from genmodels.models.base import Encodes, Reconstructs, Samples
from genmodels.runs import MAX_SEED, Run, RunSpec, Stopped, catalogue, default_specs, record
from genmodels.runs.recorder import N_SNAPSHOTS, snapshot_steps
from genmodels.runs.status import Provenance, RunResult, RunStatus
from genmodels.store import Store

NAMES = list(models.models())
KNOBS = [(name, knob) for name in NAMES for knob in models.model(name).Settings.knobs()]
SITUATIONS = ("digits", "moons")
STEPS = 5
COARSE = {"flow-matching": {"ode_steps": 5}}  # its snapshots take longest


def spec_of(name, dataset="digits", seed=0, **settings):
    return RunSpec.make(dataset, name, {"steps": STEPS, **COARSE.get(name, {}), **settings}, seed)


def files(store, key):
    """Every file of a recording, as bytes, but the two that tell when and how fast it was made."""
    place = store.root / "runs" / key
    paths = [p for p in place.rglob("*") if p.is_file() and p.name not in ("status.json", "manifest.json")]
    return {str(p.relative_to(place)): p.read_bytes() for p in paths}


def fit(spec):
    """The history, and the final state, of a plain loop over the model's fit, without recording."""
    where = device.choose_device()
    model = spec.kind(spec.settings, spec.source.shape).to(where)
    rows = [dict(step.losses) for step in model.fit(datasets.load(spec.dataset, where), device.generator(where, spec.seed, "fit"))]
    history = {name: torch.stack([row[name].float() for row in rows if name in row]) for name in rows[-1]}
    return history, model.state_dict()


def equal(a, b):
    return a.keys() == b.keys() and all(a[n].shape == b[n].shape and torch.equal(a[n], b[n]) for n in a)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A store in which every model was trained, one after another in this process."""
    store = Store(tmp_path_factory.mktemp("recorded"))
    for name in NAMES:
        record(spec_of(name), store)
    return store


RECORD_IN_TURN = """
    import json, sys
    from pathlib import Path
    from genmodels.runs import RunSpec, record
    from genmodels.store import Store

    for content in sys.argv[2:]:
        record(RunSpec.from_json(json.loads(content)), Store(Path(sys.argv[1])))
"""


@pytest.fixture(scope="module")
def recorded_elsewhere(tmp_path_factory):
    """The store of a fresh process that trained the same specs in the opposite order."""
    store = Store(tmp_path_factory.mktemp("elsewhere"))
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(RECORD_IN_TURN), str(store.root)]
    command += [json.dumps(spec_of(name).to_json()) for name in NAMES[::-1]]
    subprocess.run(command, cwd=Path(__file__).resolve().parents[2], check=True, timeout=200)
    return store


@pytest.mark.parametrize("name", NAMES)
def test_equal_specs_give_equal_recordings_to_the_last_bit(name, recorded, tmp_path):
    again = Store(tmp_path)
    key = record(spec_of(name), again).key
    first = files(recorded, key)
    assert {
        "spec.json",
        "history.safetensors",
        "training.safetensors",
        "evaluation.safetensors",
        "model.safetensors",
        "snapshots/00.safetensors",
    } <= set(first)
    assert files(again, key) == first


@pytest.mark.parametrize("name", NAMES)
def test_the_history_has_one_row_a_step_even_the_second_time_in_a_process(name, recorded):
    run = Run.open(spec_of(name).key, recorded)
    history = run.columns("history")
    first = int(history["step"][0])
    assert first in (0, 1)
    assert history["step"].tolist() == list(range(first, STEPS + 1))
    assert {len(column) for column in history.values()} == {STEPS + 1 - first}
    for scores in ("training", "evaluation"):
        assert run.columns(scores)["step"].tolist() == snapshot_steps(STEPS) == run.status().snapshot_steps


@pytest.mark.parametrize("name", NAMES)
def test_photographs_do_not_disturb_the_fit(name, recorded):
    run = Run.open(spec_of(name).key, recorded)
    history, state = fit(spec_of(name))
    columns = run.columns("history")
    for column, values in history.items():
        assert columns[column].tolist() == values.tolist()
    assert equal(state, run.recording.tensors("model.safetensors"))


@pytest.mark.parametrize("name", NAMES)
def test_another_seed_gives_other_losses_and_another_key(name, recorded, tmp_path):
    other, store = spec_of(name, seed=1), Store(tmp_path)
    assert other.key != spec_of(name).key
    first = Run.open(spec_of(name).key, recorded).columns("history")
    second = Run.open(record(other, store).key, store).columns("history")
    assert all(not np.array_equal(first[column], second[column]) for column in first if column not in ("step", "accuracy"))


def situations(name):
    """Datasets and settings in which a knob may show: as preset, with each choice made once, and with each number changed once."""
    knobs = models.model(name).Settings.knobs().values()
    choices = [{}] + [{k.name: value} for k in knobs for value in k.choices]
    choices += [{k.name: k.other_value()} for k in knobs if not k.choices and k.name != "steps"]
    for dataset, settings in itertools.product(SITUATIONS, choices):
        try:
            yield spec_of(name, dataset, **settings)
        except UserError:
            continue


def fit_and_draw(spec):
    """The history, and the final state with some samples, of which a sampler may change nothing else."""
    history, state = fit(spec)
    model = spec.kind(spec.settings, spec.source.shape).to(device.choose_device())
    model.load_state_dict(state)
    if hasattr(model, "sample"):
        with torch.no_grad():
            state = {**state, "samples": model.sample(5, device.generator(device.choose_device(), 0, "tests"))}
    return history, state


fit_once = cache(fit_and_draw)


@pytest.mark.parametrize(("name", "knob"), KNOBS)
def test_every_knob_changes_the_key_and_the_fit_or_what_is_drawn(name, knob):
    declared = models.model(name).Settings.knobs()[knob]
    turned_somewhere = False
    for spec in sorted(situations(name), key=lambda spec: not any(knob.startswith(f"{other}_") for other in spec.changed)):
        value = STEPS - 2 if knob == "steps" else declared.other_value()
        if value == getattr(spec.settings, knob):
            value = declared.default
        try:
            turned = spec_of(name, spec.dataset, **{**spec.settings.model_dump(), knob: value})
        except UserError:
            continue
        turned_somewhere = True
        assert turned.key != spec.key
        (history, state), (other_history, other_state) = fit_once(spec), fit_and_draw(turned)
        if not (equal(history, other_history) and equal(state, other_state)):
            return
    assert turned_somewhere, f"{value} of {knob} is allowed nowhere on {SITUATIONS}"
    pytest.fail(f"{knob} of {name} is declared, but turning it to {value} changes no loss, no weight and no sample anywhere")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_run_does_not_know_what_ran_before_it(name, recorded, recorded_elsewhere):
    key = spec_of(name).key
    assert files(recorded_elsewhere, key) == files(recorded, key)


@pytest.mark.parametrize("steps", [1, 2, 3, 10, 23, 24, 100, 4000, 100_000])
def test_marks_go_from_the_start_to_the_end_and_thin_out(steps):
    taken = snapshot_steps(steps)
    assert taken[0] == 0
    assert taken[-1] == steps
    assert len(taken) <= N_SNAPSHOTS
    gaps = np.diff(taken)
    assert (gaps > 0).all()
    assert (gaps[1:] >= gaps[:-1] - 1).all()  # log-spaced, but for rounding
    if steps >= 1000:
        assert len(taken) > N_SNAPSHOTS * 0.75
        assert taken[len(taken) // 2] < steps / 10


def test_a_photograph_is_taken_at_every_mark_and_the_last_is_the_fitted_model(recorded):
    for name in NAMES:
        run = Run.open(spec_of(name).key, recorded)
        last = len(snapshot_steps(STEPS)) - 1
        first, end = run.snapshot(0), run.snapshot(last)
        with pytest.raises(FileNotFoundError):
            run.snapshot(last + 1)
        model = run.load_model(device.choose_device())
        data = datasets.load("digits", device.choose_device())
        capabilities = {"samples": Samples, "reconstructions": Reconstructs, "codes": Encodes}
        for entry, capability in capabilities.items():
            assert (entry in end) == isinstance(model, capability)
            assert entry not in end or not torch.equal(first[entry], end[entry])  # it has learned
        if "codes" in end:
            torch.testing.assert_close(end["codes"], model.encode(data.test)[: len(end["codes"])])
        if "reconstructions" in end:
            rebuilt = model.reconstruct(data.test)[: len(end["reconstructions"])]
            assert (end["reconstructions"] / 255 - rebuilt.clamp(0, 1)).abs().max() <= 0.51 / 255
        if "nearest" in end:
            samples = model.sample(len(end["samples"]), device.generator(data.device, 0, "snapshot noise"))
            for sample, nearest in zip(samples, end["nearest"].tolist(), strict=True):
                distances = (data.train - sample).square().flatten(1).sum(1)
                assert distances[nearest] <= distances.min() * (1 + 1e-5)


def test_the_fixed_noise_is_the_same_at_every_step_and_for_every_seed(recorded, tmp_path):
    data = datasets.load("digits", device.choose_device())
    other = Store(tmp_path)
    runs = [Run.open(spec_of("vae").key, recorded), Run.open(record(spec_of("vae", seed=5), other).key, other)]
    for run in runs:
        model = run.load_model(data.device)
        noise = torch.randn(64, model.settings.latent_dim, generator=device.generator(data.device, 0, "snapshot noise"))
        drawn = (model.decode(noise).clamp(0, 1) * 255).round().to(torch.uint8)
        assert torch.equal(run.snapshot(len(snapshot_steps(STEPS)) - 1)["samples"], drawn)


def test_a_finished_run_is_not_trained_again(recorded):
    steps = []
    record(spec_of("vae"), recorded, on_progress=steps.append)
    assert steps == []


def test_every_step_is_told(store):
    steps = []
    record(spec_of("autoencoder"), store, on_progress=steps.append)
    assert steps == [step / STEPS for step in range(STEPS + 1)]


def nothing_is_left(store):
    return [p for p in store.root.rglob("*") if p.is_file()] == [] and list((store.root / "growing").iterdir()) == []


def test_what_is_stopped_leaves_nothing(store):
    steps = []
    with pytest.raises(Stopped):
        record(spec_of("vae", steps=1000), store, stopped=lambda: len(steps) > 3, on_progress=steps.append)
    assert steps == [0, 0.001, 0.002, 0.003]
    assert nothing_is_left(store)


@pytest.mark.parametrize("fault", [RuntimeError("worker fell over"), KeyboardInterrupt()])
def test_what_fails_in_the_middle_leaves_nothing_and_can_be_tried_again(store, fault):
    def fail(step):
        if step == 2 / STEPS:
            raise fault

    with pytest.raises(type(fault)):
        record(spec_of("gan"), store, on_progress=fail)
    assert nothing_is_left(store)
    assert Run.open(record(spec_of("gan"), store).key, store).status().state == "finished"


@pytest.mark.parametrize("steps", [2, 60])  # with 2, only the test score after the last update is infinite
def test_a_fit_that_diverges_is_one_clear_line_and_leaves_nothing(store, steps):
    settings = {"learning_rate": 0.1, "depth": 5, "hidden_dim": 128, "latent_dim": 2, "batch_size": 256, "steps": steps}
    with pytest.raises(UserError, match=r"^vae on moons diverged at step \d+: its .* is no longer finite; lower the learning rate"):
        record(spec_of("vae", "moons", **settings), store)
    assert nothing_is_left(store)


def test_a_growing_run_can_be_followed(store):
    spec = spec_of("vae", steps=40)
    seen = []

    def look(step):
        run = Run.growing(spec, store)
        if step and run:
            status, history = run.status(), run.columns("history")
            seen.append((status.step, len(status.snapshot_steps), len(history["step"])))
            assert run.snapshot(len(status.snapshot_steps) - 1)["samples"].shape[0] == 64
            assert Run.find(spec, store) is None

    record(spec, store, on_progress=look)
    assert [s for s, _, _ in seen] == sorted(s for s, _, _ in seen)
    assert seen[-1] == (40, len(snapshot_steps(40)), 40)
    assert Run.growing(spec, store) is None
    assert Run.find(spec, store).status().step == 40


def test_the_status_tells_the_last_losses_of_training_and_test(recorded):
    for name in NAMES:
        run = Run.open(spec_of(name).key, recorded)
        status = run.status()
        assert (status.state, status.step, status.steps) == ("finished", STEPS, STEPS)
        result = run.result()
        for last, columns in ((result.final, "history"), (result.training, "training"), (result.test, "evaluation")):
            assert {n: v for n, v in last.items() if n != "step"} == pytest.approx(
                {n: column[-1] for n, column in run.columns(columns).items() if n != "step"}
            )


def test_training_values_are_scores_of_training_pictures_as_test_values_are_of_test_pictures(recorded):
    """Of the model that was recorded, for every model: `evaluate` with as many training pictures in the place of test pictures."""
    data = datasets.load("digits", device.choose_device())
    swapped = replace(data, test=data.train[: len(data.test)], train=data.test)
    for name in NAMES:
        run = Run.open(spec_of(name).key, recorded)
        model = run.load_model(data.device)
        for columns, source in (("training", swapped), ("evaluation", data)):
            expected = model.evaluate(source, device.generator(data.device, 0, "evaluate"))
            assert expected
            for column, value in expected.items():
                assert run.columns(columns)[column][-1] == pytest.approx(float(value), rel=1e-5), (name, columns, column)


def test_the_status_of_a_finished_run_tells_its_time_and_where_it_was_made(recorded):
    for name in NAMES:
        run = Run.open(spec_of(name).key, recorded)
        assert 0 < run.status().seconds < 60
        assert run.result().provenance.threads == device.THREADS_PER_RUN


def test_the_rebuild_error_is_the_root_mean_square_over_the_test_set(recorded):
    run = Run.open(spec_of("autoencoder").key, recorded)
    x = datasets.load("digits", device.choose_device()).test
    x_hat = run.load_model(x.device).reconstruct(x)
    expected = math.sqrt(sum(((a - b) ** 2).mean().item() for a, b in zip(x, x_hat, strict=True)) / len(x))
    assert run.result().test["reconstruction_rmse"] == pytest.approx(expected, rel=1e-5)


def test_the_key_is_the_digest_of_a_text_that_knows_no_order():
    given = {"steps": 3, "reg_covar": 1e-3, "n_components": 2, "covariance_type": "diag"}
    spec = RunSpec.make("moons", "gmm", given, 7)
    same = RunSpec.make("moons", "gmm", {"covariance_type": "diag", "n_components": "2", "reg_covar": "0.001", "steps": "3"}, 7)
    assert spec.key == same.key
    text = json.loads(spec.canonical())
    assert text["settings"] == {**models.model("gmm").Settings().model_dump(), **given}
    assert text["settings"].keys() == models.model("gmm").Settings.knobs().keys()
    assert text["seed"] == 7
    assert text["dataset"] == ["moons", datasets.source("moons").edition]
    assert text["model"] == ["gmm", models.model("gmm").version]


@pytest.mark.parametrize("dataset", datasets.sources())
def test_a_spec_survives_json_and_presets_are_no_changes(dataset):
    for spec in default_specs(dataset):
        assert RunSpec.from_json(json.loads(json.dumps(spec.to_json()))) == spec
        assert spec.changed == {}
    assert [spec.model for spec in default_specs(dataset)] == NAMES


@pytest.mark.parametrize("budget", BUDGETS)
def test_changed_settings_are_those_that_differ_from_the_nearest_preset(budget):
    preset = RunSpec.make("moons", "gan", budget=budget)
    spec = RunSpec.make("moons", "gan", {"ema": 7, "gamma": preset.settings.gamma}, budget=budget)
    assert (spec.budget, spec.changed) == (preset.budget, {"ema": 7})


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, 1.0, "0", None, True, math.nan])
def test_a_seed_that_is_none_is_one_line(seed):
    with pytest.raises(UserError, match=rf"^seed = .* is not allowed; give a whole number from 0 to {MAX_SEED}$"):
        RunSpec.make("moons", "gmm", seed=seed)


def test_an_unknown_dataset_or_model_is_one_line():
    with pytest.raises(UserError, match=r"^no dataset named 'moon': .*did you mean moons\?$"):
        RunSpec.make("moon", "gmm")
    with pytest.raises(UserError, match=r"^no model named 'gam': .*did you mean g(mm|an)\?$"):
        RunSpec.make("moons", "gam")


def test_a_key_that_is_not_there_is_one_line(store):
    with pytest.raises(UserError, match=r"^no run aaaaaaaaaaaa\.\.\. in .*: `list runs` shows what is there"):
        Run.open("a" * 64, store)


def test_the_catalogue_lists_the_latest_finished_first_and_leaves_out_what_it_does_not_know(store):
    keys = [record(spec_of("autoencoder", "moons", seed=seed), store).key for seed in range(3)]
    times = ("2026-01-02T00:00:00+00:00", "2026-01-03T00:00:00+00:00", "2026-01-01T00:00:00+00:00")
    for key, finished in zip(keys, times, strict=True):
        edit(store, key, finished=finished)
    stranger = record(spec_of("autoencoder", "moons", seed=3), store).key
    edit(store, stranger, canonical='{"model":["a model of the future",1]}')
    assert [run.spec.seed for run in catalogue(store)] == [1, 0, 2]
    assert store.aside() == []


def test_a_run_of_another_version_is_one_line(store):
    key = edit(store, record(spec_of("autoencoder", "moons"), store).key, canonical='{"model":["autoencoder",0]}')
    with pytest.raises(UserError, match=r"was made by another version of autoencoder or moons: train it again with `train`$"):
        Run.open(key, store)


def edit(store, key, finished=None, canonical=None):
    """Rewrite a recording as a correct one of another time, or of another version, whose key is returned."""
    place = store.root / "runs" / key
    spec, status = (json.loads((place / name).read_text()) for name in ("spec.json", "status.json"))
    spec["canonical"] = canonical or spec["canonical"]
    origin = status["result"]["provenance"]
    origin["finished"] = finished or origin["finished"]
    manifest = json.loads((place / "manifest.json").read_text())
    for name, content in (("spec.json", spec), ("status.json", status)):
        (place / name).write_text(json.dumps(content))
        manifest["sha256"][name] = hashlib.sha256((place / name).read_bytes()).hexdigest()
    (place / "manifest.json").write_text(json.dumps(manifest))
    key = hashlib.sha256(spec["canonical"].encode()).hexdigest()
    return place.rename(place.with_name(key)).name


RESULT = RunResult(1, {}, {}, {}, Provenance("", "", "", 1, "", 1, "", ""))
STATUS = asdict(RunStatus("finished", 1.0, 1, 1, [0, 1], 1.0, RESULT))
STRANGERS = {
    "an empty status": ("status.json", {}),
    "a status without a result": ("status.json", STATUS | {"result": None}),
    "a provenance that is a list": ("status.json", STATUS | {"result": STATUS["result"] | {"provenance": []}}),
    "seconds that are a list": ("status.json", STATUS | {"seconds": []}),
    "settings that are a list": ("spec.json", {"dataset": "moons", "model": "autoencoder", "settings": [1], "seed": 0}),
    "a dataset that is a list": ("spec.json", {"dataset": [], "model": "autoencoder", "settings": {}, "seed": 0}),
    "nothing but its text": ("spec.json", {}),
}


@pytest.mark.parametrize(("name", "content"), STRANGERS.values(), ids=STRANGERS)
def test_a_recording_of_a_strangers_making_is_left_out_of_lists_and_spoils_none(store, name, content):
    stranger, good = (record(spec_of("autoencoder", "moons", seed=seed), store).key for seed in range(2))
    place = store.root / "runs" / stranger
    canonical = {"canonical": json.loads((place / "spec.json").read_text())["canonical"]} if name == "spec.json" else {}
    (place / name).write_text(json.dumps(content | canonical))
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["sha256"][name] = hashlib.sha256((place / name).read_bytes()).hexdigest()
    (place / "manifest.json").write_text(json.dumps(manifest))
    os.utime(place)  # the newest, so that every search meets it first
    assert [run.spec.key for run in catalogue(store)] == [good]
    assert spec_of("autoencoder", "moons", seed=2).estimate(store) > 0
    if name == "spec.json":
        with pytest.raises(UserError, match=r"^this JSON describes no run \(\w+Error\)"):
            Run.open(stranger, store)


def test_one_flipped_bit_after_a_run_was_read_leaves_the_others_in_the_list_and_the_run_can_be_trained_again(store):
    spec, other = (spec_of("autoencoder", "moons", seed=seed) for seed in range(2))
    record(other, store)
    for name in ("spec.json", "status.json", "history.safetensors", "snapshots/00.safetensors", "model.safetensors"):
        run = Run.open(record(spec, store).key, store)
        assert len(catalogue(store)) == 2
        file = run.recording.path / name
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        assert [run.spec for run in catalogue(store)] == [other]
        spec.estimate(store)
        assert Run.find(spec, store) is None
        with pytest.raises(UserError, match="was damaged or removed while it was open"):
            run.recording.read(name)
