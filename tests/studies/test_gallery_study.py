"""The gallery holds every source's errors and realisms, as its parts give them, and places a drawn picture where its equal lies."""

import pytest
import torch

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.metrics.parts.edits import EDITS
from genmodels.metrics.parts.rebuild import rebuild
from genmodels.metrics.probes import features, judge
from genmodels.metrics.realism_plane import rank_correlation
from genmodels.progress import finish
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies import features as net
from genmodels.studies.findings import StudySpec
from genmodels.studies.gallery.finding import Critics, Measure, Pictures, Plane
from genmodels.studies.gallery.place import place

WHERE = device.choose_device()
RUNS = [RunSpec.make("digits", model, {"steps": 3}) for model in ("gmm", "vae", "gan")]
SETTINGS = {"n": 24, "search_steps": 3}


@pytest.fixture(scope="module")
def recording_and_store(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setattr(judge, "STEPS", 5)
    patch.setattr(features, "STEPS", 20)
    store = Store(tmp_path_factory.mktemp("gallery"))
    yield record(StudySpec.make("gallery", RUNS, SETTINGS), store), store
    patch.undo()


@pytest.fixture
def plane(recording_and_store):
    return Plane.read(recording_and_store[0])


def test_every_source_is_measured_and_named(plane):
    assert plane.names == ["gmm", "vae", "vae-search", "gan", *EDITS]
    assert [(source.title, source.how) for source in plane.sources[:4]] == [
        ("Gaussian mixture", "responsibility-weighted mean of the components"),
        ("VAE, encoded", "decoder mean of the posterior mean"),
        ("VAE, searched", "latent optimisation, 3 steps"),
        ("GAN, searched", "latent optimisation, 3 steps"),
    ]
    assert plane.measures["d2"] == Measure("GAN's own D", run=2)
    assert set(plane.table) == {"pixels", "features", "neighbours", "judge", "d2"}
    assert all(values.shape == (14, 24) and bool(values.isfinite().all()) for values in plane.table.values())


def test_the_numbers_are_those_of_the_parts(recording_and_store, plane):
    recording, store = recording_and_store
    pictures = Pictures.read(recording)
    x = datasets.load("digits", WHERE).test[:24]
    vae = Run.find(RUNS[1], store).load_model(WHERE)
    x_hat = finish(rebuild(vae, x, device.generator(WHERE, 0, "any"))).x_hat
    assert torch.equal(pictures.pictures[1], (x_hat * 255).round().byte())
    assert torch.equal(pictures.originals, (x * 255).round().byte())
    expected = (x_hat - x).square().mean((1, 2, 3)).sqrt()
    torch.testing.assert_close(plane.table["pixels"][1], expected)
    identity = 4
    assert float(plane.table["pixels"][identity].abs().max()) == float(plane.table["features"][identity].abs().max()) == 0
    discriminator = Run.find(RUNS[2], store).load_model(WHERE)
    torch.testing.assert_close(
        plane.table["d2"][1], discriminator.judge(x_hat) - discriminator.judge(x).mean(), atol=1e-4, rtol=1e-4
    )
    assert float(plane.table["d2"][identity].mean()) == pytest.approx(0, abs=1e-5)


def test_the_correlation_is_of_the_numbers_shown(plane):
    correlations = plane.correlation("pixels", "judge")
    rng = device.generator(WHERE, 0, "any")
    assert correlations.all == pytest.approx(rank_correlation(plane.table["pixels"], plane.table["judge"], rng).rho)
    models = rank_correlation(plane.table["pixels"][:4], plane.table["judge"][:4], rng)
    assert correlations.models.rho == pytest.approx(models.rho)
    assert correlations.models.low < models.rho < correlations.models.high
    assert correlations.each[4] is None  # of the pictures themselves all errors are zero
    assert correlations.models.rho != correlations.all


def test_a_drawn_picture_lies_where_its_equal_lies(recording_and_store, plane):
    recording, store = recording_and_store
    data = datasets.load("digits", WHERE)
    extract = net.extractor(data, store)
    discriminator = Run.find(RUNS[2], store).load_model(WHERE)
    with torch.no_grad():
        changed = EDITS["blur"].change(data.test[:24], data.train, device.generator(WHERE, 0, "edit blur"))
    blur = 4 + list(EDITS).index("blur")
    for i in (4, 7):  # of both halves
        where = place(changed[i], i, 24, data, extract, Critics.read(recording), {"d2": discriminator})
        for name, value in {**where.errors, **where.realisms}.items():
            assert value == pytest.approx(float(plane.table[name][blur, i]), abs=0.02), name


def test_two_runs_of_one_model_are_told_apart_by_what_was_changed(store, monkeypatch):
    monkeypatch.setattr(judge, "STEPS", 2)
    monkeypatch.setattr(features, "STEPS", 5)
    runs = [RunSpec.make("digits", "vae", {"steps": 2, "beta": beta}) for beta in (1.0, 4.0)]
    plane = Plane.read(record(StudySpec.make("gallery", runs, {"n": 20, "edits": False}), store))
    assert [source.title for source in plane.sources] == [
        "VAE, steps 2, encoded",
        "VAE, steps 2, searched",
        "VAE, β 4, steps 2, encoded",
        "VAE, β 4, steps 2, searched",
        "the picture itself",
    ]
    assert plane.names == ["vae0", "vae0-search", "vae1", "vae1-search", "identity"]


def test_what_is_invertible_is_named_and_left_out_of_the_models_correlation(store, monkeypatch):
    monkeypatch.setattr(judge, "STEPS", 2)
    monkeypatch.setattr(features, "STEPS", 5)
    runs = [RunSpec.make("digits", model, {"steps": 2}) for model in ("flow-matching", "gmm")]
    plane = Plane.read(record(StudySpec.make("gallery", runs, {"n": 20, "edits": False}), store))
    assert [source.title for source in plane.sources] == ["Flow matching, invertible", "Gaussian mixture", "the picture itself"]
    alone = rank_correlation(plane.table["pixels"][1:2], plane.table["judge"][1:2], device.generator(WHERE, 0, "any"))
    assert plane.correlation("pixels", "judge").models.rho == pytest.approx(alone.rho)
    alone = Plane.read(record(StudySpec.make("gallery", runs[:1], {"n": 20, "edits": False}), store))
    assert alone.correlation("pixels", "judge").models.rho is None


@pytest.mark.slow
def test_five_other_judges_fall_within_the_interval(store, monkeypatch):
    """Of the models' correlation: other seeds search, draw and judge anew."""
    monkeypatch.setattr(judge, "STEPS", 60)
    monkeypatch.setattr(features, "STEPS", 5)
    runs = [RunSpec.make("digits", model, {"steps": steps}) for model, steps in (("gmm", 15), ("vae", 200))]
    rows = []
    for seed in range(6):
        settings = {"n": 100, "edits": False, "searched": False, "seed": seed}
        plane = Plane.read(record(StudySpec.make("gallery", runs, settings), store))
        rows.append(plane.correlation("pixels", "judge").models)
    assert all(rows[0].low <= row.rho <= rows[0].high for row in rows[1:]), rows
    assert rows[0].high - rows[0].low < 0.4


def test_points_are_refused_in_one_line():
    with pytest.raises(UserError, match="moons holds points, .*the gallery needs pictures"):
        StudySpec.make("gallery", [RunSpec.make("moons", "vae")])
