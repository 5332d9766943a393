"""Estimating p(x): estimates come to the exact value; the identity's four terms add up; gradients are right on average."""

import math

import pytest
import torch
from torch.distributions import Normal

from genmodels import datasets
from genmodels.config import UserError
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.likelihood import BruteForceFinding, GradientsFinding, IdentityFinding, brute_force, marginal, subject
from genmodels.studies.likelihood.gradients import exact_gradient, one_sample_gradients
from genmodels.studies.likelihood.identity import identity
from genmodels.studies.likelihood.linear_gaussian import LinearGaussian, standard_normal
from genmodels.views.likelihood import effective_size, enough, errors
from tests.oracles import probabilistic_pca_log_prob

CPU = torch.device("cpu")
SMALL = {"hidden_dim": 32, "depth": 2, "noise": 0.0}
SPEC = RunSpec.make("digits", "vae", {"latent_dim": 2, "steps": 250, "learning_rate": 5e-3, **SMALL})


WHOLE = {name: getattr(brute_force, name) for name in ("SIZES", "REPEATS", "DIMS")}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A store in which a small VAE is trained once, and few repeats of few codes are enough."""
    patch = pytest.MonkeyPatch()
    patch.setattr(brute_force, "SIZES", [1, 10, 100, 1000])
    patch.setattr(brute_force, "REPEATS", 6)
    patch.setattr(brute_force, "DIMS", (2, 8))
    yield Store(tmp_path_factory.mktemp("likelihood"))
    patch.undo()


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", CPU)


def test_estimates_from_q_come_to_the_exact_value_where_those_from_the_prior_are_far_below(shared, digits):
    finding = BruteForceFinding.read(record(StudySpec.make("brute-force", [], {"width": 1.2}), shared))
    estimates = finding.models[8]
    exact = estimates.exact
    model, x = LinearGaussian.fit(digits.train.flatten(1), 8), digits.test[3].flatten().double()
    assert exact.log_px == pytest.approx(float(probabilistic_pca_log_prob(x[None], model.mean, model.loadings, model.sigma)))
    gap = 8 * ((1.2**2 - 1) / 2 - math.log(1.2))  # of a Gaussian 1.2 times as wide in eight dimensions
    assert exact.elbo == pytest.approx(exact.log_px - gap)
    assert estimates.q.log_px[:, -1].tolist() == pytest.approx([exact.log_px] * 6, abs=0.15)
    assert float(estimates.prior.log_px[:, -1].median()) < exact.log_px - 2
    assert float(estimates.prior.effective_size[:, -1].median()) < 10 < float(estimates.q.effective_size[:, -1].median())


def test_of_a_vae_the_grid_the_encoder_and_the_bound_agree(shared, digits):
    finding = BruteForceFinding.read(record(StudySpec.make("brute-force", [SPEC], {"model": "VAE", "width": 1.2}), shared))
    estimates = finding.models[2]
    assert estimates.q.log_px[:, -1].tolist() == pytest.approx([estimates.exact.log_px] * 6, abs=0.4)
    assert estimates.exact.elbo < estimates.exact.log_px


def test_the_four_terms_add_up_before_and_after_training(shared):
    finding = IdentityFinding.read(record(StudySpec.make("elbo-identity", [SPEC], {}), shared))
    for terms in (finding.before, finding.after):
        assert abs(terms.remainder) < 1e-3
        assert terms.gap > 0.01
        assert terms.kl > 0.01
    assert finding.after.log_px > finding.before.log_px
    assert finding.after.elbo > finding.before.elbo


def test_each_term_is_its_monte_carlo_estimate(shared, digits, rng):
    model, x = subject.untrained(SPEC, digits), digits.test[3].flatten().double()
    terms = identity(model, x)
    q, prior, log_given = subject.encoder_of(model, x), standard_normal(2), subject.log_given_of(model, x)
    weights = marginal.log_weights(log_given, prior, prior, 200_000, rng)
    spread = (weights - weights.logsumexp(0)).exp().std().item() * math.sqrt(200_000)
    assert terms.log_px == pytest.approx(float(weights.logsumexp(0)) - math.log(200_000), abs=4 * spread)
    z = q.mean + q.stddev * torch.randn(50_000, 2, generator=rng, dtype=torch.float64)
    values = log_given(z)
    error = 4 / math.sqrt(50_000)
    assert terms.reconstruction == pytest.approx(values.mean().item(), abs=error * values.std().item())
    ratios = q.log_prob(z).sum(1) - values - prior.log_prob(z).sum(1) + terms.log_px
    assert terms.gap == pytest.approx(ratios.mean().item(), abs=error * ratios.std().item())
    ratios = (q.log_prob(z) - prior.log_prob(z)).sum(1)
    assert terms.kl == pytest.approx(ratios.mean().item(), abs=error * ratios.std().item())


def test_untrained_is_the_run_at_its_first_snapshot(shared, digits):
    record(StudySpec.make("elbo-identity", [SPEC], {}), shared)
    first = Run.open(SPEC.key, shared).snapshot(0)["codes"]
    assert torch.allclose(subject.untrained(SPEC, digits).encode(digits.test[: len(first)]), first, atol=1e-5)


@pytest.mark.parametrize("dim", [2, 16])
def test_one_sample_gradients_are_right_on_average_and_their_scatter_is_the_closed_form(digits, dim, rng):
    model, x = LinearGaussian.fit(digits.train.flatten(1), dim), digits.test[3].flatten().double()
    p = model.posterior(x)
    q = Normal(p.mean + p.stddev, p.stddev)
    mu = q.mean.clone().requires_grad_(True)
    spread = (model.loadings.square() * q.variance).sum() / (2 * model.sigma**2)
    bound = model.log_given(x, mu[None])[0] - spread - (mu.square() + q.variance - 1 - q.variance.log()).sum() / 2
    (expected,) = torch.autograd.grad(bound, mu)
    assert torch.allclose(exact_gradient(model, x, q), expected, rtol=1e-9)
    n = 20_000
    samples = one_sample_gradients(model, x, q, n, rng)
    for gradients in samples.values():
        assert bool(((gradients.mean(0) - expected).abs() < 4.5 * gradients.std(0) / math.sqrt(n)).all())
    scatter = model.loadings.square().sum(0) * q.stddev / model.sigma**2
    assert torch.allclose(samples["reparameterised"].std(0), scatter, rtol=0.03)
    assert bool((samples["reparameterised"].std(0) < samples["score with baseline"].std(0)).all())


def test_the_gradients_mean_is_the_exact_one_to_four_standard_errors(shared):
    finding = GradientsFinding.read(record(StudySpec.make("elbo-gradient", [], {"dim": "8"}), shared))
    sample = finding.samples["reparameterised"]
    assert sample.mean == pytest.approx(finding.exact, abs=4 * sample.deviation / math.sqrt(finding.draws))


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
        monkeypatch.setattr(brute_force, name, value)
    finding = BruteForceFinding.read(record(StudySpec.make("brute-force", [], {}), Store(tmp_path)))
    by_prior = {dim: enough(finding, dim, "prior") for dim in brute_force.DIMS}
    by_q = {dim: enough(finding, dim, "q") for dim in brute_force.DIMS}
    assert by_prior[2] is not None
    assert by_prior[2] <= 1000
    assert by_prior[4] is not None
    assert by_prior[2] < by_prior[4]
    assert [by_prior[dim] for dim in (16, 32, 64)] == [None] * 3
    assert all(n is not None and n <= 1000 for n in by_q.values())
    for dim in brute_force.DIMS:
        efficiency = (1.2**2 / math.sqrt(2 * 1.2**2 - 1)) ** -dim  # of Q's codes, in closed form
        assert effective_size(finding, dim, "q")[-1] / brute_force.SIZES[-1] == pytest.approx(efficiency, rel=0.1)
        if dim >= 8:
            assert float(errors(finding, dim, "prior")[:, 4].max()) < 0  # of ten codes every estimate is too low
