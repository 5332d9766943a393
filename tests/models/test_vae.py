"""The variational autoencoder's numbers against closed forms, Monte Carlo, quadrature and exact marginals."""

import math

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.datasets.base import Arrays, Dataset, Source
from genmodels.metrics.modes import mode_coverage
from genmodels.models.vae import VAE, VAEConfig, kl_to_standard_normal
from genmodels.runs import RunSpec
from tests.oracles import kl_by_monte_carlo, marginal_by_quadrature, probabilistic_pca_log_prob

WHERE = device.choose_device()


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


def fit(data, log_sigma=0.0, **settings):
    """A fitted VAE whose sigma starts as large as the data: from the narrow start that suits toys it takes ten times as long."""
    model = VAE(VAEConfig(**settings), data.source.shape).to(WHERE)
    if hasattr(model, "log_sigma"):
        model.log_sigma.data.fill_(log_sigma)
    for _ in model.fit(data, seeded()):
        pass
    return model.eval().requires_grad_(False)


def given(model):
    """p(x | z) of a model, as torch's own distribution for the decoder's output; a picture's shown mean is cut to 0 and 1."""

    def distribution(z):
        out = model.decoder(z.to(WHERE)).double().cpu()
        if model.settings.likelihood == "bernoulli":
            return Bernoulli(logits=out)
        mean, scale = model.units.mean.double().cpu(), model.units.scale.item()
        if model.settings.likelihood == "gaussian":
            return Normal(mean + scale * out, scale * model.log_sigma.exp().item())
        mu, raw = out.chunk(2, 1)
        low = 0.05 if len(model.shape) == 3 else 0.01
        return Normal(mean + scale * mu, scale * low * (2 / low) ** (1 / (1 + (-raw).exp())))  # from low to 2, geometrically

    return distribution


@pytest.fixture(scope="module")
def linear(linear_gaussian):
    """A VAE without hidden layers: what it can say of linear-Gaussian data is known exactly."""
    return fit(linear_gaussian, depth=0, latent_dim=2, steps=1500, batch_size=256, learning_rate=0.05)


def sigma_of(model):
    """The deviation of a Gaussian decoder with one sigma."""
    deviation = model.observation(torch.zeros(1, model.settings.latent_dim, device=WHERE))[1]
    assert (deviation == deviation[0, 0]).all()
    return deviation[0, 0].item()


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


CASES = [(dataset, kind) for kind in ("gaussian", "gaussian per pixel") for dataset in ("moons", "digits")] + [
    ("digits", "bernoulli")
]


@pytest.mark.parametrize(("dataset", "likelihood"), CASES)
def test_training_and_test_share_one_definition_in_data_units(dataset, likelihood, fitted):
    """E_q log p(x | z) with one z: the density of the decoder's distribution as torch knows it, and the closed KL."""
    model, data = fitted(dataset, "vae", likelihood=likelihood), datasets.load(dataset, WHERE)
    rng = seeded()
    x = torch.bernoulli(data.test, generator=rng) if likelihood == "bernoulli" else data.test
    tossed = rng.get_state()
    mu, log_var = model.posterior(x)
    z = mu + (log_var / 2).exp() * torch.randn(mu.shape, generator=rng, device=WHERE)
    log_likelihood = given(model)(z).log_prob(x.flatten(1).double().cpu()).sum(1)
    kl = kl_divergence(Normal(mu, (log_var / 2).exp()), Normal(0.0, 1.0)).sum(1)
    rng.set_state(tossed)
    terms = model.bound_terms(x.flatten(1), rng)
    assert terms["reconstruction"].item() == pytest.approx(log_likelihood.mean().item(), rel=1e-4)
    assert terms["kl"].item() == pytest.approx(kl.mean().item(), rel=1e-5)
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
    exact = probabilistic_pca_log_prob(x.double(), origin.double(), loadings.double(), sigma_of(linear))
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


