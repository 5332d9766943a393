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
from genmodels.store import Store
from genmodels.studies.base import StudyContext
from genmodels.studies.findings import StudySpec
from genmodels.studies.latents import codes as module
from genmodels.studies.latents import study as latents
from genmodels.studies.latents.finding import Descent, LatentSpace, MapSummary, SmallMaps
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


def latents_of(spec: RunSpec, store: Store) -> LatentSpace:
    return LatentSpace.read(record(StudySpec.make("latents", [spec]), store))


@pytest.mark.parametrize("dataset", ["moons", "digits"])
@pytest.mark.parametrize("model", NAMES)
@pytest.mark.usefixtures("few")
def test_every_family_has_codes_that_decode_to_what_is_kept(model, dataset, store):
    finding = latents_of(run(model, dataset), store)
    data = datasets.load(dataset, device.choose_device())
    fitted = Run.open(run(model, dataset).key, store).load_model(data.device)
    assert len(finding.test.z) == len(finding.test.x_hat) == 60
    assert finding.test.z.shape[1] == finding.dimensions
    if hasattr(fitted, "encode"):
        torch.testing.assert_close(finding.test.z, fitted.encode(data.test[:60]).cpu(), rtol=1e-4, atol=1e-4)
    x_hat = fitted.decode(finding.test.z.to(data.device)).cpu()
    stored = finding.test.x_hat.float() / 255 if data.source.is_image else finding.test.x_hat
    assert (stored - x_hat).abs().max() < (0.003 if data.source.is_image else 1e-3)
    assert (finding.prior is not None) == hasattr(fitted, "sample")
    if finding.prior:
        assert len(finding.prior.z) == len(finding.prior.x_hat) == 15
        assert finding.prior.z.shape[1] == finding.dimensions


@pytest.mark.usefixtures("few")
def test_the_accuracies_are_scikit_learns_of_codes_and_of_raw_pixels(store):
    spec = run("autoencoder", "digits")
    accuracy, data = latents_of(spec, store).accuracy, datasets.load("digits", torch.device("cpu"))
    encode = Run.open(spec.key, store).load_model(torch.device("cpu")).encode
    for value, of in ((accuracy.codes, encode), (accuracy.raw, lambda x: x.flatten(1))):
        oracle = KNeighborsClassifier(accuracy.n_neighbours).fit(of(data.train[:80]).numpy(), data.train_labels[:80].numpy())
        assert value == pytest.approx(oracle.score(of(data.test[:60]).numpy(), data.test_labels[:60].numpy()), abs=1e-9)
    assert accuracy.n_train == 80


@pytest.mark.usefixtures("few")
def test_the_principal_axes_are_scikit_learns_but_for_sign_and_prior_codes_lie_on_the_same(store):
    finding = latents_of(run("vae", "digits"), store)
    oracle = PCA(2).fit(finding.test.z.double().numpy())
    for codes in (finding.test, finding.prior):
        expected = torch.from_numpy(oracle.transform(codes.z.double().numpy()))
        signs = (expected * codes.axes).sum(0).sign()
        torch.testing.assert_close(codes.axes, expected * signs, rtol=1e-5, atol=1e-6)
    assert finding.variance == pytest.approx(oracle.explained_variance_ratio_, rel=1e-6)


def test_axes_point_to_where_their_largest_entry_is_positive_and_one_dimension_has_one():
    axes, shares = principal_axes(torch.tensor([[0.0, 1.0], [0.0, -1.0], [0.1, 0.0], [-0.1, 0.0]]))
    torch.testing.assert_close(axes, torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64))
    assert shares == pytest.approx([1 / 1.01, 0.01 / 1.01])
    axes, shares = principal_axes(torch.tensor([[1.0], [2.0]]))
    assert (axes.tolist(), shares) == ([[1.0, 0.0]], [1.0, 0.0])


@pytest.mark.usefixtures("few")
def test_a_map_is_the_same_again_in_another_cache_and_its_numbers_are_of_its_last_frame(store, tmp_path):
    spec = StudySpec.make("latent-map", [run("vae", "digits")], {"perplexity": 10.0})
    first, second = record(spec, store), record(spec, type(store)(tmp_path / "other"))
    descent, summary = Descent.read(first), MapSummary.read(first)
    assert torch.equal(Descent.read(second).frames, descent.frames)
    assert torch.equal(MapSummary.read(second).prior, summary.prior)
    assert len(descent.frames) == len(descent.iterations) == 29
    z = latents_of(run("vae", "digits"), store).test.z
    assert summary.neighbours_kept == neighbours_kept(z, descent.frames[-1])
    assert (descent.n, summary.perplexity, len(summary.prior)) == (60, 10, 15)


@pytest.mark.usefixtures("few")
def test_a_joint_map_holds_as_many_samples_as_real_examples(store):
    recording = record(StudySpec.make("latent-map", [run("gmm")], {"space": "features", "perplexity": 8.0}), store)
    assert Descent.read(recording).frames.shape == (29, 60, 2)
    assert Descent.read(recording).n == len(MapSummary.read(recording).samples) == 30


@pytest.mark.slow
@pytest.mark.usefixtures("few")
def test_the_panel_is_nine_maps_of_three_starts_and_three_perplexities(store):
    maps = SmallMaps.read(record(StudySpec.make("latent-seeds", [run("vae")]), store)).maps
    assert [one.y.shape for one in maps] == 9 * [(25, 2)]
    assert len({(one.perplexity, one.seed) for one in maps}) == 6  # 25 examples allow 8: 30 and 100 are one
    assert torch.equal(maps[3].y, maps[6].y)
    assert not torch.allclose(maps[0].y, maps[1].y, atol=1)


@pytest.mark.parametrize("model", ["vae", "gan"])
@pytest.mark.usefixtures("few")
def test_codes_tell_which_share_is_done_up_to_all_of_it(model, store):
    spec = run(model)
    record(spec, store)
    context = StudyContext(store, device.choose_device(), None)  # codes write nothing
    module._searched.clear()
    progress = list(module.codes(context, spec, context.model(spec), "test", 60))  # 25 at once: the last chunk is a short one
    assert progress == sorted(progress)
    assert progress[-1] == 1
    assert len(progress) >= 3


@pytest.mark.usefixtures("few")
def test_a_search_is_remembered_and_its_chunks_are_as_if_searched_at_once(store, monkeypatch):
    spec = run("gan")
    whole = latents_of(spec, store).test.z
    monkeypatch.setattr(inversion, "CHUNK", 100)
    module._searched.clear()
    at_once = latents_of(spec, type(store)(store.root / "other")).test.z
    torch.testing.assert_close(whole, at_once, rtol=1e-4, atol=1e-4)
    monkeypatch.setattr(spec.kind, "inverting", None)
    record(StudySpec.make("latent-map", [spec], {"perplexity": 5.0}), type(store)(store.root / "other"))
    monkeypatch.setattr(latents, "N_EXAMPLES", 40)  # the first of those that are remembered
    fewer = latents_of(spec, type(store)(store.root / "third")).test.z
    assert torch.equal(fewer, at_once[:40])


@pytest.mark.parametrize(
    ("dataset", "model", "seconds"),  # as measured on one core, the reading of the data included
    [("digits", "vae", 1.0), ("digits", "gan", 2.2), ("mnist", "vae", 1.6), ("mnist", "gan", 5.0), ("sketch-faces", "gan", 4.1)],
)
def test_the_first_estimate_knows_what_a_search_costs(dataset, model, seconds, store):
    told = StudySpec.make("latents", [RunSpec.make(dataset, model)]).estimate(store)
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
