"""The mixture against scikit-learn on NumPy, dense distributions and loops."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.models.gmm import GMM
from genmodels.runs import RunSpec
from tests.oracles import dense_covariances, dense_mixture_log_prob, mixture_moments

WHERE = device.choose_device()
COVARIANCES = ["full", "tied", "diag", "spherical"]
every_covariance = pytest.mark.parametrize("covariance_type", COVARIANCES)


def few(dataset, n=3000):
    """The dataset with its first few training examples alone."""
    data = datasets.load(dataset, WHERE)
    return replace(data, train=data.train[:n])


def follow(dataset, rng, data=None, **settings):
    """The model, and the log-likelihoods of its fit, step by step; the model's tensors at the start first."""
    spec = RunSpec.make(dataset, "gmm", settings)
    model = GMM(spec.settings, spec.source.shape).to(WHERE)
    steps = model.fit(data or few(dataset), rng)
    likelihoods = [next(steps).losses["log_likelihood"].item()]
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    likelihoods += [step.losses["log_likelihood"].item() for step in steps]
    return model, start, likelihoods


def dense(model):
    (k, d), kind = model.means.shape, model.settings.covariance_type
    return dense_covariances(kind, model.covariances.cpu(), k, d)


def inverse(covariance_type, covariances):
    return np.linalg.inv(covariances) if covariance_type in ("full", "tied") else 1 / covariances


