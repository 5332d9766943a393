"""Divergences against closed forms and integrals, of densities that are known and of samples alone."""

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import MultivariateNormal
from torch.distributions import kl_divergence as kl_of_distributions

from genmodels import datasets
from genmodels.config import UserError
from genmodels.metrics import divergence
from genmodels.metrics.divergence import js_divergence, js_divergence_of_samples, kl_divergence

LOG_2 = math.log(2)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


class Gaussian:
    """N(mean, covariance) in the plane, or in more dimensions."""

    def __init__(self, mean: list[float], covariance: list[list[float]]):
        self.of = MultivariateNormal(torch.tensor(mean, dtype=torch.float64), torch.tensor(covariance, dtype=torch.float64))

    def __call__(self, x: Tensor) -> Tensor:
        return self.of.log_prob(x.double())

    def draw(self, n: int, seed: int) -> Tensor:
        z = torch.randn(n, len(self.of.mean), generator=seeded(seed), dtype=torch.float64)
        return self.of.mean + z @ self.of.scale_tril.T


P = Gaussian([0.0, 0.0], [[1.0, 0.0], [0.0, 1.0]])
OTHERS = [
    Gaussian([1.0, -0.5], [[1.0, 0.0], [0.0, 1.0]]),
    Gaussian([0.3, 0.0], [[2.0, 0.7], [0.7, 0.5]]),
    Gaussian([0.0, 0.0], [[0.25, 0.0], [0.0, 0.25]]),  # scale alone
]