@pytest.mark.parametrize("likelihood", ["gaussian", "gaussian per pixel"])
def test_the_bound_on_pictures_is_the_integral_over_the_code_too(likelihood, fitted):
    model = fitted("digits", "vae", likelihood=likelihood, latent_dim=1, hidden_dim=128, depth=2, noise=0, steps=10)
    x = datasets.load("digits", WHERE).test[:50]
    exact = marginal_by_quadrature(x.flatten(1).cpu(), given(model), n=4001)
    off = model.log_prob_bound(x, 5000, seeded()).double().cpu() - exact
    assert off.median().abs() < 0.03  # of a few it is far off, where q(z | x) hardly reaches the true posterior


def test_the_bound_of_binary_pictures_is_the_sum_over_a_fine_grid_of_two_dimensional_codes():
    data = datasets.load("digits", WHERE)
    model = fit(data, likelihood="bernoulli", latent_dim=2, hidden_dim=64, steps=600, learning_rate=0.005)
    x = model.observe(data.test[:20].flatten(1), seeded())
    axis = torch.linspace(-5, 5, 201, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)  # (N, 2): a cell has an area of .05^2
    coins = given(model)(z.float())
    log_likelihood = torch.stack([coins.log_prob(one).sum(1) for one in x.double().cpu()])  # (20, N)
    exact = torch.logsumexp(log_likelihood + Normal(0.0, 1.0).log_prob(z).sum(1), 1) + 2 * math.log(0.05)
    bound = model.log_prob_bound(x, 20_000, seeded()).double().cpu()
    assert bound.mean().item() == pytest.approx(exact.mean().item(), abs=0.01)
    assert (bound - exact).abs().median() < 0.01


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
    assert sigma_of(linear) == pytest.approx(exact, rel=0.01)
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


@pytest.fixture(scope="module")
def pulled_apart():
    """A VAE of eight groups of points whose codes are hardly pulled: the prior is not where they lie."""
    return fit(datasets.load("gaussians-8", WHERE), latent_dim=2, hidden_dim=32, beta=0.01, steps=600, learning_rate=0.01)


@pytest.mark.parametrize("sampler", ["gmm on codes", "encoded data"])
def test_codes_of_the_sampler_are_those_of_the_data_where_those_of_the_prior_are_not(pulled_apart, sampler):
    data = datasets.load("gaussians-8", WHERE)
    mu, log_var = pulled_apart.posterior(data.test)
    z = mu + (log_var / 2).exp() * torch.randn(mu.shape, generator=seeded(), device=WHERE)  # of test examples: the true q(z)
    points, prior = (pulled_apart.draw_codes(s, len(z), seeded(1)) for s in (sampler, "prior"))
    for moment in (Tensor.mean, Tensor.std):
        torch.testing.assert_close(moment(points, 0), moment(z, 0), atol=0.15 * z.std().item(), rtol=0)
    near = lambda codes: torch.cdist(codes, z).min(1).values.mean()  # noqa: E731
    assert near(points) < near(prior) / 3
    modes, std = data.source.modes, data.source.mode_std
    quality = [mode_coverage(pulled_apart.sample_with(s, 2500, seeded()), modes, std).high_quality for s in (sampler, "prior")]
    assert quality[0] > 3 * quality[1]


def test_every_sampler_serves_a_model_whatever_it_was_trained_to_show_and_the_training_is_the_same(fitted):
    models = {name: fitted("digits", "vae", sampler=name) for name in VAEConfig.knobs()["sampler"].choices}
    for name, model in models.items():
        for other in models.values():
            assert torch.equal(model.sample(5, seeded()), other.sample_with(name, 5, seeded()))
        other = next(other for other in models if other != name)
        assert not torch.equal(model.sample(5, seeded()), model.sample_with(other, 5, seeded()))


def test_samples_seen_on_the_way_come_from_codes_of_that_step():
    """At step 4 of 6 the mixture is that of the codes at step 4, not that of the prior."""
    data = datasets.load("digits", WHERE)
    model = VAE(VAEConfig(steps=6, sampler="gmm on codes", learning_rate=0.01), data.source.shape).to(WHERE)
    for step in model.fit(data, seeded()):
        codes = model.encode(data.train)
        off = (model.mixture.weights @ model.mixture.means - codes.mean(0)).norm() / codes.mean(0).norm()
        if step.index in (1, 2, 4, 6):
            assert off < 0.1


