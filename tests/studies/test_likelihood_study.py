"""Estimating p(x): what is found is what is known exactly; the identity's four terms add up; gradients are right on average."""

import math

import pytest
import torch
from torch.distributions import Normal

from genmodels import datasets
from genmodels.config import UserError
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.likelihood import marginal
from genmodels.studies.likelihood import study as likelihood
from genmodels.studies.likelihood.linear_gaussian import LinearGaussian, standard_normal
from genmodels.views.elbo import elbo, remainder
from genmodels.views.likelihood import errors, needed, sizes
from tests.oracles import probabilistic_pca_log_prob

CPU = torch.device("cpu")
SMALL = {"hidden_dim": 32, "depth": 2, "noise": 0.0}
SPEC = RunSpec.make("digits", "vae", {"latent_dim": 2, "steps": 250, "learning_rate": 5e-3, **SMALL})


WHOLE = {name: getattr(likelihood, name) for name in ("MARKS", "REPEATS", "DIMS")}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A store in which a small VAE is trained once, and few repeats of few codes are enough."""
    patch = pytest.MonkeyPatch()
    patch.setattr(likelihood, "MARKS", [1, 10, 100, 1000])
    patch.setattr(likelihood, "REPEATS", 6)
    patch.setattr(likelihood, "DIMS", (2, 8))
    yield Store(tmp_path_factory.mktemp("likelihood"))
    patch.undo()


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", CPU)


def test_estimates_from_q_come_to_the_exact_value_where_those_from_the_prior_are_far_below(shared, digits):
    found = record(StudySpec.make("brute-force", [], {"width": 1.2}), shared)
    known = found.json("facts.json")["models"]["8"]
    model, x = LinearGaussian.fit(digits.train.flatten(1), 8), digits.test[3].flatten().double()
    assert known["exact"] == pytest.approx(float(probabilistic_pca_log_prob(x[None], model.mean, model.loadings, model.sigma)))
    gap = 8 * ((1.2**2 - 1) / 2 - math.log(1.2))  # of a Gaussian 1.2 times as wide in eight dimensions
    assert known["elbo"] == pytest.approx(known["exact"] - gap)
    estimates = found.tensors("estimates.safetensors")
    assert estimates["8.q.estimate"][:, -1].tolist() == pytest.approx([known["exact"]] * 6, abs=0.15)
    assert float(estimates["8.prior.estimate"][:, -1].median()) < known["exact"] - 2
    assert float(estimates["8.prior.size"][:, -1].median()) < 10 < float(estimates["8.q.size"][:, -1].median())


def test_of_a_vae_the_grid_the_encoder_and_the_bound_agree(shared, digits):
    found = record(StudySpec.make("brute-force", [SPEC], {"model": "VAE", "width": 1.2}), shared)
    known, estimates = found.json("facts.json")["models"]["2"], found.tensors("estimates.safetensors")
    assert estimates["2.q.estimate"][:, -1].tolist() == pytest.approx([known["exact"]] * 6, abs=0.4)
    assert known["elbo"] < known["exact"]


def test_the_four_terms_add_up_before_and_after_training(shared):
    terms = record(StudySpec.make("elbo-identity", [SPEC], {}), shared).json("terms.json")
    for found in terms.values():
        assert abs(remainder(found)) < 1e-3
        assert found["gap"] > 0.01
        assert found["kl"] > 0.01
    assert terms["after"]["log_px"] > terms["before"]["log_px"]
    assert elbo(terms["after"]) > elbo(terms["before"])


def test_each_term_is_what_chance_says_of_it(shared, digits, rng):
    model, x = likelihood.untrained(SPEC, digits), digits.test[3].flatten().double()
    terms = likelihood.identity(model, x)
    q, prior, log_given = likelihood.encoder_of(model, x), standard_normal(2), likelihood.log_given_of(model, x)
    weights = marginal.log_weights(log_given, prior, prior, 200_000, rng)
    spread = (weights - weights.logsumexp(0)).exp().std().item() * math.sqrt(200_000)
    assert terms["log_px"] == pytest.approx(float(weights.logsumexp(0)) - math.log(200_000), abs=4 * spread)
    z = q.mean + q.stddev * torch.randn(50_000, 2, generator=rng, dtype=torch.float64)
    values = log_given(z)
    error = 4 / math.sqrt(50_000)
    assert terms["reconstruction"] == pytest.approx(values.mean().item(), abs=error * values.std().item())
    ratios = q.log_prob(z).sum(1) - values - prior.log_prob(z).sum(1) + terms["log_px"]
    assert terms["gap"] == pytest.approx(ratios.mean().item(), abs=error * ratios.std().item())
    ratios = (q.log_prob(z) - prior.log_prob(z)).sum(1)
    assert terms["kl"] == pytest.approx(ratios.mean().item(), abs=error * ratios.std().item())


def test_untrained_is_the_run_at_its_first_photograph(shared, digits):
    record(StudySpec.make("elbo-identity", [SPEC], {}), shared)
    first = Run.open(SPEC.key, shared).snapshot(0)["codes"]
    assert torch.allclose(likelihood.untrained(SPEC, digits).encode(digits.test[: len(first)]), first, atol=1e-5)


@pytest.mark.parametrize("dim", [2, 16])
def test_one_sample_gradients_are_right_on_average_and_their_scatter_is_the_closed_form(digits, dim, rng):
    model, x = LinearGaussian.fit(digits.train.flatten(1), dim), digits.test[3].flatten().double()
    p = model.posterior(x)
    q = Normal(p.mean + p.stddev, p.stddev)
    mu = q.mean.clone().requires_grad_(True)
    spread = (model.loadings.square() * q.variance).sum() / (2 * model.sigma**2)
    bound = model.log_given(x, mu[None])[0] - spread - (mu.square() + q.variance - 1 - q.variance.log()).sum() / 2
    (expected,) = torch.autograd.grad(bound, mu)
    assert torch.allclose(likelihood.exact_gradient(model, x, q), expected, rtol=1e-9)
    n = 20_000
    drawn = likelihood.one_sample_gradients(model, x, q, n, rng)
    for gradients in drawn.values():
        assert bool(((gradients.mean(0) - expected).abs() < 4.5 * gradients.std(0) / math.sqrt(n)).all())
    scatter = model.loadings.square().sum(0) * q.stddev / model.sigma**2
    assert torch.allclose(drawn["reparameterised"].std(0), scatter, rtol=0.03)
    assert bool((drawn["reparameterised"].std(0) < drawn["score with baseline"].std(0)).all())


def test_the_gradients_finding_tells_what_was_drawn(shared):
    facts = record(StudySpec.make("elbo-gradient", [], {"dim": "8"}), shared).json("gradients.json")
    error = facts["deviation"]["reparameterised"] / math.sqrt(facts["draws"])
    assert facts["mean"]["reparameterised"] == pytest.approx(facts["exact"], abs=4 * error)


@pytest.mark.parametrize(
    ("study", "runs", "settings"),
    [
        ("brute-force", [], {"model": "VAE"}),
        ("brute-force", [SPEC], {}),
        ("elbo-identity", [], {}),
        ("elbo-identity", [RunSpec.make("digits", "vae", {"latent_dim": 3})], {}),
    ],
)
def test_what_cannot_be_studied_is_refused_in_one_line(study, runs, settings):
    with pytest.raises(UserError, match="needs"):
        StudySpec.make(study, runs, settings)


@pytest.mark.slow
def test_from_16_dimensions_on_brute_force_fails_with_100000_codes_and_q_needs_hundreds(tmp_path, monkeypatch):
    for name, value in WHOLE.items():  # whatever the tests before it made smaller
        monkeypatch.setattr(likelihood, name, value)
    found = record(StudySpec.make("brute-force", [], {}), Store(tmp_path))
    by_prior = {dim: needed(found, dim, "prior") for dim in likelihood.DIMS}
    by_q = {dim: needed(found, dim, "q") for dim in likelihood.DIMS}
    assert by_prior[2] is not None
    assert by_prior[2] <= 1000
    assert by_prior[4] is not None
    assert by_prior[2] < by_prior[4]
    assert [by_prior[dim] for dim in (16, 32, 64)] == [None] * 3
    assert all(n is not None and n <= 1000 for n in by_q.values())
    for dim in likelihood.DIMS:
        share = (1.2**2 / math.sqrt(2 * 1.2**2 - 1)) ** -dim  # of Q's codes, in closed form
        assert sizes(found, dim, "q")[-1] / likelihood.MARKS[-1] == pytest.approx(share, rel=0.1)
        if dim >= 8:
            assert float(errors(found, dim, "prior")[:, 4].max()) < 0  # of ten codes every estimate is too low
