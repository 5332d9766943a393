"""One mixture of pictures, put to three uses: the numbers are those of scikit-learn, the pictures those of the components."""

import pytest
import torch
from sklearn.metrics import adjusted_rand_score

from genmodels import datasets
from genmodels.config import UserError
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures.uses import UsesFinding, sheet, specs
from tests.oracles import voted_accuracy

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    """Both mixtures of digits after a few steps, and the finding."""
    store = Store(tmp_path_factory.mktemp("uses"))
    runs = [RunSpec.make(r.dataset, r.model, r.settings.model_dump() | {"steps": 3}) for r in specs("digits", 5)]
    finding = UsesFinding.read(record(StudySpec.make("mixture-uses", runs), store))
    return finding, [Run.open(run.key, store).load_model(CPU) for run in runs]


def test_the_three_uses_are_measured_as_scikit_learn_measures_them(used):
    finding, models = used
    data = datasets.load("digits", CPU)
    pixels = finding.pixels
    assert (pixels.code_length, pixels.rand, pixels.log_likelihood) == (64, None, None)
    for use, model in zip(finding.mixtures, models, strict=True):
        train, test = model.encode(data.train), model.encode(data.test)
        assert use.code_length == train.shape[1]
        groups = test[:, :5].argmax(1)
        assert use.rand == pytest.approx(adjusted_rand_score(data.test_labels, groups), abs=1e-9)
        votes = voted_accuracy(test, data.test_labels, train, data.train_labels, 5)
        assert use.knn_accuracy == pytest.approx(votes, abs=0.006)  # two examples, by rounding
        assert use.log_likelihood == pytest.approx(float(model.log_prob(data.test).mean()))


def test_a_row_of_the_sheet_is_one_component_and_the_mixture_is_left_as_it_was(used, rng):
    for model in used[1]:
        weights = model.weights.clone()
        pictures = sheet(model, 12, rng)
        assert pictures.shape == (5, 13, 1, 8, 8)
        assert torch.equal(model.weights, weights)
        order = weights.argsort(descending=True)
        means = (model.means[order].clamp(0, 1) * 255).round()
        assert torch.allclose(pictures[:, 0].flatten(1).double(), means, atol=1)
        whose = model.encode(pictures[:, 1:].flatten(0, 1).float() / 255)[:, :5].argmax(1).reshape(5, 12)
        assert (whose == order[:, None]).double().mean() > 0.75  # clipped to 0 and 1, a few look like another's


def test_data_without_classes_have_a_dash_and_other_models_are_refused(tmp_path):
    runs = [RunSpec.make("ring", "gmm", {"n_components": 2, "steps": 1})]
    (use,) = UsesFinding.read(record(StudySpec.make("mixture-uses", runs), Store(tmp_path))).mixtures
    assert (use.rand, use.knn_accuracy) == (None, None)
    with pytest.raises(UserError, match="about mixtures, got vae"):
        StudySpec.make("mixture-uses", [RunSpec.make("digits", "vae")])
