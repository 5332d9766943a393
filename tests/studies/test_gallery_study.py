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
from genmodels.runs import Run, RunSpec
from genmodels.store import Store
from genmodels.studies import features as net
from genmodels.studies.findings import StudySpec, perform
from genmodels.studies.gallery.place import place

WHERE = device.choose_device()
RUNS = [RunSpec.make("digits", model, {"steps": 3}) for model in ("gmm", "vae", "gan")]
SETTINGS = {"n": 24, "search_steps": 3}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setattr(judge, "STEPS", 5)
    patch.setattr(features, "STEPS", 20)
    store = Store(tmp_path_factory.mktemp("gallery"))
    yield perform(StudySpec.make("gallery", RUNS, SETTINGS), store), store
    patch.undo()


def test_every_source_is_measured_and_named(found):
    content, plane = found[0].json("gallery.json"), found[0].tensors("plane.safetensors")
    names = [source["name"] for source in content["sources"]]
    assert names == ["gmm", "vae", "vae-search", "gan", *EDITS]
    assert [(source["title"], source["how"]) for source in content["sources"][:4]] == [
        ("Gaussian mixture", "responsibility-weighted mean of the components"),
        ("VAE, encoded", "decoder mean of the posterior mean"),
        ("VAE, searched", "latent optimisation, 3 steps"),
        ("GAN, searched", "latent optimisation, 3 steps"),
    ]
    assert content["measures"]["d2"] == "GAN's own D"
    assert set(plane) == {"pixels", "features", "neighbours", "judge", "d2"}
    assert all(values.shape == (14, 24) and bool(values.isfinite().all()) for values in plane.values())


def test_the_numbers_are_those_of_the_parts(found):
    recording, store = found
    plane, pictures = recording.tensors("plane.safetensors"), recording.tensors("pictures.safetensors")
    x = datasets.load("digits", WHERE).test[:24]
    vae = Run.find(RUNS[1], store).load_model(WHERE)
    x_hat = finish(rebuild(vae, x, device.generator(WHERE, 0, "any"))).x_hat
    assert torch.equal(pictures["pictures"][1], (x_hat * 255).round().byte())
    assert torch.equal(pictures["originals"], (x * 255).round().byte())
    expected = (x_hat - x).square().mean((1, 2, 3)).sqrt()
    torch.testing.assert_close(plane["pixels"][1], expected)
    identity = 4
    assert float(plane["pixels"][identity].abs().max()) == float(plane["features"][identity].abs().max()) == 0
    discriminator = Run.find(RUNS[2], store).load_model(WHERE)
    torch.testing.assert_close(plane["d2"][1], discriminator.judge(x_hat) - discriminator.judge(x).mean(), atol=1e-4, rtol=1e-4)
    assert float(plane["d2"][identity].mean()) == pytest.approx(0, abs=1e-5)


def test_the_correlation_is_of_the_numbers_shown(found):
    content, plane = found[0].json("gallery.json"), found[0].tensors("plane.safetensors")
    told = content["correlations"]["pixels judge"]
    by = device.generator(WHERE, 0, "any")
    assert told["all"] == pytest.approx(rank_correlation(plane["pixels"], plane["judge"], by).rho)
    models = rank_correlation(plane["pixels"][:4], plane["judge"][:4], by)
    assert told["models"]["rho"] == pytest.approx(models.rho)
    assert told["models"]["low"] < models.rho < told["models"]["high"]
    assert told["each"][4] is None  # of the pictures themselves all errors are zero
    assert told["models"]["rho"] != told["all"]


def test_a_drawn_picture_lies_where_its_equal_lies(found):
    recording, store = found
    data = datasets.load("digits", WHERE)
    plane = recording.tensors("plane.safetensors")
    kept = recording.tensors("judges.safetensors") | {"reference": recording.tensors("reference.safetensors")["features"]}
    extract = net.extractor(data, store)
    discriminator = Run.find(RUNS[2], store).load_model(WHERE)
    with torch.no_grad():
        changed = EDITS["blur"].change(data.test[:24], data.train, device.generator(WHERE, 0, "edit blur"))
    blur = 4 + list(EDITS).index("blur")
    for i in (4, 7):  # of both halves
        where = place(changed[i], i, 24, data, extract, kept, {"d2": discriminator})
        for name, value in {**where.errors, **where.realisms}.items():
            assert value == pytest.approx(float(plane[name][blur, i]), abs=0.02), name


def test_two_runs_of_one_model_are_told_apart_by_what_was_changed(store, monkeypatch):
    monkeypatch.setattr(judge, "STEPS", 2)
    monkeypatch.setattr(features, "STEPS", 5)
    runs = [RunSpec.make("digits", "vae", {"steps": 2, "beta": beta}) for beta in (1.0, 4.0)]
    content = perform(StudySpec.make("gallery", runs, {"n": 20, "edits": False}), store).json("gallery.json")
    assert [s["title"] for s in content["sources"]] == [
        "VAE, steps 2, encoded",
        "VAE, steps 2, searched",
        "VAE, β 4, steps 2, encoded",
        "VAE, β 4, steps 2, searched",
        "the picture itself",
    ]
    assert [s["name"] for s in content["sources"]] == ["vae0", "vae0-search", "vae1", "vae1-search", "identity"]


def test_what_is_invertible_is_named_and_left_out_of_the_models_correlation(store, monkeypatch):
    monkeypatch.setattr(judge, "STEPS", 2)
    monkeypatch.setattr(features, "STEPS", 5)
    runs = [RunSpec.make("digits", model, {"steps": 2}) for model in ("flow-matching", "gmm")]
    finding = perform(StudySpec.make("gallery", runs, {"n": 20, "edits": False}), store)
    content, plane = finding.json("gallery.json"), finding.tensors("plane.safetensors")
    assert [s["title"] for s in content["sources"]] == ["Flow matching, invertible", "Gaussian mixture", "the picture itself"]
    alone = rank_correlation(plane["pixels"][1:2], plane["judge"][1:2], device.generator(WHERE, 0, "any"))
    assert content["correlations"]["pixels judge"]["models"]["rho"] == pytest.approx(alone.rho)
    alone = perform(StudySpec.make("gallery", runs[:1], {"n": 20, "edits": False}), store).json("gallery.json")
    assert alone["correlations"]["pixels judge"]["models"]["rho"] is None


@pytest.mark.slow
def test_five_other_judges_fall_within_the_interval(store, monkeypatch):
    """Of the models' correlation: other seeds search, draw and judge anew."""
    monkeypatch.setattr(judge, "STEPS", 60)
    monkeypatch.setattr(features, "STEPS", 5)
    runs = [RunSpec.make("digits", model, {"steps": 200}) for model in ("gmm", "vae")]
    rows = []
    for seed in range(6):
        settings = {"n": 100, "edits": False, "searched": False, "seed": seed}
        content = perform(StudySpec.make("gallery", runs, settings), store).json("gallery.json")
        rows.append(content["correlations"]["pixels judge"]["models"])
    assert all(rows[0]["low"] <= row["rho"] <= rows[0]["high"] for row in rows[1:]), rows
    assert rows[0]["high"] - rows[0]["low"] < 0.4


def test_points_are_refused_in_one_line():
    with pytest.raises(UserError, match="moons holds points, .*the gallery needs pictures"):
        StudySpec.make("gallery", [RunSpec.make("moons", "vae")])
