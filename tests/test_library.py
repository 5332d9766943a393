"""`import genmodels as gm`: what a notebook does, and that nothing is loaded before it is used."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import genmodels as gm
from genmodels import device
from genmodels.cli.main import main
from genmodels.studies.scores import reference, study
from genmodels.studies.scores.finding import ScoreTable

ROOT = Path(__file__).resolve().parent.parent


def test_importing_the_library_imports_no_torch():
    code = "import sys, genmodels; print('torch' in sys.modules, 'Run' in dir(genmodels), genmodels.UserError.__name__)"
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    assert out.split() == ["False", "True", "UserError"]


def test_every_name_is_there_and_another_is_refused():
    assert all(hasattr(gm, name) for name in gm.__all__)
    assert set(gm.__all__) <= set(dir(gm))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        gm.nothing  # noqa: B018


def test_a_run_is_trained_once_sampled_encoded_and_rebuilt(tmp_path):
    run = gm.train("moons", "gmm", steps=3, n_components=4, seed=5, store=tmp_path)
    assert (run.spec.settings.steps, run.spec.settings.n_components, run.spec.seed) == (3, 4, 5)
    written = run.recording.changed("model.safetensors")
    assert (
        gm.train("moons", "gmm", steps=3, n_components=4, seed=5, store=gm.Store(tmp_path)).recording.changed("model.safetensors")
        == written
    )
    assert [one.spec for one in gm.runs(tmp_path)] == [run.spec]
    model, where = run.load_model(device.choose_device()), device.choose_device()
    rng = device.generator(where, 7, "sample")
    assert torch.equal(run.sample(700, seed=7), torch.cat([model.sample(n, rng).cpu() for n in (500, 200)]))
    assert not torch.equal(run.sample(700, seed=7), run.sample(700, seed=8))
    x = gm.load("moons").test[:600]
    assert torch.allclose(run.reconstruct(x), model.reconstruct(x).cpu(), atol=1e-6)
    assert torch.allclose(run.encode(x.tolist()), model.encode(x).cpu(), atol=1e-6)


def test_a_model_that_cannot_is_one_line_that_says_what_it_can(store):
    run = gm.train("moons", "autoencoder", steps=2)
    with pytest.raises(gm.UserError) as fault:
        run.sample(3)
    assert str(fault.value) == (
        "a run of autoencoder cannot sample: it has no p(z), so there is nothing to draw new examples from; it can encode, decode, "
        "reconstruct; gmm, mfa, vae, gan, vae-gan, flow-matching can sample"
    )
    with pytest.raises(gm.UserError, match=r"a run of gan cannot encode: .*; it can sample, decode; gmm, .* can encode$"):
        gm.train("moons", "gan", steps=2).encode(np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("use", "line"),
    [
        (lambda run: run.sample(0), "n = 0 is not allowed; give a whole number from 1 to"),
        (lambda run: run.sample(2.0), "n = 2.0 is not allowed"),
        (lambda run: run.sample(2, seed=-1), "seed = -1 is not allowed"),
        (lambda run: run.encode(np.zeros((3, 5))), r"x has the shape \(3, 5\): give \(N, 2\), N at least 1"),
        (lambda run: run.reconstruct(np.zeros((0, 2))), r"x has the shape \(0, 2\)"),
        (lambda run: gm.train("moons", "gmm", stops=3), "no setting named 'stops'"),
        (lambda run: gm.train("moons", "gmm", model=3), "no setting named 'model'"),
        (lambda run: gm.train("moon", "gmm"), "did you mean moons"),
        (lambda run: gm.load("moon"), "did you mean moons"),
    ],
)
def test_what_is_not_allowed_is_one_line(use, line, store):
    with pytest.raises(gm.UserError, match=line):
        use(gm.train("moons", "gmm", steps=2))


def test_datasets_and_models_are_listed_and_still_are_packages():
    assert gm.datasets()["digits"].shape == (1, 8, 8)
    assert list(gm.datasets())[0] == gm.datasets.OPENING == "digits"
    assert gm.models()["vae"].Settings.knobs()["beta"].high == 20
    assert gm.models.model("vae") is gm.models()["vae"]


@pytest.mark.slow
def test_scores_are_rows_and_those_of_the_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(reference, "FLOORS", 1)  # sooner
    run = gm.train("moons", "gmm", steps=3, store=tmp_path)
    table = gm.score(run)
    likelihood = table["log-likelihood"]
    assert likelihood.value == pytest.approx(run.result().test["log_likelihood"], abs=0.05)  # of some test examples
    assert likelihood.floor is None  # the density of moons is not known
    assert likelihood.value > likelihood.ceiling
    assert (likelihood.group, likelihood.better, likelihood.note) == ("likelihood", "higher", "")
    assert isinstance(table.features, str)
    assert table.n == 2000
    assert len(list(table)) == len(table) == len({row.name for row in table})
    with pytest.raises(gm.UserError, match="no score named 'nothing': there are"):
        table["nothing"]
    finding = gm.Store(tmp_path).find(study.spec(run.spec).key).json(f"{ScoreTable.stem}.json")
    for name in ("name", "floor", "value", "ceiling", "note"):
        assert [getattr(row, name) for row in table] == [row[name] for row in finding["rows"]]


def test_the_command_line_writes_what_the_library_returns(store, tmp_path, capsys):
    run = gm.train("moons", "vae", steps=3)
    assert main(["sample", run.spec.key, "-n", "5", "--seed", "3", "--out", str(tmp_path / "x.npz")]) == 0
    assert np.array_equal(np.load(tmp_path / "x.npz")["x"], run.sample(5, seed=3).numpy())
    capsys.readouterr()
    assert main(["list", "models", "--json"]) == 0
    assert [row["name"] for row in json.loads(capsys.readouterr().out)["models"]] == list(gm.models())