@every_covariance
@pytest.mark.parametrize(("dataset", "steps"), [("moons", 6), ("digits", 4)])
def test_the_likelihood_is_scikit_learns_own_after_as_many_steps_from_the_same_start(dataset, steps, covariance_type, rng):
    model, start, likelihoods = follow(dataset, rng, n_components=6, steps=steps, covariance_type=covariance_type)
    data = few(dataset)
    train, test = (x.flatten(1).double().cpu().numpy() for x in (data.train, data.test))
    theirs = GaussianMixture(
        model.settings.n_components,
        covariance_type=covariance_type,
        reg_covar=model.settings.reg_covar * train.var(0).mean(),
        weights_init=start["weights"].numpy(),
        means_init=start["means"].numpy(),
        precisions_init=inverse(covariance_type, start["covariances"].numpy()),
        max_iter=steps,
        tol=0.0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        theirs.fit(train)
    np.testing.assert_allclose(model.log_prob(data.test).cpu().numpy(), theirs.score_samples(test), atol=1e-4, rtol=0)
    assert likelihoods[-1] == pytest.approx(theirs.score(train), abs=1e-4)
    np.testing.assert_allclose(model.encode(data.test).cpu().numpy(), theirs.predict_proba(test), atol=1e-4)
    np.testing.assert_allclose(model.weights.cpu().numpy(), theirs.weights_, atol=1e-6)
    np.testing.assert_allclose(model.covariances.cpu().numpy(), theirs.covariances_, atol=1e-6)


@every_covariance
@pytest.mark.parametrize("dataset", ["moons", "digits"])
def test_the_likelihood_is_that_of_a_dense_mixture(dataset, covariance_type, fitted):
    """Catches pi added for log pi, a variance taken for a deviation, a determinant of the wrong sign."""
    model = fitted(dataset, "gmm", covariance_type=covariance_type, n_components=7)
    x = datasets.load(dataset, WHERE).test[:300]
    expected = dense_mixture_log_prob(x.flatten(1).double().cpu(), model.weights.cpu(), model.means.cpu(), dense(model))
    torch.testing.assert_close(model.log_prob(x).cpu(), expected, atol=1e-6, rtol=0)
    assert model.weights.std() > 0.01  # or equal weights would hide themselves


@every_covariance
def test_the_start_is_a_mixture_too(covariance_type, rng):
    """Before the first step the density is the dense one of the start, whose precisions are the inverse of its covariances."""
    spec = RunSpec.make("moons", "gmm", {"covariance_type": covariance_type, "n_components": 5})
    model, data = GMM(spec.settings, (2,)).to(WHERE), few("moons")
    first = next(model.fit(data, rng))
    expected = dense_mixture_log_prob(data.train.double().cpu(), model.weights.cpu(), model.means.cpu(), dense(model))
    assert first.losses["log_likelihood"].item() == pytest.approx(expected.mean().item(), abs=1e-6)


@every_covariance
@pytest.mark.parametrize("init", ["k-means", "random points"])
def test_em_never_lowers_the_likelihood(covariance_type, init, rng):
    _, _, likelihoods = follow("moons", rng, covariance_type=covariance_type, init=init, reg_covar=1e-8, steps=12, n_components=6)
    assert len(likelihoods) == 13
    assert min(np.diff(likelihoods)) > -1e-6
    assert likelihoods[-1] > likelihoods[0] + 0.005


def test_with_its_preset_em_hardly_ever_lowers_the_likelihood_on_digits(rng):
    _, _, likelihoods = follow("digits", rng, steps=10)
    assert min(np.diff(likelihoods)) > -1e-3
    assert likelihoods[-1] > likelihoods[0] + 5


def test_it_finds_the_truth_of_eight_gaussians(rng):
    source = datasets.source("gaussians-8")
    model, _, _ = follow("gaussians-8", rng, n_components=8, covariance_type="spherical", steps=10, reg_covar=1e-8)
    distances = torch.cdist(source.modes.double(), model.means.cpu())
    assert sorted(distances.argmin(1).tolist()) == list(range(8))
    assert distances.min(1).values.max() < 0.0025  # four standard errors of a mean
    assert model.covariances.sqrt().tolist() == pytest.approx([0.01] * 8, rel=0.1)
    test = datasets.load("gaussians-8", WHERE).test
    assert model.log_prob(test).mean().item() == pytest.approx(source.log_density(test.cpu()).mean().item(), abs=0.01)


@every_covariance
def test_samples_have_the_mean_and_the_covariance_of_the_mixture(covariance_type, fitted, rng):
    model, n = fitted("moons", "gmm", covariance_type=covariance_type, n_components=4, reg_covar=1e-3), 200_000
    mean, covariance = mixture_moments(model.weights.cpu().numpy(), model.means.cpu().numpy(), dense(model).numpy())
    x = model.sample(n, rng).double().cpu().numpy()
    np.testing.assert_allclose(x.mean(0), mean, atol=5 * math.sqrt(covariance.max() / n))
    np.testing.assert_allclose(np.cov(x.T), covariance, atol=10 * covariance.max() / math.sqrt(n))


def test_samples_come_from_the_components_in_proportion_and_spread_as_each_does(fitted, rng):
    model, n = fitted("gaussians-8", "gmm", n_components=3, steps=2, covariance_type="full"), 100_000
    twin = GMM(model.settings, model.shape)
    twin.load_state_dict(model.state_dict())
    twin.weights.copy_(torch.tensor([0.1, 0.7, 0.2]))
    twin.means.copy_(torch.tensor([[-50.0, 0], [0, 0], [50, 0]]))  # far apart: a sample tells its component
    twin.covariances.copy_(torch.tensor([[[1.0, 0.5], [0.5, 2.0]], [[4, -1], [-1, 1]], [[0.3, 0], [0, 9]]]))
    x = twin.sample(n, rng).double().cpu()
    whose = torch.cdist(x, twin.means).argmin(1)
    np.testing.assert_allclose(whose.bincount() / n, [0.1, 0.7, 0.2], atol=0.006)
    for k in range(3):
        np.testing.assert_allclose(np.cov(x[whose == k].T), twin.covariances[k], atol=0.25)


def test_samples_of_pictures_are_kept_within_zero_and_one(fitted, rng):
    x = fitted("digits", "gmm", reg_covar=0.5).sample(50, rng)
    assert (x.min().item(), x.max().item()) == (0, 1)


@every_covariance
def test_a_reconstruction_is_the_mean_of_the_components_weighted_by_responsibility(covariance_type, fitted):
    model = fitted("moons", "gmm", covariance_type=covariance_type, n_components=6)
    covariances, weights, means = dense(model).numpy(), model.weights.cpu().numpy(), model.means.cpu().numpy()
    for x in datasets.load("moons", WHERE).test[:20]:
        point, joint = x.double().cpu().numpy(), []
        for weight, mean, covariance in zip(weights, means, covariances, strict=True):
            off = point - mean
            exponent = -off @ np.linalg.solve(covariance, off) / 2
            joint.append(weight * math.exp(exponent) / (2 * math.pi * math.sqrt(np.linalg.det(covariance))))
        expected = sum(j * mean for j, mean in zip(joint, means, strict=True)) / sum(joint)
        np.testing.assert_allclose(model.reconstruct(x[None])[0].cpu().numpy(), expected, atol=1e-5)


@every_covariance
def test_the_free_numbers_are_counted_as_scikit_learn_counts_them(covariance_type, fitted):
    model = fitted("moons", "gmm", covariance_type=covariance_type, n_components=6)
    theirs = GaussianMixture(6, covariance_type=covariance_type, max_iter=500, random_state=0)
    theirs.fit(datasets.load("moons", WHERE).train[:500].double().cpu().numpy())
    assert model.parameter_count() == theirs._n_parameters()


def on_axes(model):
    """The mixture on principal axes as a dense one in data units: A S Sigma S A^T + noise^2 (I - A A^T) about mean + A S mu."""
    axes, lift = model.axes.axes.cpu(), (model.axes.axes * model.axes.scale).cpu()  # (D, d)
    beside = model.axes.noise.cpu() ** 2 * (torch.eye(len(axes), dtype=torch.float64) - axes @ axes.T)
    return model.axes.mean.cpu() + model.means.cpu() @ lift.T, lift @ dense(model) @ lift.T + beside


@pytest.fixture(params=[("full", 3), ("tied", 2), ("diag", 4), ("spherical", 1)], ids=str)
def axes_mixture(request, linear_gaussian, rng):
    """A mixture of three on a few principal axes of five-dimensional data, and the losses of its fit."""
    covariance_type, d = request.param
    settings = GMM.Settings(n_components=3, covariance_type=covariance_type, pca_dim=d, reg_covar=1e-3, steps=4)
    model = GMM(settings, (5,)).to(WHERE)
    return model, [step.losses["log_likelihood"].item() for step in model.fit(linear_gaussian, rng)]


def test_on_principal_axes_the_likelihood_is_that_of_a_dense_mixture_in_data_units(axes_mixture, linear_gaussian):
    model, likelihoods = axes_mixture
    for x, mean in ((linear_gaussian.test, None), (linear_gaussian.train, likelihoods[-1])):
        expected = dense_mixture_log_prob(x.double().cpu(), model.weights.cpu(), *on_axes(model))
        torch.testing.assert_close(model.log_prob(x).cpu(), expected, atol=1e-6, rtol=0)
        assert mean is None or mean == pytest.approx(expected.mean().item(), abs=1e-6)
    assert min(np.diff(likelihoods)) > -1e-3


def test_on_principal_axes_samples_have_the_mean_and_the_covariance_of_the_dense_mixture(axes_mixture, rng):
    model, _ = axes_mixture
    means, covariances = on_axes(model)
    mean, covariance = mixture_moments(model.weights.cpu().numpy(), means.numpy(), covariances.numpy())
    x = model.sample(200_000, rng).double().cpu().numpy()
    np.testing.assert_allclose(x.mean(0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(x.T), covariance, atol=0.05)


def test_one_component_on_principal_axes_is_probabilistic_pca(linear_gaussian, rng):
    model = GMM(GMM.Settings(n_components=1, pca_dim=2, reg_covar=1e-8, steps=2), (5,)).to(WHERE)
    for _ in model.fit(linear_gaussian, rng):
        pass
    theirs = PCA(2).fit(linear_gaussian.train.double().cpu().numpy())
    x = linear_gaussian.test.double().cpu().numpy()
    np.testing.assert_allclose(model.log_prob(linear_gaussian.test).cpu().numpy(), theirs.score_samples(x), atol=0.02)
    back = theirs.inverse_transform(np.zeros((1, 2)))[0]  # the mean: with one component nothing else is known
    np.testing.assert_allclose(model.reconstruct(linear_gaussian.test[:3]).cpu().numpy(), np.tile(back, (3, 1)), atol=1e-4)


@pytest.mark.parametrize("pca_dim", [0, 2])
@pytest.mark.parametrize(("a", "b"), [(1e-4, 0.0), (1e4, 3e4)])
def test_data_in_other_units_have_the_same_mixture_in_those_units(a, b, pca_dim, linear_gaussian):
    """x -> a x + b: the same responsibilities, and a density that is lower by log a for each dimension."""
    models = []
    for data in (linear_gaussian, replace(linear_gaussian, train=linear_gaussian.train * a + b)):
        models.append(GMM(GMM.Settings(n_components=3, reg_covar=0.1, pca_dim=pca_dim, steps=4), (5,)).to(WHERE))
        for _ in models[-1].fit(data, device.generator(WHERE, 0, "tests")):
            pass
    x = linear_gaussian.test[:200]
    torch.testing.assert_close(models[1].log_prob(x * a + b), models[0].log_prob(x) - 5 * math.log(a), rtol=0, atol=0.02)


def test_added_variance_is_a_share_of_the_datas_on_principal_axes_and_off_them(linear_gaussian):
    """One component: its covariance is the data's, and a tenth more of the mean variance, or of each axis' own."""
    train = linear_gaussian.train.double()
    for pca_dim, added in ((0, 0.1 * train.var(0, correction=0).mean()), (2, 0.1)):
        model = GMM(GMM.Settings(n_components=1, reg_covar=0.1, pca_dim=pca_dim, steps=2), (5,)).to(WHERE)
        for _ in model.fit(linear_gaussian, device.generator(WHERE, 0, "tests")):
            pass
        plain = torch.cov(train.T, correction=0) if pca_dim == 0 else torch.eye(2, dtype=torch.float64)
        torch.testing.assert_close(model.covariances[0], plain + added * torch.eye(len(plain)).to(plain), rtol=1e-3, atol=1e-3)


def test_as_many_axes_as_dimensions_are_refused_in_one_line():
    with pytest.raises(UserError, match=r"^gmm on moons: pca_dim = 2 must be less than its 2 dimensions; 0 uses them all$"):
        RunSpec.make("moons", "gmm", {"pca_dim": 2})
    assert RunSpec.make("moons", "gmm", {"pca_dim": 1}).settings.pca_dim == 1


def test_more_components_than_examples_is_one_line(rng):
    with pytest.raises(UserError, match=r"^gmm with 50 components needs at least .* moons has 31: lower n_components$"):
        follow("moons", rng, data=few("moons", 31), n_components=50)


def test_covariances_that_would_not_fit_in_memory_are_refused_before_the_fit():
    large = replace(datasets.source("digits"), name="large", shape=(3, 32, 32))
    with pytest.raises(UserError, match=r"^gmm on large: 20 full covariances of 3072 dimensions are 189 million numbers.*lower"):
        GMM.check(GMM.Settings(n_components=20, covariance_type="full"), large)
    GMM.check(GMM.Settings(n_components=20, covariance_type="diag"), large)
