"""The variational autoencoder's numbers against closed forms, Monte Carlo, quadrature and exact marginals."""

import math

import numpy as np
import pytest
import torch
from oracles import kl_by_monte_carlo, marginal_by_quadrature, probabilistic_pca_log_prob
from sklearn.decomposition import PCA
from torch.distributions import Bernoulli, Normal, kl_divergence

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.models.vae import VAE, VAEConfig, kl_to_standard_normal
from genmodels.runs import RunSpec

WHERE = device.choose_device()


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


def fit(data, **settings):
    """A fitted VAE whose sigma starts as large as the data: from the narrow start that suits toys it takes ten times as long."""
    model = VAE(VAEConfig(**settings), data.source.shape).to(WHERE)
    model.log_sigma.data.zero_()
    for _ in model.fit(data, seeded()):
        pass
    return model.eval().requires_grad_(False)


def given(model):
    """p(x | z) of a model, as torch's own distribution for the decoder's output; a picture's shown mean is cut to 0 and 1."""

    def distribution(z):
        out = model.decoder(z.to(WHERE)).double().cpu()
        if model.settings.likelihood == "bernoulli":
            return Bernoulli(logits=out, validate_args=False)
        return Normal(model.units.mean.cpu() + model.units.scale.item() * out, model.sigma.item())

    return distribution


@pytest.fixture(scope="module")
def linear(linear_gaussian):
    """A VAE without hidden layers: what it can say of linear-Gaussian data is known exactly."""
    return fit(linear_gaussian, depth=0, latent_dim=2, steps=1500, batch_size=256, learning_rate=0.05)


def mean_bound(model, x, draws=30):
    """The mean elbo of x over many draws of z, and the standard error that is left of them."""
    values = [model.bound_terms(x, seeded(i))["elbo"].item() for i in range(draws)]
    return float(np.mean(values)), float(np.std(values) / draws**0.5)


def test_the_kl_is_torchs_own(rng):
    mu, log_var = torch.randn(50, 4, generator=rng) * 2, torch.randn(50, 4, generator=rng) * 2
    theirs = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(kl_to_standard_normal(mu, log_var), theirs)


def test_the_kl_is_the_mean_of_log_q_minus_log_p(rng):
    mu, log_var = torch.tensor([[0.5, -1.0, 0.0]]), torch.tensor([[-1.0, 0.7, 0.2]])
    mean, error = kl_by_monte_carlo(mu[0], log_var[0], 200_000, rng)
    assert kl_to_standard_normal(mu, log_var).item() == pytest.approx(mean, abs=5 * error)


def test_the_kl_is_zero_at_the_prior_and_positive_elsewhere(rng):
    assert kl_to_standard_normal(torch.zeros(1, 3), torch.zeros(1, 3)).item() == 0
    mu, log_var = torch.randn(1000, 2, generator=rng) * 0.3, torch.randn(1000, 2, generator=rng) * 0.3
    assert (kl_to_standard_normal(mu, log_var) > 0).all()


def test_a_log_variance_is_twice_a_log_deviation(rng):
    """At log_var = log 4 the deviation is 2: KL = (4 - 1 - log 4) / 2."""
    assert kl_to_standard_normal(torch.zeros(1, 1), torch.full((1, 1), math.log(4))).item() == pytest.approx((3 - math.log(4)) / 2)


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_the_recorded_bound_is_its_reconstruction_less_its_kl_whatever_beta(beta):
    spec = RunSpec.make("digits", "vae", {"steps": 5, "beta": beta})
    model, data = VAE(spec.settings, spec.source.shape).to(WHERE), datasets.load("digits", WHERE)
    for step in model.fit(data, seeded()):
        if step.index:
            terms = {name: loss.item() for name, loss in step.losses.items()}
            assert terms["kl"] >= 0
            assert terms["elbo"] == pytest.approx(terms["reconstruction"] - terms["kl"], rel=1e-5)
    scores = {name: value.item() for name, value in model.evaluate(data, seeded()).items()}
    assert scores["elbo"] == pytest.approx(scores["reconstruction"] - scores["kl"], rel=1e-5)


