"""Factor analysers against dense Gaussians, scikit-learn's PCA and FactorAnalysis, and EM written out in loops."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA, FactorAnalysis

from genmodels import datasets, device
from genmodels.config import BUDGETS, UserError
from genmodels.models import mfa
from genmodels.models.mfa import MFA
from genmodels.runs import RunSpec
from tests.oracles import dense_mixture_log_prob, mixture_moments

WHERE = device.choose_device()
NOISES = ["diagonal", "isotropic"]
every_noise = pytest.mark.parametrize("noise", NOISES)


def made_by_hand(noise, rng, k=4, n_factors=3, d=20):
    """A mixture of uneven weights, with noise that differs between components, and between dimensions if diagonal."""
    model = MFA(MFA.Settings(n_components=k, n_factors=n_factors, noise=noise), (d,)).to(WHERE)
    for name in ("means", "factors"):
        getattr(model, name).copy_(torch.randn(getattr(model, name).shape, generator=rng, device=WHERE, dtype=torch.float64))
    model.noise.copy_(0.05 + torch.rand(model.noise.shape, generator=rng, device=WHERE, dtype=torch.float64))
    weights = torch.arange(1.0, k + 1, dtype=torch.float64)
    model.weights.copy_(weights / weights.sum())
    return model


def dense(model):
    """Its covariances A A^T + D, (K, D, D)."""
    noise = model.noise.expand(-1, model.means.shape[1])
    return (model.factors.mT @ model.factors + torch.diag_embed(noise)).cpu()


def dense_log_prob(model, x):
    return dense_mixture_log_prob(x.flatten(1).double().cpu(), model.weights.cpu(), model.means.cpu(), dense(model))


def some_points(model, rng, n=200):
    """Points near and far, in float64."""
    near = model.sample(n, rng).double()
    return torch.cat([near, 3 * torch.randn(n, near.shape[1], generator=rng, device=WHERE, dtype=torch.float64)])


def follow(dataset, rng, data=None, **settings):
    """The model after its fit, and its log-likelihoods step by step."""
    spec = RunSpec.make(dataset, "mfa", settings)
    model = MFA(spec.settings, spec.source.shape).to(WHERE)
    data = data or datasets.load(dataset, WHERE)
    data = replace(data, train=data.train[:3000])
    return model, [step.losses["log_likelihood"].item() for step in model.fit(data, rng)]


def fit_by_hand(data, rng, **settings):
    model = MFA(MFA.Settings(**settings), data.source.shape).to(WHERE)
    return model, [step.losses["log_likelihood"].item() for step in model.fit(data, rng)]


@every_noise
def test_the_likelihood_is_that_of_a_dense_mixture_in_twenty_dimensions(noise, rng):
    """To 1e-8: catches pi added for log pi, a variance taken for a deviation, a determinant that lacks the noise."""
    model = made_by_hand(noise, rng)
    x = some_points(model, rng)
    torch.testing.assert_close(model.log_prob(x).cpu(), dense_log_prob(model, x), atol=1e-8, rtol=0)


@every_noise
@pytest.mark.parametrize(("dataset", "k"), [("moons", 7), ("digits", 7)])
def test_after_a_fit_the_likelihood_is_still_that_of_a_dense_mixture(dataset, k, noise, fitted):
    model, data = fitted(dataset, "mfa", noise=noise, n_components=k), datasets.load(dataset, WHERE)
    torch.testing.assert_close(model.log_prob(data.test).cpu(), dense_log_prob(model, data.test), atol=1e-7, rtol=0)
    assert model.evaluate(data, None)["log_likelihood"].item() == pytest.approx(dense_log_prob(model, data.test).mean().item())
    assert model.weights.std() > 0.01  # or equal weights would hide themselves


@every_noise
def test_the_curve_is_the_likelihood_of_the_training_set_after_each_step(noise, rng):
    spec = RunSpec.make("digits", "mfa", {"noise": noise, "steps": 3})
    model, data = MFA(spec.settings, spec.source.shape).to(WHERE), datasets.load("digits", WHERE)
    for step in model.fit(data, rng):
        assert step.losses["log_likelihood"].item() == pytest.approx(dense_log_prob(model, data.train).mean().item(), abs=1e-7)


def test_twenty_thousand_dimensions_need_no_square_matrix(rng):
    """One covariance would be 3.2 GB; by Sherman and Morrison one factor has a closed form."""
    d, x = 20_000, torch.randn(3, 20_000, generator=rng, device=WHERE, dtype=torch.float64)
    model = MFA(MFA.Settings(n_components=2, n_factors=1, noise="isotropic"), (d,)).to(WHERE)
    model.factors.normal_(generator=rng)
    model.noise.fill_(0.5)
    logs = []
    for a in model.factors[:, 0]:
        squares = (x.square().sum(1) - (x @ a).square() / (0.5 + a @ a)) / 0.5
        logs.append(-(squares + d * math.log(2 * math.pi * 0.5) + torch.log1p(a @ a / 0.5)) / 2 - math.log(2))
    torch.testing.assert_close(model.log_prob(x), torch.logsumexp(torch.stack(logs), 0), atol=1e-7, rtol=0)


@every_noise
def test_one_em_step_is_the_one_written_out_in_loops(noise, rng):
    """Weights and means to their weighted averages, then A and D by Ghahramani and Hinton's step on the weighted covariance."""
    model, floor = made_by_hand(noise, rng), 0.3  # binds in some dimensions
    model.settings = model.settings.model_copy(update={"noise_floor": floor})
    x = some_points(model, rng).cpu().numpy()
    pi, mu, sigma = model.weights.cpu().numpy(), model.means.cpu().numpy(), dense(model).numpy()
    joint = np.array(
        [
            [
                p * np.exp(-(r - m) @ np.linalg.solve(s, r - m) / 2) / math.sqrt(np.linalg.det(s))
                for p, m, s in zip(pi, mu, sigma, strict=True)
            ]
            for r in x
        ]
    )
    shares, expected = joint / joint.sum(1, keepdims=True), []
    for k in range(len(pi)):
        a, r = model.factors[k].T.cpu().numpy(), shares[:, k]
        mean = r @ x / r.sum()
        s = (r[:, None] * (x - mean)).T @ (x - mean) / r.sum()
        back = a.T @ np.linalg.inv(sigma[k])
        new = s @ back.T @ np.linalg.inv(np.eye(a.shape[1]) - back @ a + back @ s @ back.T)
        left = np.diag(s - new @ back @ s)
        expected.append((r.mean(), mean, new.T, np.maximum(left if noise == "diagonal" else left.mean(keepdims=True), floor)))
    on_device = torch.as_tensor(x).to(WHERE)
    model._maximise(on_device, model._expect(on_device)[1])
    for name, values in zip(("weights", "means", "factors", "noise"), zip(*expected, strict=True), strict=True):
        np.testing.assert_allclose(getattr(model, name).cpu().numpy(), np.stack(values), atol=1e-9, rtol=1e-9)
    assert (model.noise == floor).any()
    assert (model.noise > floor).any()