def several_codes(model, x, k, beta):
    """The weights' logarithms (K, B) of k codes by torch's own densities, with gradients, and log p(x | z) (K, B)."""
    mu, log_var = model.posterior(x)
    q = Normal(mu, (log_var / 2).exp())
    z = q.mean + q.stddev * torch.randn(k, *mu.shape, generator=seeded(), device=WHERE)
    mean, deviation = model.observation(z.flatten(0, 1))
    likelihoods = Normal(mean, deviation).log_prob(x.repeat(k, 1)).sum(1).unflatten(0, (k, len(x)))
    return likelihoods + beta * (Normal(0.0, 1.0).log_prob(z) - q.log_prob(z)).sum(-1), likelihoods, q


@pytest.mark.parametrize(("k", "beta"), [(2, 1.0), (20, 1.0), (20, 2.0)])
def test_several_codes_have_the_gradient_of_the_importance_weighted_bound_and_the_elbo_is_still_reported(k, beta, bent):
    """That of -log (1/k) sum_i p(x | z_i) (p(z_i) / q(z_i | x))^beta by automatic differentiation, less what codes of no weight
    would add."""
    x = datasets.load("moons", WHERE).test[:300]
    model, plain = (VAE(bent.settings, bent.shape).to(WHERE) for _ in range(2))
    for twin in (model, plain):
        twin.load_state_dict(bent.state_dict())
    loss, terms = model._loss(x, beta, k, seeded())
    loss.backward()
    log_weights, likelihoods, q = several_codes(plain, x, k, beta)
    (math.log(k) - torch.logsumexp(log_weights, 0)).mean().backward()
    for (name, mine), theirs in zip(model.named_parameters(), plain.parameters(), strict=True):
        assert (mine.grad - theirs.grad).norm() < 0.05 * theirs.grad.norm() + 1e-4, name
    assert terms["reconstruction"].item() == pytest.approx(likelihoods.mean().item(), abs=1e-3)
    assert terms["kl"].item() == pytest.approx(kl_divergence(q, Normal(0.0, 1.0)).sum(1).mean().item(), abs=1e-4)


def test_training_on_several_codes_buys_a_better_bound_of_several_codes():
    data = datasets.load("moons", WHERE)
    settings = {"latent_dim": 1, "hidden_dim": 32, "depth": 1, "steps": 400, "batch_size": 256, "learning_rate": 0.01}
    bounds = [fit(data, **settings, k=k).log_prob_bound(data.test, 50, seeded()).mean().item() for k in (1, 10)]
    assert bounds[1] > bounds[0] + 0.01


def test_with_one_code_the_loss_is_beta_kl_less_the_reconstruction(bent):
    x = datasets.load("moons", WHERE).test[:300]
    loss, terms = bent._loss(x, 3.0, 1, seeded())
    assert loss.item() == pytest.approx(3 * terms["kl"].item() - terms["reconstruction"].item(), rel=1e-5)


def test_beta_rises_along_a_line_over_the_warm_up_and_k_codes_come_when_they_are_due(monkeypatch):
    seen = []
    loss = VAE._loss
    monkeypatch.setattr(VAE, "_loss", lambda self, x, beta, k, rng: seen.append((beta, k)) or loss(self, x, beta, k, rng))
    fit(datasets.load("digits", WHERE), steps=8, beta=2.0, warmup=0.5, k=3, k_after=0.75)
    assert seen == [(0.5, 1), (1.0, 1), (1.5, 1), (2.0, 1), (2.0, 1), (2.0, 1), (2.0, 3), (2.0, 3)]
    seen.clear()
    fit(datasets.load("digits", WHERE), steps=2, beta=2.0)
    assert seen == [(2.0, 1), (2.0, 1)]