def test_a_larger_beta_buys_a_smaller_kl():
    kls = [
        fit(datasets.load("digits", WHERE), beta=beta, steps=150).evaluate(datasets.load("digits", WHERE), seeded())["kl"].item()
        for beta in (0.1, 1.0, 10.0)
    ]
    assert kls[0] > 1.5 * kls[1] > 1.5 * 1.5 * kls[2]


@pytest.mark.parametrize(("dataset", "likelihood"), [("moons", "gaussian"), ("digits", "gaussian"), ("digits", "bernoulli")])
def test_training_and_test_share_one_definition_in_data_units(dataset, likelihood, fitted):
    """E_q log p(x | z) with one z: the density of the decoder's distribution as torch knows it, and the closed KL."""
    model, x = fitted(dataset, "vae", likelihood=likelihood), datasets.load(dataset, WHERE).test
    mu, log_var = model.posterior(x)
    z = mu + (log_var / 2).exp() * torch.randn(mu.shape, generator=seeded(), device=WHERE)
    log_likelihood = given(model)(z).log_prob(x.flatten(1).double().cpu()).sum(1)
    kl = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(1)
    terms = model.bound_terms(x.flatten(1), seeded())
    assert terms["reconstruction"].item() == pytest.approx(log_likelihood.mean().item(), rel=1e-4)
    assert terms["kl"].item() == pytest.approx(kl.mean().item(), rel=1e-5)
    data = datasets.load(dataset, WHERE)
    assert model.evaluate(data, seeded())["elbo"].item() == terms["elbo"].item()


def test_a_linear_vae_reaches_the_exact_likelihood_of_probabilistic_pca_from_below(linear, linear_gaussian):
    x = linear_gaussian.train
    exact = PCA(2).fit(x.double().cpu().numpy()).score(x.double().cpu().numpy())
    elbo, error = mean_bound(linear, x)
    bound = linear.log_prob_bound(x, 64, seeded()).mean().item()
    assert exact - 0.02 < elbo < exact + 4 * error
    assert exact - 0.005 < bound < exact + 0.005


def test_no_vae_says_more_than_probabilistic_pca_on_its_training_data_however_short_the_fit(linear_gaussian):
    x = linear_gaussian.train
    exact = PCA(2).fit(x.double().cpu().numpy()).score(x.double().cpu().numpy())
    bounds = []
    for steps in (3, 30, 200):
        model = fit(linear_gaussian, depth=0, latent_dim=2, steps=steps, learning_rate=0.05)
        elbo, error = mean_bound(model, x, draws=10)
        assert elbo < exact + 4 * error
        bounds.append(elbo)
    assert bounds[0] < bounds[1] < bounds[2]


def test_the_bound_of_a_linear_decoder_is_its_exact_marginal(linear, linear_gaussian):
    x = linear_gaussian.test[:500]
    origin = linear.decode(torch.zeros(1, 2))[0]
    loadings = (linear.decode(torch.eye(2)) - origin).T  # W, a column a latent dimension
    exact = probabilistic_pca_log_prob(x.double(), origin.double(), loadings.double(), linear.sigma.item())
    bound = linear.log_prob_bound(x, 500, seeded()).double()
    torch.testing.assert_close(bound, exact, atol=0.05, rtol=0)
    assert bound.mean().item() == pytest.approx(exact.mean().item(), abs=0.002)


@pytest.fixture(scope="module")
def bent():
    """A VAE with one latent number and a decoder that bends, so that its posterior is not Gaussian."""
    return fit(datasets.load("moons", WHERE), latent_dim=1, hidden_dim=32, depth=1, steps=800, batch_size=256, learning_rate=0.01)