@pytest.mark.parametrize(("noise", "init"), list(itertools.product(NOISES, ["k-means", "random points"])))
@pytest.mark.parametrize(("dataset", "steps"), [("moons", 25), ("digits", 12)])
def test_em_never_lowers_the_likelihood(dataset, steps, noise, init, rng):
    _, likelihoods = follow(dataset, rng, noise=noise, init=init, steps=steps, n_components=8)
    assert len(likelihoods) == steps + 1
    assert min(np.diff(likelihoods)) > -1e-9
    assert likelihoods[-1] > likelihoods[0] + 0.005


def test_one_component_of_isotropic_noise_is_probabilistic_pca(linear_gaussian, rng):
    model, _ = fit_by_hand(linear_gaussian, rng, n_components=1, n_factors=2, noise="isotropic", steps=200)
    theirs = PCA(2).fit(linear_gaussian.train.double().cpu().numpy())
    ours, x = model.log_prob(linear_gaussian.test).cpu().numpy(), linear_gaussian.test.double().cpu().numpy()
    np.testing.assert_allclose(ours, theirs.score_samples(x), atol=0.01)  # theirs divides by N - 1


def test_one_component_of_diagonal_noise_is_scikit_learns_factor_analysis(linear_gaussian, rng):
    stretched = torch.tensor([1, 0.5, 2, 1, 3], device=WHERE)
    data = replace(linear_gaussian, train=linear_gaussian.train * stretched, test=linear_gaussian.test * stretched)
    model, _ = fit_by_hand(data, rng, n_components=1, n_factors=1, noise="diagonal", steps=400)
    theirs = FactorAnalysis(1, tol=1e-7, max_iter=2000, svd_method="lapack").fit(data.train.double().cpu().numpy())
    x = data.test.double().cpu().numpy()
    np.testing.assert_allclose(model.log_prob(data.test).cpu().numpy(), theirs.score_samples(x), atol=0.05)
    np.testing.assert_allclose(model.noise[0].cpu().numpy(), theirs.noise_variance_, atol=0.05)
    ours = model.encode(data.test)[:, 1].cpu().numpy()  # after the one responsibility
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs.transform(x)[:, 0]), atol=0.03)


