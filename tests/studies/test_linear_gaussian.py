"""A model whose integral is known: its likelihood is scikit-learn's, and Bayes' rule and the ELBO hold for it exactly."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch.distributions import Normal

from genmodels import datasets
from genmodels.studies.likelihood.linear_gaussian import LinearGaussian, divergence, standard_normal
from tests.oracles import probabilistic_pca_log_prob

DIMS = [2, 8, 64]


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", torch.device("cpu"))


@pytest.fixture(params=DIMS)
def model(request, digits):
    return LinearGaussian.fit(digits.train.flatten(1), request.param)


@pytest.fixture
def x(digits):
    return digits.test[3].flatten().double()


@pytest.mark.parametrize("dim", [2, 16])
def test_its_likelihood_is_that_of_scikit_learn(dim, digits):
    train = digits.train.flatten(1).double().numpy()
    n, mean = len(train), train.mean(0)
    theirs = PCA(dim).fit(mean + (train - mean) * np.sqrt((n - 1) / n))  # it divides by N - 1, the likeliest model by N
    model = LinearGaussian.fit(digits.train.flatten(1), dim)
    test = digits.test[:5].flatten(1).double()
    ours = [model.log_prob(one) for one in test]
    assert ours == pytest.approx(theirs.score_samples(test.numpy()), rel=1e-8)
    assert model.sigma**2 == pytest.approx(theirs.noise_variance_, rel=1e-8)


def test_its_likelihood_is_that_of_the_dense_gaussian(model, x):
    expected = probabilistic_pca_log_prob(x[None], model.mean, model.loadings, model.sigma)
    assert model.log_prob(x) == pytest.approx(float(expected), rel=1e-9)


def test_bayes_rule_holds_at_any_code(model, x, rng):
    z = torch.randn(5, model.dim, generator=rng, dtype=torch.float64)
    joint = model.log_given(x, z) + standard_normal(model.dim).log_prob(z).sum(1)
    assert (joint - model.posterior(x).log_prob(z).sum(1)).tolist() == pytest.approx([model.log_prob(x)] * 5, rel=1e-9)


def test_the_elbo_lacks_exactly_the_divergence_from_the_posterior(model, x):
    p = model.posterior(x)
    q = Normal(p.mean + 0.3 * p.stddev, 1.4 * p.stddev)
    assert model.elbo(x, q) == pytest.approx(model.log_prob(x) - float(divergence(q, p)), abs=1e-8)
    assert float(divergence(q, p)) > 0.1
    assert model.elbo(x, p) == pytest.approx(model.log_prob(x), abs=1e-8)


def test_its_slope_is_that_of_autograd(model, x, rng):
    z = torch.randn(4, model.dim, generator=rng, dtype=torch.float64).requires_grad_(True)
    (slope,) = torch.autograd.grad(model.log_given(x, z).sum(), z)
    assert torch.allclose(model.slope(x, z.detach()), slope, rtol=1e-9)
