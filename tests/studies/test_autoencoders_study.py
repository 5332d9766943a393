"""Autoencoder to VAE: beta and sigma are one knob, each sampler's codes have its distribution, the sheet lies as the plane does."""

import math

import pytest
import torch

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.metrics.frechet import frechet_ratio
from genmodels.metrics.probes import features
from genmodels.models.vae import VAE, VAEConfig
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies import features as net
from genmodels.studies.autoencoders import PlaneFinding, SamplersFinding, samplers, study
from genmodels.studies.findings import StudySpec

CPU = torch.device("cpu")
FEW = {"latent_dim": 2, "steps": 150, "hidden_dim": 32, "learning_rate": 5e-3}
PAIR = [RunSpec.make("digits", model, FEW) for model in ("autoencoder", "vae")]


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", CPU)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A store whose features are those of a net that has hardly learnt: a ratio is a ratio."""
    patch = pytest.MonkeyPatch()
    patch.setattr(features, "STEPS", 40)
    yield Store(tmp_path_factory.mktemp("autoencoders"))
    patch.undo()


@pytest.fixture(scope="module")
def plane_finding(shared):
    """The finding at beta = 4."""
    return PlaneFinding.read(record(StudySpec.make("code-plane", PAIR, {"beta": 4.0}), shared))


def gradients(beta, sigma, x):
    """Every weight's gradient of what a VAE of this beta and fixed sigma minimises, the same weights and noise each time."""
    model = VAE(VAEConfig(latent_dim=3, hidden_dim=16, beta=beta), (1, 8, 8)).double()
    model._start(x, device.generator(CPU, 0, "weights"))
    model.log_sigma.requires_grad_(False).fill_(math.log(sigma))
    loss, _ = model._loss(x, beta, 1, device.generator(CPU, 0, "noise"))
    loss.backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


@pytest.mark.parametrize(("beta", "sigma"), [(4.0, 0.5), (0.1, 0.3), (20.0, 1.2)])
def test_beta_at_sigma_has_beta_times_the_gradient_of_one_at_sigma_root_beta(beta, sigma, digits):
    x = digits.train[:50].flatten(1).double()
    a, b = gradients(beta, sigma, x), gradients(1.0, sigma * math.sqrt(beta), x)
    assert torch.allclose(a, beta * b, rtol=1e-9, atol=1e-12 * float(a.abs().max()))
    wrong = gradients(1.0, sigma * beta, x)
    assert not torch.allclose(a, beta * wrong, rtol=0.1)


def test_trained_in_either_unit_the_reconstructions_are_the_same(plane_finding, shared, digits):
    assert plane_finding.unit_difference < 1e-4
    other = study.untrained(PAIR[1], digits, 1.0)  # the weight alone, sigma as it was, is another model
    for _ in study.fit_fixed(other, digits, plane_finding.sigma, device.generator(CPU, 0, "fit")):
        pass
    same = study.untrained(PAIR[1], digits, 4.0)
    for _ in study.fit_fixed(same, digits, plane_finding.sigma, device.generator(CPU, 0, "fit")):
        pass
    assert study.difference(same, other, digits) > 1e-3


def test_sigma_is_fixed_while_the_rest_learns(plane_finding, shared):
    learned = Run.open(PAIR[1].key, shared).load_model(CPU)
    assert plane_finding.sigma == pytest.approx(float(learned.observation(torch.zeros(1, 2))[1][0, 0]))
    assert plane_finding.vae.sigma == pytest.approx(plane_finding.sigma, rel=1e-5)
    error = plane_finding.vae.error
    assert 0 < error < 64 * 0.075  # less than the pixels' own variance


def test_the_error_in_the_plane_is_summed_over_pixels(fitted, digits, rng):
    model = fitted("digits", "autoencoder", latent_dim=2)
    plane = study.measure_plane(model, digits, rng)
    assert plane.error == pytest.approx(float(((model.reconstruct(digits.test) - digits.test) ** 2).sum() / len(digits.test)))


