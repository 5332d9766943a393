"""The mixture on codes against scikit-learn and its own moments; the bank of posteriors against the posteriors."""

import pytest
import torch
from sklearn.mixture import GaussianMixture

from genmodels import device
from genmodels.models.parts.codes import CodeBank, CodeMixture
from tests.oracles import dense_mixture_log_prob, mixture_moments

WHERE = device.choose_device()


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


@pytest.fixture(scope="module")
def groups():
    """Codes from four oblong groups in three dimensions, train and test."""
    rng = seeded()
    centres = 3 * torch.randn(4, 3, generator=rng, device=WHERE)
    spread = torch.randn(4, 3, 3, generator=rng, device=WHERE) / 2
    k = torch.randint(4, (4000,), generator=rng, device=WHERE)
    z = centres[k] + torch.einsum("nij,nj->ni", spread[k], torch.randn(4000, 3, generator=rng, device=WHERE))
    return z[:2000], z[2000:]


@pytest.fixture(scope="module")
def mixture(groups):
    result = CodeMixture(4, 3).to(WHERE)
    result.learn(groups[0], seeded())
    return result


def score(mixture, z):
    lower = mixture.lower.double().cpu()
    parts = (mixture.weights.double().cpu(), mixture.means.double().cpu(), lower @ lower.mT)
    return dense_mixture_log_prob(z.double().cpu(), *parts).mean().item()


def test_the_mixture_says_of_held_out_codes_what_scikit_learns_says(mixture, groups):
    train, test = (z.double().cpu().numpy() for z in groups)
    theirs = GaussianMixture(4, reg_covar=1e-3, n_init=3, random_state=0).fit(train).score(test)
    assert score(mixture, groups[1]) == pytest.approx(theirs, abs=0.01)
    assert score(CodeMixture(4, 3), groups[1]) < theirs - 2  # the prior, which is where it starts


def test_uneven_groups_of_codes_have_the_weights_that_scikit_learn_finds():
    """One code of ten lies in a second group, which touches the first: of even groups pi and log pi are not to be told apart."""
    rng = seeded()
    z = torch.randn(4000, 2, generator=rng, device=WHERE)
    z[:, 0] += 4 * (torch.rand(4000, generator=rng, device=WHERE) < 0.1)
    theirs = GaussianMixture(2, n_init=3, random_state=0, tol=1e-6, max_iter=500).fit(z.double().cpu().numpy())
    mine = CodeMixture(2, 2).to(WHERE)
    mine.learn(z, rng)
    assert sorted(mine.weights.tolist()) == pytest.approx(sorted(theirs.weights_), abs=0.005)


def test_samples_of_the_mixture_have_its_mean_and_covariance(mixture):
    lower = mixture.lower.double().cpu()
    parts = (mixture.weights.double().cpu(), mixture.means.double().cpu(), lower @ lower.mT)
    mean, covariance = mixture_moments(*(part.numpy() for part in parts))
    z = mixture.sample(100_000, seeded(1)).double().cpu()
    torch.testing.assert_close(z.mean(0), torch.as_tensor(mean), atol=0.05, rtol=0)
    torch.testing.assert_close(torch.cov(z.T), torch.as_tensor(covariance), atol=0.15, rtol=0)


def test_before_it_has_learned_the_mixture_is_the_prior_and_so_is_the_bank():
    for codes in (CodeMixture(5, 2), CodeBank(50, 2)):
        z = codes.to(WHERE).sample(50_000, seeded())
        torch.testing.assert_close(z.mean(0).cpu(), torch.zeros(2), atol=0.03, rtol=0)
        torch.testing.assert_close(torch.cov(z.T).cpu(), torch.eye(2), atol=0.03, rtol=0)


def test_a_mixture_of_fewer_different_codes_than_components_is_still_one(groups):
    few = groups[0][:3].repeat(40, 1)
    mixture = CodeMixture(10, 3).to(WHERE)
    mixture.learn(few, seeded())
    z = mixture.sample(500, seeded())
    assert torch.isfinite(z).all()
    assert torch.cdist(z, groups[0][:3]).min(1).values.max() < 0.3


def test_the_bank_draws_from_the_posteriors_it_keeps_in_equal_shares():
    bank = CodeBank(2, 2).to(WHERE)
    bank.learn(torch.tensor([[10.0, 0.0], [-10.0, 5.0]]), torch.tensor([[0.0, 0.0], [2.0, -4.0]]))
    z = bank.sample(40_000, seeded())
    first = z[:, 0] > 0
    assert first.float().mean().item() == pytest.approx(0.5, abs=0.02)
    torch.testing.assert_close(z[first].std(0).cpu(), torch.ones(2), atol=0.03, rtol=0)
    torch.testing.assert_close(z[~first].std(0).cpu(), torch.tensor([1.0, -2.0]).exp(), rtol=0.03, atol=0)
    torch.testing.assert_close(z[~first].mean(0).cpu(), torch.tensor([-10.0, 5.0]), atol=0.1, rtol=0)
