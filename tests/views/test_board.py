"""The board shows what the recording holds: frames, curves, facts and the sentence drawn from them."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from genmodels import datasets
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.views import board

TINY = {"gmm": {"steps": 5, "n_components": 4}, "autoencoder": {"steps": 12}, "vae": {"steps": 12}, "gan": {"steps": 12}}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(tmp_path_factory.mktemp("cache"))


def run_of(store: Store, dataset: str, model: str) -> Run:
    spec = RunSpec.make(dataset, model, TINY[model])
    record(spec, store)
    run = Run.find(spec, store)
    assert run
    return run


@pytest.mark.parametrize("dataset", ["digits", "gaussians-8"])
@pytest.mark.parametrize("model", sorted(TINY))
def test_a_finished_column_has_a_frame_for_every_mark_and_is_plain_json(store: Store, dataset: str, model: str) -> None:
    run = run_of(store, dataset, model)
    column = board.column(run, nearest=True)
    assert column["marks"] == run.status().snapshot_steps
    assert len(column["frames"]) == len(column["marks"])
    assert all(("samples" in frame) == column["canSample"] for frame in column["frames"])
    assert all(("reconstructions" in frame) == column["canReconstruct"] for frame in column["frames"])
    assert json.loads(json.dumps(column)) == column


def test_a_curve_is_the_mean_of_the_history_over_each_stretch_of_the_budget() -> None:
    x, y = board._binned(np.arange(1, 1601) / 1600, np.arange(1600.0))
    assert len(x) == len(y) == board.N_BINS
    assert y[0] == pytest.approx(np.mean(range(10)))
    assert y[-1] == pytest.approx(np.mean(range(1590, 1600)), rel=1e-3)
    assert x[-1] == pytest.approx(1, abs=0.01)


def test_line_and_circles_are_of_one_definition_so_that_what_is_between_them_is_the_gap(store: Store) -> None:
    """Of a VAE trained with noise of .3 on pictures: both are ELBOs of pictures as they are, at each mark."""
    spec = RunSpec.make("digits", "vae", {"steps": 60, "noise": 0.3, "learning_rate": 5e-3})
    record(spec, store)
    run = Run.open(spec.key, store)
    data, model = datasets.load("digits", torch.device("cpu")), run.load_model(torch.device("cpu"))
    (line, *_) = board.charts(run, spec.steps)[0]["lines"]
    assert line["label"] == "ELBO"
    assert line["x"] == line["testX"]
    rng = torch.Generator()
    train, test = (
        float(model.bound_terms(x.flatten(1), rng.manual_seed(0))["elbo"])  # type: ignore[operator]
        for x in (data.train[: len(data.test)], data.test)
    )
    assert line["y"][-1] - line["testY"][-1] == pytest.approx(train - test, abs=0.5)
    noisy = line["batchY"][-1]
    assert noisy < line["testY"][-1] - 5  # what was drawn as the line, as if the gap were below zero


def test_a_loss_without_test_values_is_drawn_as_it_was_trained(store: Store) -> None:
    losses = {
        line["label"]: line for chart in board.column(run_of(store, "digits", "gan"), False)["charts"] for line in chart["lines"]
    }
    assert len(losses["D loss"]["x"]) == 12
    assert losses["D loss"]["batchX"] == losses["D loss"]["testX"] == []
    assert losses["D accuracy"]["x"] == losses["D accuracy"]["testX"]


def test_a_model_that_cannot_do_a_thing_shows_a_dash_and_never_a_number(store: Store) -> None:
    facts = {m: {f.name: f for f in board.facts(run_of(store, "digits", m))} for m in TINY}
    assert facts["gan"]["reconstruction error"].value == "—"
    assert facts["gan"]["log p(x)"].value == "—"
    assert facts["autoencoder"]["sharpness"].value == "—"
    assert facts["autoencoder"]["log p(x)"].value == "—"
    assert facts["vae"]["log p(x)"].value.startswith("≥")
    assert "exact" in facts["gmm"]["log p(x)"].note


def test_samples_or_pictures_that_cannot_be_measured_have_a_dash() -> None:
    pictures, cross = torch.rand(4, 1, 8, 8, generator=torch.Generator().manual_seed(0)), torch.eye(2)
    for samples, real in (
        (pictures * 255 * torch.nan, pictures),
        (pictures[:0], pictures),
        (pictures * 255, torch.ones(4, 1, 8, 8)),
    ):
        assert (fact := board._sharpness(samples, real)).value == "—"
        assert fact.number is None
    assert board._sharpness(pictures * 255, pictures).value == "1.00"
    for points in (torch.full((9, 2), torch.nan), torch.empty(0, 2)):
        assert (fact := board._modes(points, cross, 0.1)).value == "—"
        assert fact.number is None
    assert board._modes(cross, cross, 0.1).value == "2 of 2"


def test_the_facts_are_the_recorded_test_scores(store: Store) -> None:
    run = run_of(store, "digits", "gmm")
    facts = {f.name: f for f in board.facts(run)}
    data, model = datasets.load("digits", torch.device("cpu")), run.load_model(torch.device("cpu"))
    error = (model.reconstruct(data.test) - data.test).square().mean().sqrt()  # type: ignore[operator]
    assert float(facts["reconstruction error"].value) == pytest.approx(float(error), abs=6e-4)
    assert float(facts["log p(x)"].value) == pytest.approx(float(model.log_prob(data.test).mean()), abs=6e-3)  # type: ignore[operator]


def test_the_sentence_names_the_best_reconstruction_and_the_exact_likelihood(store: Store) -> None:
    runs = [run_of(store, "digits", m) for m in ("gmm", "vae", "gan")]
    errors = {r.spec.kind.title: r.result().test.get("reconstruction_rmse", 9.0) for r in runs}
    words = board.sentence(runs)
    assert f"the {min(errors, key=lambda t: errors[t])} reconstructs held-out examples best" in words
    assert "only the Gaussian mixture knows its likelihood exactly" in words


def test_two_runs_of_one_model_are_named_by_what_they_differ_in(store: Store) -> None:
    specs = [RunSpec.make("digits", "vae", TINY["vae"] | {"beta": beta}) for beta in (0.1, 10)]
    runs = [run_of(store, "digits", "gmm"), *(Run.open(record(spec, store).key, store) for spec in specs)]
    words = board.sentence(runs)
    (nearest,) = [title for title in ("Gaussian mixture", "VAE (β 0.1)", "VAE (β 10)") if f"the {title}'s samples" in words]
    assert all(f"{title} " in words for title in ("VAE (β 0.1)", "VAE (β 10)", "Gaussian mixture") if title != nearest)


def test_what_is_invertible_is_named_and_is_never_the_best_reconstruction(store: Store) -> None:
    settings = {"steps": 30, "hidden_dim": 32, "depth": 1}
    record(RunSpec.make("digits", "flow-matching", settings), store)
    runs = [run_of(store, "digits", "gmm"), Run.open(RunSpec.make("digits", "flow-matching", settings).key, store)]
    errors = [r.result().test["reconstruction_rmse"] for r in runs]
    assert errors[1] < errors[0]
    words = board.sentence(runs)
    assert "the Gaussian mixture reconstructs held-out examples best" in words
    assert f"flow matching is invertible and so rebuilds anything (RMSE {errors[1]:.3f})" in words


def test_every_model_that_knows_its_likelihood_exactly_is_named(store: Store) -> None:
    specs = [
        RunSpec.make("moons", "gmm", {"steps": 2}),
        RunSpec.make("moons", "mfa", {"steps": 2}),
        RunSpec.make("moons", "gan", {"steps": 2}),
    ]
    runs = [Run.open(record(spec, store).key, store) for spec in specs]
    assert "only the Gaussian mixture and the mixture of factor analysers know their likelihood exactly" in board.sentence(runs)
    assert ", and the Gaussian mixture and the mixture of factor analysers know" in board.sentence(runs[:2])
    assert "only" not in board.sentence(runs[:1])


def test_a_growing_run_shows_its_newest_frame_alone(store: Store, tmp_path: Path) -> None:
    run = run_of(store, "digits", "vae")
    growing = tmp_path / f"{run.spec.key}.x"
    growing.mkdir()
    for file in run.recording.path.rglob("*.safetensors"):
        target = growing / file.relative_to(run.recording.path)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(file.read_bytes())
    status = dataclasses.replace(run.status(), state="growing", step=3, snapshot_steps=run.status().snapshot_steps[:3], result=None)
    (growing / "status.json").write_text(json.dumps(dataclasses.asdict(status)))
    column = board.column(Run(type(run.recording)(growing, finished=False), run.spec), nearest=False)
    assert (len(column["frames"]), column["marks"], column["facts"]) == (1, status.snapshot_steps[-1:], [])


def test_points_lie_inside_the_box_that_is_drawn() -> None:
    for name in ("ring", "grid-25"):
        data, scene = datasets.load(name, torch.device("cpu")), board.scene(name)
        assert bool((data.train >= torch.tensor(scene["low"])).all())
        assert bool((data.train <= torch.tensor(scene["high"])).all())
        assert scene["high"][0] - scene["low"][0] == pytest.approx(scene["high"][1] - scene["low"][1], rel=1e-5)
