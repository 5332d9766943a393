"""The lecture's ring: its density is a density and that of its points; every likelihood is what a second way gives."""

import math

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from sklearn.mixture import GaussianMixture

from genmodels import datasets
from genmodels.config import UserError
from genmodels.datasets.toys2d import ring_log_density
from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies import ring
from genmodels.studies.findings import StudySpec
from genmodels.studies.ring import gaussian_log_prob, gaussian_sample, grid, specs, through_mixture, unwarp, warp

CPU = torch.device("cpu")


def density(a, b):
    return float(ring_log_density(torch.tensor([[a, b]], dtype=torch.float64)).exp())


def test_the_density_is_one_in_all_by_quadrature_over_the_plane():
    mass, _ = integrate.dblquad(lambda s, angle: s * density(s * math.cos(angle), s * math.sin(angle)), 0, 2 * math.pi, 1, 2)
    assert mass == pytest.approx(1, abs=1e-6)  # up to a length of 2 lie all but e^-50 of it
    assert density(0.6, 0.7) == 0.0


def test_the_density_is_that_of_a_fine_histogram(rng):
    y = warp(torch.randn(4_000_000, 2, generator=rng, dtype=torch.float64)).numpy()
    side = np.linspace(-1.6, 1.6, 65)
    counts = np.histogram2d(y[:, 0], y[:, 1], [side, side])[0]
    # What a cell should hold: the mean of the density over 16 x 16 points of it, so that the steep rim is no fault.
    fine = (np.arange(64 * 16) + 0.5) / (64 * 16) * 3.2 - 1.6
    points = torch.tensor(np.stack(np.meshgrid(fine, fine, indexing="ij"), -1).reshape(-1, 2))
    expected = ring_log_density(points).exp().numpy().reshape(64, 16, 64, 16).mean((1, 3)) * len(y) * (3.2 / 64) ** 2
    held = expected > 400
    assert held.sum() > 500
    apart = (counts[held] - expected[held]) / np.sqrt(expected[held])
    assert abs(apart.mean()) < 0.2
    assert 0.9 < apart.std() < 1.15  # under the true density counts differ by chance alone
    assert np.hypot(*y.T).min() > 1


def test_the_map_is_undone_and_its_volume_is_that_of_its_derivative(rng):
    x = torch.randn(200, 2, generator=rng, dtype=torch.float64)
    assert torch.allclose(unwarp(warp(x)), x, atol=1e-12)
    x.requires_grad_(True)
    y = warp(x)
    derivative = torch.stack([torch.autograd.grad(y[:, i].sum(), x, retain_graph=True)[0] for i in (0, 1)], 1)  # (200, 2, 2)
    expected = ring.standard_normal_log_prob(x) - torch.linalg.det(derivative).log()
    assert torch.allclose(ring_log_density(y), expected, atol=1e-9)


def test_one_gaussian_is_scipys(rng):
    data = datasets.load("ring", CPU)
    train, test = data.train.double(), data.test.double()
    theirs = stats.multivariate_normal(train.numpy().mean(0), np.cov(train.numpy().T, bias=True))
    np.testing.assert_allclose(gaussian_log_prob(train, test), theirs.logpdf(test.numpy()), rtol=1e-9)
    samples = gaussian_sample(train, 200_000, rng)
    assert torch.allclose(torch.cov(samples.T), torch.cov(train.T), atol=0.01)


def test_the_grid_keeps_off_the_origin_and_runs_in_both_directions():
    lines = grid()
    assert lines.norm(dim=2).min() >= 0.25 - 1e-6
    assert torch.equal(lines[: ring.LINES].flip(2), lines[ring.LINES :])
    assert torch.allclose(lines[: ring.LINES, 0, 0], torch.linspace(-2.75, 2.75, 12))


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("ring"))
    runs = [RunSpec.make(r.dataset, r.model, r.settings.model_dump() | {"steps": 10}) for r in specs(4, "quick")]
    finding = ring.RingFinding.read(record(StudySpec.make("ring", runs, {"codes": 20}), store))
    return finding, [Run.open(run.key, store) for run in runs]


def test_the_scores_are_the_models_own_and_the_truth_beats_them_all(short):
    finding, runs = short
    data = datasets.load("ring", CPU)
    nats = finding.log_likelihoods
    gmm, vae, _ = (run.load_model(CPU) for run in runs)
    em = GaussianMixture(4)
    em.weights_, em.means_, em.covariances_ = gmm.weights.numpy(), gmm.means.numpy(), gmm.covariances.numpy()
    em.precisions_cholesky_ = gmm.precisions_cholesky.numpy()
    assert nats.gmm == pytest.approx(em.score(data.test.double().numpy()), rel=1e-7)
    rng = torch.Generator().manual_seed(1)
    again = float(vae.log_prob_bound(data.test, 20, rng).mean())  # another seed, as many codes
    assert nats.vae == pytest.approx(again, rel=0.02)
    assert nats.gaussian < nats.gmm < nats.true
    assert nats.vae < nats.true
    assert 0 <= nats.shortfall_x() < 0.002  # x is Gaussian


def test_the_recorded_samples_are_the_image_of_z(short):
    finding, runs = short
    for run, net in zip(runs[1:], (finding.vae, finding.gan), strict=True):
        assert len(net.samples) == len(run.status().snapshot_steps)  # all of the training can be replayed
        model = run.load_model(CPU)
        lines = grid()
        assert torch.allclose(net.grid, model.decode(lines.flatten(0, 1)).unflatten(0, lines.shape[:2]))
    gan = runs[2].load_model(CPU)
    assert torch.allclose(finding.gan.samples[-1], gan.decode(finding.z), atol=1e-4)


def test_noise_through_a_mixture_is_distributed_as_the_mixture(short, rng):
    gmm = short[1][0].load_model(CPU)
    x = through_mixture(gmm, torch.randn(200_000, 2, generator=rng), torch.rand(200_000, generator=rng))
    mean = gmm.weights @ gmm.means
    second = torch.einsum("k,kij->ij", gmm.weights, gmm.covariances + gmm.means[:, :, None] * gmm.means[:, None])
    assert torch.allclose(x.double().mean(0), mean, atol=0.01)
    assert torch.allclose(x.double().T @ x.double() / len(x), second, atol=0.01)
    assert float(gmm.log_prob(x).mean()) == pytest.approx(float(gmm.log_prob(gmm.sample(200_000, rng)).mean()), abs=0.01)


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (lambda: specs(3, "quick")[:2], "gmm, vae and gan, in this order"),
        (lambda: specs(3, "quick")[::-1], "gmm, vae and gan, in this order"),
        (lambda: [RunSpec.make("moons", m) for m in ("gmm", "vae", "gan")], "three runs on the ring"),
        (lambda: [*specs(3, "quick")[:2], RunSpec.make("ring", "gan", {"latent_dim": 5})], "latent_dim=2"),
    ],
)
def test_other_runs_are_refused_with_a_line(runs, words):
    with pytest.raises(UserError, match=words):
        StudySpec.make("ring", runs())