@every_noise
def test_it_finds_the_mixture_that_drew_the_data(noise, linear_gaussian, rng):
    truth = made_by_hand(noise, rng, k=3, n_factors=2, d=6)
    truth.means.mul_(4)
    x = truth.sample(6000, rng)
    data = replace(linear_gaussian, source=replace(linear_gaussian.source, shape=(6,)), train=x[:4000], test=x[4000:])
    model, _ = fit_by_hand(data, rng, n_components=3, n_factors=2, noise=noise, steps=100)
    assert model.log_prob(data.test).mean().item() == pytest.approx(truth.log_prob(data.test).mean().item(), abs=0.05)
    nearest = torch.cdist(truth.means, model.means).argmin(1)
    assert sorted(nearest.tolist()) == [0, 1, 2]
    torch.testing.assert_close(model.means[nearest], truth.means, atol=0.3, rtol=0)
    torch.testing.assert_close(model.weights[nearest], truth.weights, atol=0.03, rtol=0)
    torch.testing.assert_close(dense(model)[nearest], dense(truth), atol=0.6, rtol=0)


@every_noise
def test_the_code_is_the_responsibilities_and_the_posterior_means_of_the_factors(noise, rng):
    """E[z | x, k] = A^T (A A^T + D)^-1 (x - mu), by dense inversion; decoded, the posterior mean of mu_k + A_k z."""
    model = made_by_hand(noise, rng)
    x = some_points(model, rng, n=20)
    codes, rebuilt = model.encode(x).cpu().numpy(), model.reconstruct(x).cpu().numpy()
    sigma, mu = dense(model).numpy(), model.means.cpu().numpy()
    for one, code, back in zip(x.cpu().numpy(), codes, rebuilt, strict=True):
        logs = [
            math.log(p) - (one - m) @ np.linalg.solve(s, one - m) / 2 - np.linalg.slogdet(s)[1] / 2
            for p, m, s in zip(model.weights.tolist(), mu, sigma, strict=True)
        ]
        r = np.exp(np.array(logs) - max(logs)) / np.exp(np.array(logs) - max(logs)).sum()
        a = [f.T.cpu().numpy() for f in model.factors]
        z = [f.T @ np.linalg.solve(s, one - m) for f, s, m in zip(a, sigma, mu, strict=True)]
        np.testing.assert_allclose(
            code, np.concatenate([r, *(share * factor for share, factor in zip(r, z, strict=True))]), atol=1e-5
        )
        np.testing.assert_allclose(back, sum(s * (m + f @ e) for s, m, f, e in zip(r, mu, a, z, strict=True)), atol=1e-4)