def js_by_integral(p, q) -> float:
    """The divergence on a grid of 1,000 x 1,000 cells, cell by cell in the plainest form."""
    axis = -8 + 16 * (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000
    x = torch.cartesian_prod(axis, axis)
    a, b = p(x).exp(), q(x).exp()
    m = (a + b) / 2
    return float((torch.special.xlogy(a, a / m) + torch.special.xlogy(b, b / m)).nan_to_num().sum()) / 2 * 0.016**2


@pytest.mark.parametrize("q", OTHERS)
def test_the_kl_of_two_gaussians_is_the_closed_form(q):
    result = kl_divergence(P, q, P.draw(100_000, 0))
    assert result.nats == pytest.approx(float(kl_of_distributions(P.of, q.of)), abs=4 * result.standard_error)
    assert result.standard_error < 0.02


def test_the_kl_of_a_shift_is_half_its_square():
    result = kl_divergence(OTHERS[0], P, OTHERS[0].draw(100_000, 0))
    assert result.nats == pytest.approx((1 + 0.25) / 2, abs=4 * result.standard_error)


@pytest.mark.parametrize("q", OTHERS)
def test_the_jensen_shannon_divergence_of_two_gaussians_is_the_integral(q):
    result = js_divergence(P, q, P.draw(100_000, 0), q.draw(100_000, 1))
    assert result.nats == pytest.approx(js_by_integral(P, q), abs=4 * result.standard_error)
    assert result.standard_error < 0.002


@pytest.mark.parametrize("q", OTHERS)
@pytest.mark.parametrize("n", [1000, 4000])
def test_samples_alone_give_it_too(q, n):
    result = [js_divergence_of_samples(P, P.draw(n, seed), q.draw(n, 10 + seed)) for seed in range(4)]
    assert sum(f.nats for f in result) / 4 == pytest.approx(js_by_integral(P, q), abs=2 * result[0].standard_error + 0.004)


def test_its_standard_error_is_how_much_it_scatters():
    q = OTHERS[0]
    result = [js_divergence_of_samples(P, P.draw(500, 2 * s), q.draw(500, 2 * s + 1)) for s in range(100)]
    scatter = float(torch.tensor([f.nats for f in result]).std())
    assert result[0].standard_error == pytest.approx(scatter, rel=0.4)


@pytest.mark.parametrize("dim", [1, 2, 3])
def test_the_density_by_neighbours_is_right_on_average_in_any_dimension(dim):
    g = Gaussian([0.0] * dim, torch.eye(dim).tolist())
    x, samples = 0.5 * g.draw(2000, 0), g.draw(20_000, 1)
    error = divergence._log_density_by_neighbours(x, samples, 5) - g(x)
    assert float(error.mean()) == pytest.approx(0, abs=0.02)
    assert float(error.var()) == pytest.approx(float(torch.polygamma(1, torch.tensor(5.0))), rel=0.15)


@pytest.mark.parametrize("name", ["gaussians-8", "grid-25", "ring"])
def test_a_perfect_generator_reads_the_floor(name):
    data = datasets.load(name, torch.device("cpu"))
    assert data.source.log_density is not None
    p, test = data.source.log_density, data.test
    for n, slack in ((2000, 0.02), (4000, 0.012)):
        assert js_divergence_of_samples(p, test[:n], data.train[:n]).nats == pytest.approx(0, abs=slack)
    assert js_divergence(p, p, test, data.train) == divergence.Estimate(0, 0)
    assert kl_divergence(p, p, test) == divergence.Estimate(0, 0)


def test_a_missing_mode_and_wider_modes_of_a_ring_read_what_the_densities_say():
    data = datasets.load("gaussians-8", torch.device("cpu"))
    assert data.source.log_density is not None
    assert data.source.modes is not None
    nearest = torch.cdist(data.train, data.source.modes).argmin(1)
    missing = data.train[nearest != 0][:4000]  # q/p is 8/7 but for one eighth, where it is 0
    expected = (math.log(2 / (1 + 8 / 7)) * 7 / 8 + LOG_2 / 8 + math.log(2 * (8 / 7) / (1 + 8 / 7))) / 2
    assert js_divergence_of_samples(data.source.log_density, data.test, missing).nats == pytest.approx(expected, abs=0.012)
    wider = data.train[:4000] + 0.01 * torch.randn(4000, 2, generator=seeded())  # every mode sqrt 2 as wide
    wide = datasets.toys2d.gaussians_log_density(data.source.modes, 0.01 * math.sqrt(2))
    exact = js_divergence(data.source.log_density, wide, data.test, wider)
    result = js_divergence_of_samples(data.source.log_density, data.test, wider)
    assert result.nats == pytest.approx(exact.nats, abs=0.015)
    assert exact.nats > 0.04


def test_noise_and_a_collapsed_generator_read_log_2_where_they_never_meet_the_data():
    data = datasets.load("ring", torch.device("cpu"))
    assert data.source.log_density is not None
    noise = 50 + torch.randn(4000, 2, generator=seeded())
    for fake in (noise, data.train[:1].expand(4000, -1), torch.zeros(4000, 2)):  # at the centre the density is zero
        assert js_divergence_of_samples(data.source.log_density, data.test, fake).nats == pytest.approx(LOG_2, abs=0.01)
    assert kl_divergence(P, lambda x: torch.full((len(x),), -math.inf), P.draw(10, 0)).nats == math.inf


def test_order_and_blocks_change_nothing(monkeypatch):
    x, y = P.draw(300, 0), OTHERS[1].draw(200, 1)
    whole = js_divergence_of_samples(P, x, y).nats
    monkeypatch.setattr(divergence, "BLOCK", 1000)
    assert js_divergence_of_samples(P, x.flip(0), y.flip(0)).nats == pytest.approx(whole, abs=1e-12)
    assert js_divergence_of_samples(P, x.float(), y.float()).nats == pytest.approx(whole, abs=1e-4)


@pytest.mark.parametrize(
    ("fake", "why"),
    [
        (torch.zeros(5, 2), "at least 6 examples of each kind, fake has 5"),
        (torch.full((9, 2), math.nan), "NaN"),
        (torch.zeros(9, 3), "one F for all"),
    ],
)
def test_what_cannot_be_compared_is_one_line(fake, why):
    with pytest.raises(UserError, match=why) as error:
        js_divergence_of_samples(P, P.draw(20, 0), fake)
    assert "\n" not in str(error.value)


def test_one_example_or_a_density_that_is_no_number_is_one_line():
    with pytest.raises(UserError, match="2 or more examples"):
        kl_divergence(P, P, P.draw(1, 0))
    with pytest.raises(UserError, match="leave that model out"):
        js_divergence(P, lambda x: x[:, 0] * math.nan, P.draw(9, 0), P.draw(9, 1))