def test_the_bound_is_the_integral_over_the_code_when_samples_are_many(bent):
    x = datasets.load("moons", WHERE).test[:200]
    exact = marginal_by_quadrature(x.cpu(), given(bent))
    bound = bent.log_prob_bound(x, 5000, seeded()).double().cpu()
    assert bound.mean().item() == pytest.approx(exact.mean().item(), abs=0.01)
    assert (bound - exact).abs().median() < 0.01


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_the_bound_on_pictures_is_the_integral_over_the_code_too(likelihood, fitted):
    model = fitted("digits", "vae", likelihood=likelihood, latent_dim=1, steps=20)
    x = datasets.load("digits", WHERE).test[:50]
    exact = marginal_by_quadrature(x.flatten(1).cpu(), given(model), n=4001)
    off = model.log_prob_bound(x, 5000, seeded()).double().cpu() - exact
    assert off.median().abs() < 0.03  # of a few it is far off, where q(z | x) hardly reaches the true posterior


def test_more_samples_tighten_the_bound_towards_the_truth(bent):
    x = datasets.load("moons", WHERE).test[:1000]
    exact = marginal_by_quadrature(x.cpu(), given(bent), n=2001).mean().item()
    bounds = [np.mean([bent.log_prob_bound(x, k, seeded(i)).mean().item() for i in range(5)]) for k in (1, 4, 16, 256)]
    assert bounds == sorted(bounds)
    assert bounds[0] < exact - 0.01
    assert bounds[-1] == pytest.approx(exact, abs=0.02)
    assert bounds[0] == pytest.approx(mean_bound(bent, x)[0], abs=0.05)  # one sample: the elbo


def test_many_samples_taken_in_parts_keep_every_example_in_its_place(bent):
    x = datasets.load("moons", WHERE).test[:40]
    exact = marginal_by_quadrature(x.cpu(), given(bent), n=2001)
    bound = bent.log_prob_bound(x, 15_000, seeded()).double().cpu()  # at most 6 examples at once
    torch.testing.assert_close(bound, exact, atol=0.05, rtol=0)


def test_sigma_is_learned_to_be_the_noise_of_probabilistic_pca(linear, linear_gaussian):
    exact = PCA(2).fit(linear_gaussian.train.double().cpu().numpy()).noise_variance_ ** 0.5
    assert linear.sigma.item() == pytest.approx(exact, rel=0.01)
    assert exact == pytest.approx(0.8, rel=0.02)


def test_samples_of_points_have_the_decoders_noise_and_the_mean_and_covariance_of_the_data(linear, linear_gaussian):
    x = linear.sample(50_000, seeded()).double().cpu().numpy()
    data = linear_gaussian.train.double().cpu().numpy()
    np.testing.assert_allclose(x.mean(0), data.mean(0), atol=0.1)
    np.testing.assert_allclose(np.cov(x.T), np.cov(data.T), atol=0.15)
    assert x[:, 4].std() == pytest.approx(0.8, rel=0.03)  # a dimension that is noise alone


def test_samples_of_pictures_are_the_decoders_means(fitted):
    model = fitted("digits", "vae")
    z = torch.randn(7, model.settings.latent_dim, generator=seeded(), device=WHERE)
    assert torch.equal(model.sample(7, seeded()), model.decode(z))


def test_a_bernoulli_decoder_stays_within_zero_and_one(fitted):
    x = fitted("digits", "vae", likelihood="bernoulli").decode(100 * torch.randn(50, 8, generator=seeded(), device=WHERE))
    assert 0 <= x.min() < 0.01
    assert 0.99 < x.max() <= 1


def test_a_bernoulli_decoder_of_points_is_refused_in_one_line():
    with pytest.raises(UserError, match=r"^vae on moons: likelihood=bernoulli needs values from 0 to 1.*give gaussian$"):
        RunSpec.make("moons", "vae", {"likelihood": "bernoulli"})