@every_noise
def test_samples_have_the_mean_and_the_covariance_of_the_mixture(noise, rng):
    model, n = made_by_hand(noise, rng, k=3, n_factors=2, d=5), 200_000
    mean, covariance = mixture_moments(model.weights.cpu().numpy(), model.means.cpu().numpy(), dense(model).numpy())
    x = model.sample(n, rng).double().cpu().numpy()
    np.testing.assert_allclose(x.mean(0), mean, atol=5 * math.sqrt(covariance.max() / n))
    np.testing.assert_allclose(np.cov(x.T), covariance, atol=10 * covariance.max() / math.sqrt(n))


def test_samples_come_from_the_components_in_proportion_and_spread_as_each_does(rng):
    model, n = made_by_hand("diagonal", rng, k=3, n_factors=2, d=4), 60_000
    model.means.copy_(torch.tensor([[-200.0], [0], [200]]).expand(3, 4))  # far apart: a sample tells its component
    x = model.sample(n, rng).double()
    whose = torch.cdist(x, model.means).argmin(1)
    np.testing.assert_allclose(whose.bincount().cpu() / n, model.weights.cpu(), atol=0.01)
    for k in range(3):
        np.testing.assert_allclose(np.cov(x[whose == k].T.cpu()), dense(model)[k], atol=0.05 * dense(model)[k].abs().max().item())


def test_samples_of_pictures_are_means_without_the_noise_kept_within_zero_and_one(rng):
    """Those of one component with two factors lie in a plane through its mean, and spread in it as A A^T."""
    model = MFA(MFA.Settings(n_components=1, n_factors=2), (1, 3, 4)).to(WHERE)
    model.means.fill_(0.5)
    model.factors.uniform_(-0.05, 0.05, generator=rng)
    x = model.sample(50_000, rng).flatten(1).double() - 0.5
    assert torch.linalg.matrix_rank(x, rtol=1e-4) == 2
    torch.testing.assert_close(x.T @ x / len(x), model.factors[0].T @ model.factors[0], atol=1e-4, rtol=0)
    model.factors.mul_(100)
    wild = model.sample(50, rng)
    assert (wild.min().item(), wild.max().item()) == (0, 1)
    assert model.samples_are() != MFA(MFA.Settings(n_factors=1), (2,)).samples_are()


@every_noise
def test_a_component_without_examples_keeps_its_place_and_no_weight(noise, rng):
    model, x = made_by_hand(noise, rng), torch.randn(300, 20, generator=rng, device=WHERE, dtype=torch.float64)
    model.means[2] = 1e4
    before = {name: tensor[2].clone() for name, tensor in model.state_dict().items()}
    likelihoods = []
    for _ in range(4):
        log_p, shares = model._expect(x)
        likelihoods.append(log_p.item())
        model._maximise(x, shares)
    assert min(np.diff(likelihoods)) > 0
    assert model.weights[2] == 0
    assert model.weights.sum().item() == pytest.approx(1)
    assert all(torch.equal(model.state_dict()[name][2], before[name]) for name in ("means", "factors", "noise"))
    for answer in (model.log_prob(x), model.reconstruct(x), model.sample(100, rng)):
        assert torch.isfinite(answer).all()


def test_examples_that_are_all_alike_are_fitted_too(linear_gaussian, rng):
    """Every component's variance falls to the floor, where the density is known: all at one point."""
    same = replace(linear_gaussian, train=torch.full((50, 5), 0.25, device=WHERE))
    model, likelihoods = fit_by_hand(same, rng, n_components=4, n_factors=2, noise_floor=1e-2, steps=8)
    assert all(map(math.isfinite, likelihoods))
    assert likelihoods[-1] == pytest.approx(-5 / 2 * math.log(2 * math.pi * 1e-2), abs=0.05)


@pytest.mark.parametrize("init", ["k-means", "random points"])
def test_the_means_begin_where_the_setting_says(init, linear_gaussian, rng):
    """At the averages of the examples that are nearest to them, or on examples."""
    model, x = MFA(MFA.Settings(n_components=5, n_factors=1, init=init), (5,)).to(WHERE), linear_gaussian.train.double()
    next(model.fit(linear_gaussian, rng))
    distances = torch.cdist(x, model.means)
    averages = torch.stack([x[distances.argmin(1) == k].mean(0) for k in range(5)])
    assert ((averages - model.means).norm(dim=1).max() < 0.1).item() == (init == "k-means")
    assert (distances.min(0).values.max() < 1e-6).item() == (init == "random points")


