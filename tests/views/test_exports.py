"""What is taken away is what was recorded: every number of the curves, the weights themselves, the samples of seed 0."""

import csv
import io

import numpy as np
import pytest
import torch
from safetensors.torch import load

from genmodels import device
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.views import exports


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    store = Store(tmp_path_factory.mktemp("cache"))
    return Run.open(record(RunSpec.make("moons", "vae", {"steps": 30}), store).key, store)


def test_the_table_of_curves_holds_every_number_of_the_recording_in_its_own_row(run: Run) -> None:
    rows = {int(row["step"]): row for row in csv.DictReader(io.StringIO(exports.curves_csv(run)))}
    history, training, evaluation = (run.columns(name) for name in ("history", "training", "evaluation"))
    assert list(rows) == list(range(31))
    for name in ("elbo", "reconstruction", "kl"):
        assert [float(rows[int(s)][name]) for s in history["step"]] == pytest.approx(history[name].tolist())
        assert [float(rows[int(s)][f"training_{name}"]) for s in training["step"]] == pytest.approx(training[name].tolist())
        assert [float(rows[int(s)][f"test_{name}"]) for s in evaluation["step"]] == pytest.approx(evaluation[name].tolist())
    assert rows[0]["elbo"] == ""
    between = next(step for step in range(31) if step not in evaluation["step"])
    assert rows[between]["test_elbo"] == ""


def test_the_weights_are_those_of_the_recording_to_the_last_bit(run: Run) -> None:
    taken, model = load(run.weights()), run.load_model(torch.device("cpu"))
    assert taken.keys() == model.state_dict().keys()
    assert all(torch.equal(taken[name], tensor) for name, tensor in model.state_dict().items())


def test_the_samples_are_those_that_the_model_draws_from_seed_zero(run: Run) -> None:
    where = device.choose_device()
    model, rng = run.load_model(where), device.generator(where, 0, "sample")
    expected = np.concatenate([model.sample(n, rng).cpu().numpy() for n in (500, 200)])  # type: ignore[operator]
    assert np.array_equal(np.load(io.BytesIO(exports.samples_npz(run, 700)))["x"], expected)