def test_noise_is_added_in_training_alone_and_sigma_learns_to_hold_it(linear_gaussian):
    """The noise of probabilistic PCA, and what was added, squared and summed."""
    model = fit(linear_gaussian, depth=0, latent_dim=2, steps=1500, batch_size=256, learning_rate=0.05, noise=0.5)
    assert sigma_of(model) == pytest.approx((0.8**2 + 0.5**2) ** 0.5, rel=0.02)
    terms = [model.evaluate(linear_gaussian, seeded())["elbo"].item() for _ in range(2)]
    assert terms[0] == terms[1] == model.bound_terms(linear_gaussian.test, seeded())["elbo"].item()


def test_a_sigma_per_pixel_finds_the_noise_of_each_dimension_where_it_is_and_stays_within_its_bounds():
    """Two groups, of which one is four times as noisy, and a dimension in which nothing varies: its sigma goes to the bound."""
    rng = device.generator(torch.device("cpu"), 0, "uneven noise")
    side = torch.randint(2, (4000, 1), generator=rng) * 2.0 - 1
    noise = torch.randn(4000, 2, generator=rng)
    x = torch.cat([side + 0.1 * noise[:, :1], (0.25 + 0.15 * side) * noise[:, 1:], torch.zeros(4000, 1)], 1).to(WHERE)
    data = Dataset(Source("uneven", "Uneven", (3,), lambda: Arrays(x, x), "Made by hand.", "none"), x, x, None, None)
    model = fit(data, likelihood="gaussian per pixel", latent_dim=1, hidden_dim=32, warmup=0.5, steps=800, learning_rate=0.01)
    sigma = model.observation(model.encode(x))[1]
    for group, deviation in ((side[:, 0] < 0, 0.1), (side[:, 0] > 0, 0.4)):
        assert sigma[group, 1].median().item() == pytest.approx(deviation, rel=0.15)
        assert sigma[group, 0].median().item() == pytest.approx(0.1, rel=0.25)
    floor = 0.01 * model.units.scale.item()
    assert 0.999 * floor < sigma.min() <= sigma[:, 2].median() < 2 * floor


def test_a_toss_has_the_grey_values_mean_and_leaves_binary_pictures_as_they_are(fitted):
    model, x = fitted("digits", "vae", likelihood="bernoulli"), datasets.load("digits", WHERE).test[:20]
    rng = seeded()
    tosses = torch.stack([model.observe(x, rng) for _ in range(500)])
    assert tosses.unique().tolist() == [0, 1]
    assert (tosses.mean(0) - x).abs().max() < 5 * 0.5 / 500**0.5
    assert torch.equal(model.observe(tosses[0], seeded()), tosses[0])
    assert torch.equal(fitted("digits", "vae").observe(x, seeded()), x)


def test_a_bernoulli_decoder_that_says_nothing_scores_the_entropy_of_the_tosses_not_of_the_greys():
    """At the start every coin has its pixel's mean: -log p of a toss is the cross-entropy of the means, whatever the greys."""
    data = datasets.load("digits", WHERE)
    model = VAE(VAEConfig(likelihood="bernoulli", steps=1), data.source.shape).to(WHERE)
    next(model.fit(data, seeded()))
    model.decoder[-1].weight.data.zero_()
    p = data.train.flatten(1).mean(0).clamp(0.01, 0.99)
    x = data.test.flatten(1)
    expected = (x * p.log() + (1 - x) * (1 - p).log()).sum(1).mean().item()
    result = np.mean([model.evaluate(data, seeded(i))["reconstruction"].item() for i in range(10)])
    assert result == pytest.approx(expected, abs=0.1)


def test_a_bernoulli_decoder_stays_within_zero_and_one(fitted):
    x = fitted("digits", "vae", likelihood="bernoulli").decode(100 * torch.randn(50, 8, generator=seeded(), device=WHERE))
    assert 0 <= x.min() < 0.01
    assert 0.99 < x.max() <= 1


def test_a_bernoulli_decoder_of_points_is_refused_in_one_line():
    with pytest.raises(UserError, match=r"^vae on moons: likelihood=bernoulli needs values from 0 to 1.*give gaussian$"):
        RunSpec.make("moons", "vae", {"likelihood": "bernoulli"})