def test_no_factor_begins_at_zero_where_em_would_leave_it(linear_gaussian, rng):
    same = replace(linear_gaussian, train=torch.full((50, 5), 0.25, device=WHERE))
    model = MFA(MFA.Settings(n_components=4, n_factors=2), (5,)).to(WHERE)
    next(model.fit(same, rng))
    assert (model.factors.norm(dim=2) > 0).all()


@every_noise
@pytest.mark.parametrize(("name", "value"), [("AT_ONCE", 3000), ("NEGLIGIBLE", 0.0)])
def test_parts_and_what_is_left_out_do_not_change_the_fit(noise, name, value, monkeypatch, fitted):
    usual, data = fitted("digits", "mfa", noise=noise), datasets.load("digits", WHERE)
    monkeypatch.setattr(mfa, name, value)
    other = MFA(usual.settings, usual.shape).to(WHERE)
    for _ in other.fit(data, device.generator(WHERE, 0, "fit")):
        pass
    torch.testing.assert_close(other.log_prob(data.test), usual.log_prob(data.test), atol=1e-6, rtol=0)
    torch.testing.assert_close(other.encode(data.test), usual.encode(data.test), atol=1e-5, rtol=0)


def test_the_fit_leaves_data_in_float64_as_they_are(linear_gaussian, rng):
    data = replace(linear_gaussian, train=linear_gaussian.train.double())
    fit_by_hand(data, rng, n_components=2, n_factors=2, steps=2)
    assert torch.equal(data.train, linear_gaussian.train.double())


def test_factors_explain_pictures_better_than_none_to_speak_of(rng):
    """Held-out digits: eight round components with six factors each, against eight with one."""
    data = datasets.load("digits", WHERE)
    scores = [
        follow("digits", rng, n_components=8, n_factors=n, noise="isotropic", steps=15)[0].evaluate(data, rng)["log_likelihood"]
        for n in (1, 6)
    ]
    assert scores[1] > scores[0] + 5


def test_the_free_numbers_of_one_factor_in_the_plane_are_those_of_a_full_covariance():
    def count(shape, **settings):
        return MFA(MFA.Settings(**settings), shape).parameter_count()

    assert count((2,), n_components=6, n_factors=1, noise="isotropic") == 5 + 6 * (2 + 3)
    assert count((9,), n_components=1, n_factors=3, noise="diagonal") == 9 + (9 * 3 - 3) + 9


def test_as_many_factors_as_dimensions_are_refused_in_one_line():
    with pytest.raises(UserError, match=r"^mfa on moons: n_factors = 2 must be less than its 2 dimensions$"):
        RunSpec.make("moons", "mfa", {"n_factors": 2})


def test_factors_that_would_not_fit_in_memory_are_refused_before_the_fit():
    large = replace(datasets.source("digits"), name="large", shape=(3, 64, 64))
    with pytest.raises(UserError, match=r"^mfa on large: 200 components of 6 factors in 12288 dimensions are 20 million.*lower"):
        MFA.check(MFA.Settings(n_components=200), large)
    MFA.check(MFA.Settings(n_components=100), large)


@pytest.mark.parametrize(("settings", "needed"), [({"n_components": 50}, 50), ({"n_components": 2, "n_factors": 32}, 33)])
def test_too_few_examples_is_one_line(settings, needed, rng):
    data = datasets.load("digits", WHERE)
    with pytest.raises(
        UserError, match=rf"^mfa with .* needs at least {needed} examples, digits has 31: lower n_components or n_f"
    ):
        follow("digits", rng, data=replace(data, train=data.train[:31]), **settings)


def test_a_larger_budget_asks_for_no_less():
    for source in datasets.sources().values():
        sizes = [MFA.preset(source, budget) for budget in BUDGETS]
        work = [(s["n_components"] * (s["n_factors"] + 1) * s["steps"]) for s in sizes]
        assert work == sorted(work)