def test_the_sheet_lies_as_the_plane_does(plane_finding, shared, digits):
    model = Run.open(PAIR[0].key, shared).load_model(CPU)
    plane = plane_finding.autoencoder
    n, (a, b), half = plane.across, plane.centre, plane.half
    places = {
        (0, 0): (a - half, b + half),
        (0, n - 1): (a + half, b + half),
        (n - 1, 0): (a - half, b - half),
        (n // 2, n // 2): (a, b),
    }
    for (row, column), z in places.items():
        expected = (model.decode(torch.tensor([z]))[0] * 255).round()
        assert float((plane.sheet[row * n + column].float() - expected).abs().max()) <= 1
    assert bool(((plane.codes - torch.tensor([a, b])).abs() <= half).all())


def test_each_samplers_codes_have_its_distribution(shared, plane_finding, digits, rng):
    model = Run.open(PAIR[0].key, shared).load_model(CPU)
    codes = model.encode(digits.train)
    codes_by = {name: samplers.draw(model, name, 4000, digits, rng) for name in samplers.SAMPLERS}
    assert torch.allclose(codes_by["N(0, I)"].T.cov(), torch.eye(2), atol=0.12)
    for name in ("Gaussian on codes", "GMM on codes", "encoded data"):
        assert torch.allclose(codes_by[name].mean(0), codes.mean(0), atol=0.1 * float(codes.std()))
        assert torch.allclose(codes_by[name].T.cov(), codes.T.cov(), rtol=0.15, atol=0.1 * float(codes.var()))
    exact = {"compute_mode": "donot_use_mm_for_euclid_dist"}
    assert float(torch.cdist(codes_by["encoded data"][:200], codes, **exact).amin(1).max()) < 1e-5  # its codes themselves
    assert float(torch.cdist(codes_by["GMM on codes"][:200], codes, **exact).amin(1).max()) > 1e-3


def test_a_vaes_encoded_data_are_draws_of_q(shared, plane_finding, digits, rng):
    model = Run.open(PAIR[1].key, shared).load_model(CPU)
    mu, deviation = samplers.encode(model, digits.train)
    z = samplers.draw(model, "encoded data", 6000, digits, rng)
    expected = mu.var(0) + deviation.square().mean(0)
    assert torch.allclose(z.var(0), expected, rtol=0.1)


def test_the_ratio_is_the_mean_of_the_ratios_of_its_draws(shared, plane_finding, digits):
    model = Run.open(PAIR[0].key, shared).load_model(CPU)
    extract = net.extractor(digits, shared)
    test, train = extract(digits.test), extract(digits.train)
    ratios = []
    for i in range(samplers.DRAWS):
        z = torch.randn(360, 2, generator=device.generator(CPU, i, "score N(0, I)"))
        ratios.append(frechet_ratio(extract(model.decode(z)), test, train))
    ratio = plane_finding.autoencoder.ratios[0]
    assert ratio.mean == pytest.approx(sum(ratios) / len(ratios), rel=1e-4)
    assert ratio.least == pytest.approx(min(ratios), rel=1e-4)
    assert ratio.most == pytest.approx(max(ratios), rel=1e-4)


def test_longer_codes_are_scored_too(shared):
    runs = [RunSpec.make("digits", model, {"steps": 60, "hidden_dim": 16, "latent_dim": 5}) for model in ("autoencoder", "vae")]
    finding = SamplersFinding.read(record(StudySpec.make("code-samplers", runs), shared))
    assert finding.latent_dim == 5
    for ratios in (finding.autoencoder, finding.vae):
        assert [ratio.least <= ratio.mean <= ratio.most for ratio in ratios] == [True] * 4
        assert min(ratio.least for ratio in ratios) > 1  # none is as good as real


@pytest.mark.parametrize(
    ("runs", "settings"),
    [
        (PAIR[::-1], {}),
        ([], {}),
        ([RunSpec.make("moons", model, {"latent_dim": 2}) for model in ("autoencoder", "vae")], {}),
        ([RunSpec.make("digits", model) for model in ("autoencoder", "vae")], {}),
        (PAIR, {"beta": 0.0}),
    ],
)
def test_what_has_no_plane_is_refused_in_one_line(runs, settings):
    with pytest.raises(UserError):
        StudySpec.make("code-plane", runs, settings)


@pytest.mark.slow
def test_a_sampler_fitted_to_the_codes_mends_most_for_both(tmp_path):
    def shorter(specs):
        """The page's runs after a third of their updates."""
        return [RunSpec.make(spec.dataset, spec.model, {**spec.settings.model_dump(), "steps": 800}, spec.seed) for spec in specs]

    store = Store(tmp_path)
    plane = PlaneFinding.read(record(StudySpec.make("code-plane", shorter(study.plane_specs("digits")), {"beta": 1.0}), store))
    longer = SamplersFinding.read(record(StudySpec.make("code-samplers", shorter(study.longer_specs("digits"))), store))
    columns = [plane.autoencoder.ratios, plane.vae.ratios, longer.autoencoder, longer.vae]
    for prior, gaussian, mixture, data in columns:
        assert prior.least > max(gaussian.most, mixture.most)
        # a mixture's codes sample as well as data's, to their scatter
        assert min(gaussian.most, mixture.most) > data.least > 1
    assert columns[0][0].least > columns[1][0].most  # an autoencoder's codes are not distributed as N(0, I)
