"""The command line: one JSON object or one line, and nothing else on either stream."""

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from genmodels import datasets, device, models, studies
from genmodels.cli.main import main
from genmodels.config import BUDGETS
from genmodels.engine import preload
from genmodels.runs import Run, RunSpec, default_specs, record
from genmodels.store import Store
from genmodels.studies import ring
from genmodels.studies.findings import StudySpec
from genmodels.studies.likelihood import GradientsFinding

ROOT = Path(__file__).resolve().parents[2]
TINY = ["--set", "steps=3"]
# A shell that starts the tests in the background makes its children deaf to Ctrl-C; this start listens again.
START = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("genmodels", run_name="__main__")
"""


@pytest.fixture
def command(store, capsys):
    """`command("train", "moons", ...)`: exit code, stdout and stderr."""

    def run(*arguments):
        capsys.readouterr()
        code = main([str(a) for a in arguments])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def said(command):
    """`said("train", ...)`: the one JSON object on stdout of a command that has nothing to complain of."""

    def run(*arguments):
        code, out, err = command(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


@pytest.fixture
def complaint(command):
    """`complaint("train", ...)`: the one line on stderr of a command that fails."""

    def run(*arguments):
        code, out, err = command(*arguments)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert err.startswith("genmodels: ")
        assert len(err) < 700
        return err.removeprefix("genmodels: ").rstrip("\n")

    return run


def test_datasets_are_listed_with_shape_licence_and_sentence(said, command):
    listed = said("list", "datasets")["datasets"]
    assert [row["name"] for row in listed] == list(datasets.sources())
    digits = listed[0]
    assert digits["shape"] == [1, 8, 8]
    assert (digits["title"], digits["licence"]) == ("Digits", datasets.source("digits").licence)
    code, out, err = command("list", "datasets")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines()] == list(datasets.sources())
    assert "1x8x8" in out.splitlines()[0]


def test_models_are_listed_with_every_knobs_default_range_and_help(said, command):
    listed = {row["name"]: {knob["name"]: knob for knob in row["knobs"]} for row in said("list", "models")["models"]}
    paragraphs = re.split(r"\n(?! )", command("list", "models")[1])  # a model's name, then a line for each of its knobs
    sections = {text.partition(":")[0]: text.splitlines()[1:] for text in paragraphs if text}
    assert list(listed) == list(sections) == list(models.models())
    for name, kind in models.models().items():
        for knob in kind.Settings.knobs().values():
            output = listed[name][knob.name]
            assert (output["default"], output["low"], output["high"], output["help"]) == (
                knob.default,
                knob.low,
                knob.high,
                knob.help,
            )
            assert tuple(output["choices"]) == knob.choices
            (line,) = [line for line in sections[name] if line.split()[0] == knob.name]
            assert all(part in line for part in (str(knob.default), knob.allowed(), knob.help))


def test_training_tells_the_key_the_time_and_the_last_losses(said, store):
    output = said("train", "moons", "gmm", "--set", "n_components=3", *TINY, "--seed", 5)
    spec = RunSpec.make("moons", "gmm", {"n_components": 3, "steps": 3}, seed=5, budget="standard")
    run = Run.open(spec.key, store)
    assert (output["key"], output["cached"], output["steps"], output["seconds"]) == (spec.key, False, 3, run.status().seconds)
    assert output["final"] == {"log_likelihood": run.result().final["log_likelihood"]}
    assert output["test"] == run.result().test
    again = said("train", "moons", "gmm", "--set", "n_components=3", *TINY, "--seed", 5)
    assert again == {**output, "cached": True}
    assert (store.root / "runs" / spec.key).is_dir()


@pytest.mark.parametrize("budget", BUDGETS)
def test_the_budget_chooses_the_preset_and_set_goes_over_it(budget, said):
    output = said("train", "moons", "gan", "--budget", budget, *TINY)
    assert output["key"] == RunSpec.make("moons", "gan", {"steps": 3}, budget=budget).key


def test_without_json_training_tells_the_same_in_lines(command):
    code, out, err = command("train", "moons", "autoencoder", *TINY)
    assert (code, err) == (0, "")
    output = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert output["key"] == RunSpec.make("moons", "autoencoder", {"steps": 3}, budget="standard").key
    assert (output["cached"], output["steps"]) == ("False", "3")
    assert output["final"].startswith("squared_error ")


def test_of_two_values_for_one_setting_the_last_counts(said):
    output = said("train", "moons", "gmm", "--set", "steps=400", "--set", "steps=2")
    assert output["changed"] == {"steps": 2}


def test_runs_are_listed_latest_first_with_what_was_changed(said, command, store):
    assert said("list", "runs") == {"runs": [], "aside": []}
    keys = [said("train", "moons", "autoencoder", *TINY, "--seed", seed)["key"] for seed in (0, 1)]
    listed = said("list", "runs")["runs"]
    assert {row["key"] for row in listed} == set(keys)
    assert listed == sorted(listed, key=lambda row: row["finished"], reverse=True)
    row = next(row for row in listed if row["key"] == keys[1])
    assert (row["dataset"], row["model"], row["seed"], row["changed"]) == ("moons", "autoencoder", 1, {"steps": 3})
    assert row["seconds"] == Run.open(keys[1], store).status().seconds
    _, out, _ = command("list", "runs")
    assert [line.split()[0] for line in out.splitlines()] == [row["key"] for row in listed]
    assert f"moons autoencoder {row['budget']} seed=1 steps=3" in out


def test_a_damaged_run_is_told_and_the_rest_is_listed(said, command, store):
    good, bad = (said("train", "moons", "autoencoder", *TINY, "--seed", seed)["key"] for seed in (0, 1))
    (store.root / "runs" / bad / "model.safetensors").write_bytes(b"")
    listed = said("list", "runs")
    assert [row["key"] for row in listed["runs"]] == [good]
    assert [line.startswith(f"{bad}: model.safetensors does not match") for line in listed["aside"]] == [True]
    assert "set aside" in command("list", "runs")[1].splitlines()[-1]
    assert said("train", "moons", "autoencoder", *TINY, "--seed", 1)["cached"] is False


@pytest.fixture
def run_of(store):
    """`run_of("gmm")`: a tiny finished run of that model on moons, or on the dataset named."""
    return lambda name, dataset="moons": Run.open(record(RunSpec.make(dataset, name, {"steps": 3}), store).key, store)


@pytest.mark.parametrize(("name", "dataset"), [("gmm", "moons"), ("vae", "moons"), ("gan", "digits")])
def test_samples_are_written_in_data_units_whatever_their_number(name, dataset, run_of, command, tmp_path):
    run, out = run_of(name, dataset), tmp_path / "x.npz"
    code, line, err = command("sample", run.spec.key, "-n", 1203, "--seed", 9, "--out", out)
    assert (code, err) == (0, "")
    assert line == f"1203 samples written to {out}\n"
    with np.load(out, allow_pickle=False) as saved:
        assert saved.files == ["x"]
        x = saved["x"]
    assert (x.dtype, x.shape) == (np.float32, (1203, *run.spec.source.shape))
    where = device.choose_device()
    model, rng = run.load_model(where), device.generator(where, 9, "sample")
    first = model.sample(500, rng).cpu().numpy()  # in batches of 500 from one stream
    assert np.array_equal(x[:500], first)
    assert len(np.unique(x.reshape(1203, -1), axis=0)) == 1203


def test_equal_seeds_sample_equal_files_and_others_others(run_of, command, tmp_path):
    key = run_of("vae").spec.key
    for file, seed in (("a", 1), ("b", 1), ("c", 2)):
        command("sample", key, "-n", 10, "--seed", seed, "--out", tmp_path / file)
    a, b, c = (np.load(tmp_path / file)["x"] for file in "abc")
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_reconstructions_are_those_of_the_first_test_examples_with_their_errors(run_of, command, tmp_path):
    run, out = run_of("autoencoder", "digits"), tmp_path / "r.npz"
    code, _, err = command("reconstruct", run.spec.key, "-n", 20, "--out", out)
    assert (code, err) == (0, "")
    saved = np.load(out)
    test = datasets.load("digits", device.choose_device()).test[:20]
    assert np.array_equal(saved["x"], test.cpu().numpy())
    torch.testing.assert_close(torch.tensor(saved["x_hat"]), run.load_model(test.device).reconstruct(test).cpu())
    by_hand = [np.sqrt(((a - b) ** 2).mean()) for a, b in zip(saved["x"], saved["x_hat"], strict=True)]
    np.testing.assert_allclose(saved["error"], by_hand, rtol=1e-5)


def test_a_file_that_is_there_is_replaced_whole(run_of, command, tmp_path):
    out = tmp_path / "x.npz"
    out.write_text("old")
    command("sample", run_of("vae").spec.key, "-n", 2, "--out", out)
    assert np.load(out)["x"].shape == (2, 2)
    assert list(tmp_path.glob(".*")) == []


def test_a_model_that_cannot_do_it_says_what_it_lacks_and_who_can(run_of, complaint, tmp_path):
    def able(method):
        return ", ".join(name for name, kind in models.models().items() if hasattr(kind, method))

    output = complaint("sample", run_of("autoencoder").spec.key, "-n", 2, "--out", tmp_path / "x.npz")
    why, abilities = models.model("autoencoder").sample_note, "it can encode, decode, reconstruct"
    assert output == f"a run of autoencoder cannot sample: it {why}; {abilities}; {able('sample')} can sample"
    output = complaint("reconstruct", run_of("gan").spec.key, "--out", tmp_path / "x.npz")
    why, abilities = models.model("gan").reconstruct_note, "it can sample, decode"
    assert output == f"a run of gan cannot reconstruct: it {why}; {abilities}; {able('reconstruct')} can reconstruct"
    assert list(tmp_path.glob("*.npz")) == []


@pytest.mark.parametrize("key", ["", "abc", "../../../etc/passwd", "A" * 64, "a" * 64 + "\n", "\N{ARABIC-INDIC DIGIT ONE}" * 64])
@pytest.mark.parametrize("use", [("sample", "-n", 2), ("reconstruct",)])
def test_a_key_that_is_none_is_one_line(use, key, complaint, tmp_path):
    assert "is no run key: a key is 64 digits 0-9a-f" in complaint(use[0], key, *use[1:], "--out", tmp_path / "x.npz")


def test_a_key_that_is_not_there_is_one_line(complaint, tmp_path):
    assert complaint("sample", "a" * 64, "-n", 1, "--out", tmp_path / "x").startswith("no run aaaaaaaaaaaa... in ")


@pytest.mark.parametrize("n", [0, -1, 100_001, 10**30])
def test_a_number_out_of_range_is_one_line(n, complaint, run_of, tmp_path):
    key = run_of("vae").spec.key
    assert (
        complaint("sample", key, "-n", n, "--out", tmp_path / "x") == f"-n {n} is not allowed; give a whole number from 1 to 100000"
    )
    most = len(datasets.source("moons").load().test)
    output = complaint("reconstruct", key, "-n", n, "--out", tmp_path / "x")
    assert output == f"-n {n} is not allowed; give a whole number from 1 to {most}"


@pytest.mark.parametrize("out", ["nowhere/x.npz", "file/x.npz", "folder", "x" * 300])
def test_a_file_that_cannot_be_written_is_one_line_and_leaves_nothing(out, complaint, run_of, tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    key = run_of("vae").spec.key
    before = sorted(p for p in tmp_path.rglob("*") if "cache" not in p.parts)
    assert str(tmp_path / out)[:100] in complaint("sample", key, "-n", 2, "--out", tmp_path / out)
    assert sorted(p for p in tmp_path.rglob("*") if "cache" not in p.parts) == before


def test_a_device_is_never_replaced_by_a_file(complaint, run_of):
    assert "is no file that can be replaced" in complaint("sample", run_of("vae").spec.key, "-n", 2, "--out", "/dev/null")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("arguments", "output"),
    [
        (["train", "moons", "gmm", "--set", "steps"], "--set 'steps' has no value: give NAME=VALUE"),
        (["train", "moons", "gmm", "--set", ""], "--set '' has no value"),
        (["train", "moons", "gmm", "--set", "=3"], "no setting named ''; there are n_components"),
        (["train", "moons", "gmm", "--set", "stops=3"], "no setting named 'stops'; there are n_components"),
        (["train", "moons", "gmm", "--set", "a\nb=3"], r"no setting named 'a\nb'"),
        (["train", "moons", "gmm", "--set", "steps=0"], "steps = '0' is not allowed; give whole numbers from 1 to"),
        (["train", "moons", "gmm", "--set", "steps="], "steps = '' is not allowed"),
        (["train", "moons", "gmm", "--set", "steps=true"], "steps = 'true' is not allowed"),
        (["train", "moons", "gmm", "--set", "steps=1e400"], "steps = '1e400' is not allowed"),
        (["train", "moons", "gmm", "--set", "reg_covar=nan"], "reg_covar = 'nan' is not allowed; give numbers from"),
        (["train", "moons", "gmm", "--set", "reg_covar=inf"], "reg_covar = 'inf' is not allowed"),
        (["train", "moons", "gmm", "--set", "reg_covar=1e400"], "reg_covar = '1e400' is not allowed"),
        (["train", "moons", "gmm", "--set", "init=k-means=x"], "init = 'k-means=x' is not allowed; give k-means, random points"),
        (["train", "moons", "vae", "--set", "likelihood=bernoulli"], "vae on moons: likelihood=bernoulli needs values from 0 to 1"),
        (["train", "moon", "gmm"], "no dataset named 'moon': there are"),
        (["train", "../moons", "gmm"], "no dataset named '../moons'"),
        (["train", "moons", "gam"], "no model named 'gam': there are"),
        (["train", "moons", "gmm", "--seed", "-1"], "seed = -1 is not allowed; give a whole number from 0"),
        (["train", "moons", "gmm", "--seed", "x\ny"], "argument --seed: invalid int value"),
        (["train", "moons", "gmm", "--seed", "9" * 5000], "argument --seed: invalid int value"),
        (["train", "moons"], "the following arguments are required: MODEL"),
        (["train", "moons", "gmm", "--sed", "1"], "unrecognized arguments: --sed 1"),
        (["train", "moons", "gmm", "more\nand more"], "unrecognized arguments: more and more"),
        (["list", "things"], "invalid choice: 'things'"),
        (["list"], "the following arguments are required: what"),
        (["bogus"], "invalid choice: 'bogus'"),
        ([], "the following arguments are required: COMMAND"),
        (["sample", "a" * 64, "--out", "x"], "the following arguments are required: -n"),
        (["sample", "a" * 64, "-n", "many", "--out", "x"], "argument -n: invalid int value: 'many'"),
        (["sample", "a" * 64, "-n", "1", "--seed", "-1", "--out", "x"], "--seed -1 is not allowed"),
        (["warm", "digits", "nowhere"], "no dataset named 'nowhere'"),
    ],
)
def test_a_fault_is_one_line_that_says_what_is_allowed(arguments, output, complaint, store):
    assert output in complaint(*arguments)
    assert not store.root.exists()


def test_a_broken_environment_is_one_line(complaint, monkeypatch):
    monkeypatch.setenv("GENMODELS_DEVICE", "abacus")
    assert complaint("train", "moons", "gmm", *TINY).startswith("GENMODELS_DEVICE='abacus' is no device")
    monkeypatch.setenv("GENMODELS_DEVICE", "cpu")
    monkeypatch.setenv("GENMODELS_CACHE_GB", "lots")
    assert complaint("list", "runs").startswith("GENMODELS_CACHE_GB='lots' is no number")
    monkeypatch.delenv("GENMODELS_CACHE_GB")
    monkeypatch.setenv("GENMODELS_CACHE", "/dev/null/cache")
    assert complaint("train", "moons", "gmm", *TINY).startswith(
        "the cache cannot be written (Not a directory): set GENMODELS_CACHE"
    )


def test_points_of_ones_own_are_imported_under_a_name_that_trains(command, said, tmp_path):
    rng = torch.Generator().manual_seed(0)
    points = tmp_path / "points.csv"
    points.write_text("".join(f"{x},{y}\n" for x, y in torch.randn(300, 2, generator=rng).tolist()))
    code, out, err = command("import", points)
    assert (code, err) == (0, "")
    name = out.split()[0]
    assert name.startswith("own-")
    assert command("import", points)[1] == out
    assert said("train", name, "gmm", *TINY)["dataset"] == name


def test_a_dry_run_shows_how_a_table_is_understood_and_keeps_nothing(command, tmp_path, store):
    file = tmp_path / "iris.csv"
    file.write_text("sl;sw;pl;species\n" + "".join(f"{i % 7},5;{i % 11},25;{i};{'ab'[i % 2]}\n" for i in range(120)))
    code, out, err = command("import", file, "--dry-run")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "120 points, 2 labels: a, b",
        "columns: sl (x), sw (y), pl, species (label)",
        "separator: semicolon; decimal mark: ,; encoding: UTF-8",
        "  0?5  0?25  0  a",
        "  1?5  1?25  1  b",
        "  2?5  2?25  2  a",
        "note: columns sl and sw of 4, labels from species",
        "note: decimal comma",
    ]
    assert not (store.root / "uploads").exists()
    code, out, _ = command("import", file, "--x", "pl", "--y", "2", "--label", "")
    assert (code, out.split(" ", 2)[2]) == (
        0,
        "120 uploaded points: 88 to train on, 32 held out. Columns pl and sw of 4; decimal comma.\n",
    )


def test_a_folder_is_read_as_a_zip_of_it_is(command, tmp_path):
    rng = np.random.default_rng(0)
    for i in range(120):
        folder = tmp_path / "pets" / ("cat" if i % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 99, (16, 16), dtype=np.uint8)).save(folder / f"{i}.png")
    (tmp_path / "pets" / ".git").mkdir()
    (tmp_path / "pets" / ".git" / "config").write_text("hidden")
    code, out, err = command("import", tmp_path / "pets", "--range", "0:99")
    assert (code, err) == (0, "")
    assert out.endswith("Values 0 to 99 taken as black to white; labels from 2 folders.\n")


@pytest.mark.parametrize("span", ["1", "a:b", "5:5", "9:1", "1:2:3"])
def test_a_range_that_is_none_is_one_line(complaint, tmp_path, span):
    file = tmp_path / "p.npy"
    np.save(file, np.random.default_rng(0).random((120, 8, 8)))
    assert "range" in complaint("import", file, "--range", span)


@pytest.mark.parametrize("content", [b"", b"not,a\nnumber,at all\n", b"\x80\x04K\x01."])
def test_what_is_no_dataset_is_one_line(complaint, tmp_path, content):
    path = tmp_path / "points.csv"
    path.write_bytes(content)
    assert "points.csv" in complaint("import", path)


def test_help_is_no_fault(capsys):
    with pytest.raises(SystemExit) as done:
        main(["train", "--help"])
    assert done.value.code == 0
    assert "NAME=VALUE" in capsys.readouterr().out


def test_the_opening_is_every_models_run_and_all_findings_of_runs_that_were_named_or_of_none():
    """Runs come before what reads them, each once; moons are no page's opening, digits are many's."""
    moons, digits = (preload.opening([name], "quick") for name in ("moons", "digits"))
    assert moons[: len(models.models())] == default_specs("moons")
    assert {spec.study for spec in moons if isinstance(spec, StudySpec)} >= {"mixtures", "adversarial", "elbo-gradient", "swap"}
    assert not any(spec.runs for spec in moons if isinstance(spec, StudySpec))
    named = [StudySpec.make(name, *one) for name, kind in studies.studies().items() for one in kind.opening()]
    wanted = {spec.key for spec in named if all(run.dataset == "digits" for run in spec.runs)}
    assert {spec.key for spec in digits if isinstance(spec, StudySpec)} == wanted > {spec.key for spec in moons[-1:]}
    keys = [spec.key for spec in digits]
    assert len(set(keys)) == len(keys)
    for spec in digits:
        if isinstance(spec, StudySpec):
            assert all(keys.index(run.key) < keys.index(spec.key) for run in spec.runs)


def test_a_title_tells_what_is_not_as_usual():
    run = RunSpec.make("digits", "vae", {"latent_dim": 2})
    assert run.label == "vae on digits latent_dim=2"
    assert StudySpec.make("elbo-identity", [run], {"picture": 5}).label == "elbo-identity of vae on digits picture=5"
    assert StudySpec.make("adversarial", [], {"loss": "hinge"}).label == "adversarial loss=hinge"


@pytest.fixture
def planted(store):
    """Everything that `warm moons` makes is there, as far as it looks, but for one run and one finding: these two."""
    opening, nearby = preload.opening(["moons"], "quick"), preload.ahead(["moons"])
    specs = list({spec.key: spec for spec in [*opening, *nearby]}.values())
    gmm, gradient = (spec for spec in specs if spec.label in ("gmm on moons", "elbo-gradient"))
    for spec in specs:
        if spec not in (gmm, gradient):
            writer = store.writer(spec.key)
            writer.json("spec.json", spec.to_json())
            writer.json("status.json", {"seconds": 1.0})
            writer.finish()
    return specs, gmm, gradient


def test_warming_makes_runs_and_findings_that_are_not_there_and_tells_of_each(planted, command, store):
    specs, gmm, gradient = planted
    code, out, err = command("warm", "moons")
    assert (code, err) == (0, "")
    first, *lines = out.splitlines()
    assert first == f"{len(specs)} recordings, 2 of them to make: about 1 min"
    assert [line.partition(":")[0] for line in lines] == [f"{spec.key}  {spec.label}" for spec in specs]
    made = {line.split()[0] for line in lines if re.search(r": \d+\.\d s$", line)}
    assert made == {gmm.key, gradient.key} == {line.split()[0] for line in lines if not line.endswith(": was there")}
    assert Run.open(gmm.key, store).status().step == gmm.steps
    assert GradientsFinding.read(store.find(gradient.key)).draws > 0
    assert [line.split(": ")[1] for line in command("warm", "moons")[1].splitlines()[1:]] == ["was there"] * len(specs)
    first, *lines = command("warm", "moons", "--opening")[1].splitlines()
    assert first == f"{len(lines)} recordings, 0 of them to make: about 0 min"
    assert len(lines) == len(preload.opening(["moons"], "quick")) < len(specs)


def test_every_neighbour_that_a_knob_declares_is_a_valid_finding_made_after_the_openings():
    names = [name for name, source in datasets.sources().items() if source.offline]
    opening, nearby = ({spec.key for spec in specs} for specs in (preload.opening(names, "quick"), preload.ahead(names)))
    assert len(nearby - opening) > 60
    for name, kind in studies.studies().items():
        changes = {(n, value) for n, knob in kind.Settings.knobs().items() for value in knob.ahead}
        assert all(value != kind.Settings.knobs()[n].default for n, value in changes)
        findings = [StudySpec.make(name, *one) for one in kind.ahead()]  # raises what is not valid
        assert changes <= {item for spec in findings for item in spec.changed.items()}
    ks = [runs[0].settings.n_components for runs, _ in ring.Ring.ahead()]
    assert sorted(ks) == sorted(ring.AHEAD)


def test_what_cannot_be_made_does_not_stop_the_rest(planted, command, store):
    specs, gmm, gradient = planted
    obstacle = store.root / "runs" / gmm.key
    obstacle.write_text("a file where the run would go")
    code, out, err = command("warm", "moons")
    assert (code, err.count("\n")) == (2, 1)
    assert f"1 of {len(specs)} could not be made, the first: gmm on moons: the cache" in err
    assert [line.split()[0] for line in out.splitlines()[1:]] == [spec.key for spec in specs if spec != gmm]
    assert store.find(gradient.key)
    assert list((store.root / "growing").iterdir()) == []


def process(store, *arguments, **options):
    command = [sys.executable, "-c", START, *map(str, arguments)]
    environment = {**os.environ, "GENMODELS_CACHE": str(store.root), "PYTHONWARNINGS": "default"}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, **options)


@pytest.mark.slow
def test_a_fresh_process_prints_one_json_object_and_no_warning(store):
    run = process(store, "train", "digits", "gmm", *TINY, "--json", stderr=subprocess.PIPE)
    out, err = run.communicate(timeout=100)
    assert (run.returncode, err, out.count("\n")) == (0, "", 1)
    assert json.loads(out)["key"] == RunSpec.make("digits", "gmm", {"steps": 3}, budget="standard").key


@pytest.fixture
def terminal():
    """Both ends of a pseudo-terminal of usual size."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    yield ours, theirs
    os.close(ours)


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "kill"])
def test_a_terminal_sees_progress_and_what_is_interrupted_is_one_line_and_leaves_no_half_written_run(store, terminal, ending):
    ours, theirs = terminal
    with process(store, "train", "moons", "vae", "--set", "steps=100000", stderr=theirs) as run:
        os.close(theirs)
        seen, asked, deadline = "", False, time.monotonic() + 60
        while time.monotonic() < deadline and run.poll() is None:
            if select.select([ours], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):  # the other end is closed
                    seen += os.read(ours, 4096).decode()
            if not asked and list((store.root / "growing").glob("*/history.safetensors")):
                asked = run.send_signal(ending) is None
        run.kill()
    assert run.returncode == 130, seen
    with contextlib.suppress(OSError):
        seen += os.read(ours, 4096).decode()
    assert "vae on moons" in seen
    assert "/100000" in seen
    assert seen.replace("\r\n", "\n").rsplit("\r", 1)[-1] == "genmodels: interrupted; nothing half-written is kept\n"
    assert list((store.root / "growing").iterdir()) == []
    assert Store(store.root).keys() == []


def test_a_reader_who_leaves_is_no_fault(store, capfd, monkeypatch):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as deaf:
        monkeypatch.setattr(sys, "stdout", deaf)
        assert main(["list", "datasets"]) == 0
    assert capfd.readouterr().err == ""
