"""EM step by step: its likelihood never falls, its BIC is scikit-learn's, and eight Gaussians are eight."""

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture

from genmodels import datasets
from genmodels.models.gmm import GMM, GMMConfig
from genmodels.runs import record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures import study as mixtures
from genmodels.studies.mixtures.study import Curve, Fit, State, ellipses, largest_fall

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def eight(tmp_path_factory):
    """The finding for 1 to 9 components on eight Gaussians, from k-means."""
    patch = pytest.MonkeyPatch()
    patch.setattr(mixtures, "MAX_K", 9)
    try:
        spec = StudySpec.make("mixtures", [], {"toy": "gaussians-8", "start": "k-means"})
        return record(spec, Store(tmp_path_factory.mktemp("eight")))
    finally:
        patch.undo()


def theirs(state, kind="full"):
    """Scikit-learn's mixture with these parameters."""
    k = len(state.weights)
    em = GaussianMixture(k, covariance_type=kind)
    em.weights_, em.means_ = state.weights.numpy(), state.means.numpy()
    em.covariances_ = state.covariances.numpy()
    em.precisions_cholesky_ = np.linalg.inv(np.linalg.cholesky(em.covariances_)).transpose(0, 2, 1)
    return em


def test_bic_chooses_eight_of_eight_gaussians_and_is_that_of_scikit_learn(eight):
    points = Curve.read(eight).points
    assert min(points, key=lambda point: point.bic).k == 8
    x = datasets.load("gaussians-8", CPU).train[: mixtures.N_TRAIN].double().numpy()
    for point in points:
        fit = Fit.read(eight, mixtures.part(point.k))
        last = State(fit.weights[-1], fit.means[-1], fit.covariances[-1], float(fit.log_likelihood[-1]))
        assert point.bic == pytest.approx(theirs(last).bic(x), rel=1e-9)
        assert point.train == pytest.approx(theirs(last).score(x), rel=1e-9)


def test_no_step_of_em_lowers_the_likelihood_and_the_groups_are_the_known_ones(eight):
    points = Curve.read(eight).points
    assert max(point.fall for point in points) < 1e-9
    assert points[7].rand == pytest.approx(1.0, abs=1e-3)
    assert points[0].rand == 0.0  # one group says nothing


@pytest.mark.parametrize("kind", ["full", "tied", "diag", "spherical"])
def test_every_kind_of_covariance_is_an_ellipse_of_the_same_density(kind, rng):
    data = datasets.load("moons", CPU)
    model = GMM(GMMConfig(n_components=3, covariance_type=kind, steps=3), (2,))
    for _ in model.fit(data, rng):
        pass
    x = data.test[:200]
    state = State(model.weights, model.means, ellipses(model), 0.0)
    np.testing.assert_allclose(theirs(state).score_samples(x.double().numpy()), model.log_prob(x).numpy(), rtol=1e-7)


def test_the_largest_fall_is_the_largest_fall():
    assert largest_fall([1.0, 3.0, 2.5, 2.75, 1.5]) == 1.25
    assert largest_fall([1.0, 2.0]) == 0.0
    assert largest_fall([1.0]) == 0.0
