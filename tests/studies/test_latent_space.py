"""Codes, maps and the honesty panel of recorded runs: what is kept is what the models and the metrics say."""

import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.neighbors import KNeighborsClassifier

from genmodels import datasets, device, models
from genmodels.config import UserError
from genmodels.metrics.embedding import neighbours_kept
from genmodels.models.parts import inversion
from genmodels.runs import Run, RunSpec, record
from genmodels.studies.base import StudyContext
from genmodels.studies.findings import StudySpec, estimate_seconds, perform
from genmodels.studies.latents import codes as module
from genmodels.studies.latents import study as latents
from genmodels.studies.latents.study import principal_axes

NAMES = list(models.models())


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few examples, few updates of a search: what is tested does not depend on how many."""
    for name, n in (("N_EXAMPLES", 60), ("N_TRAIN", 80), ("N_PRIOR", 15), ("N_JOINT", 30), ("N_SEEDS", 25)):
        monkeypatch.setattr(latents, name, n)
    monkeypatch.setattr(module, "SEARCH_STEPS", 3)
    for place in (module, inversion):
        monkeypatch.setattr(place, "CHUNK", 25)
    monkeypatch.setattr(inversion, "ENCODER_STEPS", 5)


def run(model: str, dataset: str = "moons") -> RunSpec:
    return RunSpec.make(dataset, model, {"steps": 3})


@pytest.mark.parametrize("dataset", ["moons", "digits"])
@pytest.mark.parametrize("model", NAMES)
@pytest.mark.usefixtures("few")
def test_every_family_has_codes_that_decode_to_what_is_kept(model, dataset, store):
    found = perform(StudySpec.make("latents", [run(model, dataset)]), store)
    kept, told = found.tensors("codes.safetensors"), found.json("latents.json")
    data = datasets.load(dataset, device.choose_device())
    fitted = Run.open(run(model, dataset).key, store).load_model(data.device)
    assert len(kept["z"]) == len(kept["x_hat"]) == 60
    assert kept["z"].shape[1] == told["dimensions"]
    if hasattr(fitted, "encode"):
        torch.testing.assert_close(kept["z"], fitted.encode(data.test[:60]).cpu(), rtol=1e-4, atol=1e-4)
    x_hat = fitted.decode(kept["z"].to(data.device)).cpu()
    kept_x = kept["x_hat"].float() / 255 if data.source.is_image else kept["x_hat"]
    assert (kept_x - x_hat).abs().max() < (0.003 if data.source.is_image else 1e-3)
    assert ("prior_z" in kept) == hasattr(fitted, "sample")
    if "prior_z" in kept:
        assert len(kept["prior_z"]) == len(kept["prior_x"]) == 15
        assert kept["prior_z"].shape[1] == told["dimensions"]


@pytest.mark.usefixtures("few")
def test_the_accuracies_are_scikit_learns_of_codes_and_of_raw_pixels(store):
    spec = run("autoencoder", "digits")
    found = perform(StudySpec.make("latents", [spec]), store)
    told, data = found.json("latents.json"), datasets.load("digits", torch.device("cpu"))
    encode = Run.open(spec.key, store).load_model(torch.device("cpu")).encode
    for name, of in (("accuracy", encode), ("raw_accuracy", lambda x: x.flatten(1))):
        oracle = KNeighborsClassifier(told["neighbours"]).fit(of(data.train[:80]).numpy(), data.train_labels[:80].numpy())
        assert told[name] == pytest.approx(oracle.score(of(data.test[:60]).numpy(), data.test_labels[:60].numpy()), abs=1e-9)
    assert told["voters"] == 80


@pytest.mark.usefixtures("few")
def test_the_principal_axes_are_scikit_learns_but_for_sign_and_prior_codes_lie_on_the_same(store):
    kept = (found := perform(StudySpec.make("latents", [run("vae", "digits")]), store)).tensors("codes.safetensors")
    oracle = PCA(2).fit(kept["z"].double().numpy())
    for codes, axes in (("z", "axes"), ("prior_z", "prior_axes")):
        expected = torch.from_numpy(oracle.transform(kept[codes].double().numpy()))
        signs = (expected * kept[axes]).sum(0).sign()
        torch.testing.assert_close(kept[axes], expected * signs, rtol=1e-5, atol=1e-6)
    assert found.json("latents.json")["shares"] == pytest.approx(oracle.explained_variance_ratio_, rel=1e-6)


def test_axes_point_to_where_their_largest_entry_is_positive_and_one_dimension_has_one():
    axes, shares = principal_axes(torch.tensor([[0.0, 1.0], [0.0, -1.0], [0.1, 0.0], [-0.1, 0.0]]))
    torch.testing.assert_close(axes, torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64))
    assert shares == pytest.approx([1 / 1.01, 0.01 / 1.01])
    axes, shares = principal_axes(torch.tensor([[1.0], [2.0]]))
    assert (axes.tolist(), shares) == ([[1.0, 0.0]], [1.0, 0.0])


@pytest.mark.usefixtures("few")
def test_a_map_is_the_same_again_in_another_cache_and_its_numbers_are_of_its_last_frame(store, tmp_path):
    spec = StudySpec.make("latent-map", [run("vae", "digits")], {"perplexity": 10.0})
    first = perform(spec, store)
    tensors, told = first.tensors("map.safetensors"), first.json("map.json")
    again = perform(spec, type(store)(tmp_path / "other")).tensors("map.safetensors")
    assert all(torch.equal(again[name], tensors[name]) for name in ("frames", "prior"))
    assert len(tensors["frames"]) == len(first.json("marks.json")["iterations"]) == 29
    z = perform(StudySpec.make("latents", [run("vae", "digits")]), store).tensors("codes.safetensors")["z"]
    assert told["kept"] == neighbours_kept(z, tensors["frames"][-1])
    assert (told["n_real"], told["perplexity"], len(tensors["prior"])) == (60, 10, 15)


@pytest.mark.usefixtures("few")
def test_a_joint_map_holds_as_many_samples_as_real_examples(store):
    found = perform(StudySpec.make("latent-map", [run("gmm")], {"space": "features", "perplexity": 8.0}), store)
    assert found.tensors("map.safetensors")["frames"].shape == (29, 60, 2)
    assert found.json("map.json")["n_real"] == len(found.tensors("fake.safetensors")["fake"]) == 30


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_the_panel_is_nine_maps_of_three_starts_and_three_perplexities(store):
    found = perform(StudySpec.make("latent-seeds", [run("vae")]), store)
    maps, told = found.tensors("maps.safetensors")["maps"], found.json("maps.json")["maps"]
    assert maps.shape == (9, 25, 2)
    assert len({(m["perplexity"], m["seed"]) for m in told}) == 6  # 25 examples allow 8: 30 and 100 are one
    assert torch.equal(maps[3], maps[6])
    assert not torch.allclose(maps[0], maps[1], atol=1)


@pytest.mark.parametrize("model", ["vae", "gan"])
@pytest.mark.usefixtures("few")
def test_codes_tell_which_share_is_done_up_to_all_of_it(model, store):
    spec = run(model)
    record(spec, store)
    context = StudyContext(store, device.choose_device(), None)  # codes write nothing
    module._searched.clear()
    shares = list(module.codes(context, spec, context.model(spec), "test", 60))  # 25 at once: the last chunk is a short one
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) >= 3


@pytest.mark.usefixtures("few")
def test_a_search_is_remembered_and_its_chunks_are_as_if_searched_at_once(store, monkeypatch):
    spec = run("gan")
    whole = perform(StudySpec.make("latents", [spec]), store).tensors("codes.safetensors")["z"]
    monkeypatch.setattr(inversion, "CHUNK", 100)
    module._searched.clear()
    at_once = perform(StudySpec.make("latents", [spec]), type(store)(store.root / "other")).tensors("codes.safetensors")["z"]
    torch.testing.assert_close(whole, at_once, rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(spec.kind, "inverting", None)
    perform(StudySpec.make("latent-map", [spec], {"perplexity": 5.0}), type(store)(store.root / "other"))
    monkeypatch.setattr(latents, "N_EXAMPLES", 40)  # the first of those that are remembered
    fewer = perform(StudySpec.make("latents", [spec]), type(store)(store.root / "third")).tensors("codes.safetensors")["z"]
    assert torch.equal(fewer, at_once[:40])


@pytest.mark.parametrize(
    ("dataset", "model", "seconds"),  # as measured on one core, the reading of the data included
    [("digits", "vae", 1.0), ("digits", "gan", 2.2), ("mnist", "vae", 1.6), ("mnist", "gan", 5.0), ("sketch-faces", "gan", 4.1)],
)
def test_the_first_estimate_knows_what_a_search_costs(dataset, model, seconds, store):
    told = estimate_seconds(StudySpec.make("latents", [RunSpec.make(dataset, model)]), store)
    assert told == pytest.approx(seconds, rel=0.3, abs=1.2)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: StudySpec.make("latents"), "reads one run, got 0"),
        (lambda: StudySpec.make("latent-seeds", [run("vae"), run("gan")]), "reads one run, got 2"),
        (lambda: StudySpec.make("latent-map", [run("autoencoder")], {"space": "features"}), "generates nothing"),
        (lambda: StudySpec.make("latent-map", [run("vae")], {"perplexity": 1e9}), "perplexity = 1000000000.0 is not allowed"),
    ],
)
def test_what_cannot_be_studied_is_one_line(make, told):
    with pytest.raises(UserError, match=told):
        make()
