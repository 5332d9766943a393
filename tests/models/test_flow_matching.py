"""Flow matching against Gaussians and mixtures, whose fields, ways and errors are known in closed form."""

import math

import pytest
import torch
from torch import nn

from genmodels import datasets, device
from genmodels.models.flow_matching import FlowMatching, FlowMatchingConfig
from genmodels.runs import RunSpec
from tests.oracles import mode_scores

WHERE = device.choose_device()


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


def begun(data, **settings):
    """A model that has seen the data's mean and covariance, and learnt nothing beyond."""
    model = FlowMatching(FlowMatchingConfig(hidden_dim=8, **settings), data.source.shape).to(WHERE)
    next(model.fit(data, seeded()))
    return model.eval().requires_grad_(False)


def fit(dataset, **settings):
    spec = RunSpec.make(dataset, "flow-matching", settings)
    model = FlowMatching(spec.settings, spec.source.shape).to(WHERE)
    for _ in model.fit(datasets.load(dataset, WHERE), seeded()):
        pass
    return model.eval().requires_grad_(False)


@pytest.mark.parametrize("t", [0.0, 0.3, 0.8, 1.0])
def test_it_begins_with_the_best_field_of_gaussian_data(t, linear_gaussian, rng):
    """E[x_1 - x_0 | x_t] = (t S - (1 - t) I) (t^2 S + (1 - t)^2 I)^-1 x_t, with one dense covariance S."""
    model = begun(linear_gaussian)
    units = model.frame.units(linear_gaussian.train).double()
    covariance, eye = torch.cov(units.T), torch.eye(5, dtype=torch.float64)
    x = torch.randn(20, 5, generator=rng)
    expected = x.double() @ torch.linalg.solve(t**2 * covariance + (1 - t) ** 2 * eye, t * covariance - (1 - t) * eye)
    result = model._velocity(model.field, x @ model.frame.axes, torch.full((20, 1), t)) @ model.frame.axes.T
    torch.testing.assert_close(result.double(), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("ode_steps", [2, 50])
def test_gaussian_data_are_sampled_and_encoded_exactly_in_any_number_of_steps(ode_steps, linear_gaussian):
    model = begun(linear_gaussian, ode_steps=ode_steps)
    train = linear_gaussian.train.double()
    z = model.encode(linear_gaussian.train).double()
    torch.testing.assert_close(torch.cov(z.T), torch.eye(5, dtype=torch.float64), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(z.mean(0), torch.zeros(5, dtype=torch.float64), rtol=0, atol=1e-4)
    x = model.decode(z.float()).double()
    torch.testing.assert_close(x, train, rtol=1e-4, atol=1e-4)
    draws = model.sample(20_000, seeded()).double()
    torch.testing.assert_close(torch.cov(draws.T), torch.cov(train.T), rtol=0.05, atol=0.05)


@pytest.mark.parametrize("times", ["uniform", "logit-normal"])
def test_its_first_error_is_the_variance_that_no_linear_field_explains(times, linear_gaussian):
    """Var(x_1 - x_0 | x_t) = w^2 / s(t)^2 along each axis; its mean over the times by the midpoint rule."""
    model = begun(linear_gaussian, times=times)
    u = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 20_000
    t = (u if times == "uniform" else torch.special.ndtri(u).sigmoid())[:, None]
    variances = torch.linalg.eigvalsh(torch.cov(model.frame.units(linear_gaussian.train).double().T))
    expected = (variances / (t**2 * variances + (1 - t) ** 2)).mean().item()
    x = model.frame(linear_gaussian.train)
    result = [model._velocity_error(model.field, x, seeded(i)).item() for i in range(30)]
    assert sum(result) / 30 == pytest.approx(expected, rel=0.01)


class Spin(nn.Module):
    """dy/dtheta = rate y, which y = exp(rate theta) y_0 solves."""

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x, t):
        return self.rate * x


def test_the_solvers_error_falls_with_the_square_of_its_step(linear_gaussian):
    """The angle from noise to data is a quarter of a circle along every axis, wide or narrow."""
    z = torch.randn(200, 5, generator=seeded(), device=WHERE)
    errors = []
    for ode_steps in (10, 20, 40):
        model = begun(linear_gaussian, ode_steps=ode_steps)
        model.frame.width.fill_(1.0)
        model.average = Spin(0.7)
        x = model.frame(model.decode(z))
        errors.append((x - math.exp(0.7 * math.pi / 2) * z).abs().max().item())
        back = model.encode(model.decode(z))
        assert (back - z).abs().max() < 3 * errors[-1]
    assert errors[0] < 0.1
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.25)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.25)


class Clock(nn.Module):
    """dy/dtheta = t along every axis."""

    def forward(self, x, t):
        return t.expand_as(x)


@pytest.mark.parametrize("ode_steps", [3, 20])
def test_a_turn_that_is_linear_in_time_is_followed_as_by_the_midpoint_rule_though_its_steps_differ(ode_steps, linear_gaussian):
    """Two turns on a line give every other on it: Adams and Bashforth's step is then that of the turn half way."""
    model = begun(linear_gaussian, ode_steps=ode_steps)
    model.average = Clock()
    z, knots = torch.zeros(1, 5, device=WHERE), model._knots()
    turns = torch.stack([model.frame.angle(t) for t in knots]).diff(dim=0) * ((knots[1:] + knots[:-1]) / 2)[:, None]
    torch.testing.assert_close(model.frame(model.decode(z))[0], turns.sum(0) * model.frame.spread(knots[-1]), rtol=1e-4, atol=1e-5)


def test_the_solver_follows_the_velocity_that_is_trained(linear_gaussian):
    """dx/dt = v(x, t) of an arbitrary net, by Runge and Kutta's fourth order in t, from noise to data."""
    model = begun(linear_gaussian, ode_steps=200)
    model.average.leave.weight.copy_(torch.randn(5, 8, generator=seeded(), device=WHERE) / 2)
    z = torch.randn(50, 5, generator=seeded(1), device=WHERE)

    def velocity(x, t):
        return model._velocity(model.average, x, torch.full((50, 1), t, device=WHERE))

    x, h = z, 1 / 500
    for i in range(500):
        a = velocity(x, i * h)
        b = velocity(x + h / 2 * a, (i + 0.5) * h)
        c = velocity(x + h / 2 * b, (i + 0.5) * h)
        x = x + h / 6 * (a + 2 * b + 2 * c + velocity(x + h * c, (i + 1) * h))
    result = model.frame(model.decode(z))
    assert (x - z).abs().max() > 1
    torch.testing.assert_close(result, x, rtol=0, atol=3e-3)


class MixtureField(nn.Module):
    """The best net for a mixture of equal round Gaussians along the frame's axes: E[x_1 | x_t] by Bayes' rule."""

    def __init__(self, frame, centres, std):
        super().__init__()
        self.frame, self.centres, self.std = frame, centres, std

    def forward(self, seen, t):
        width, s = self.frame.width, self.frame.spread(t)
        x = seen / width * s  # (B, D), x_t
        variance = (t * self.std) ** 2 + (1 - t) ** 2  # (B, 1), of x_t given the mode
        off = x[:, None] - t[:, None] * self.centres  # (B, K, D)
        share = torch.softmax(-off.square().sum(2) / (2 * variance), 1)  # (B, K)
        given = self.centres + off * (t * self.std**2 / variance)[:, :, None]  # E[x_1 | x_t, mode]
        expected = (share[:, :, None] * given).sum(1)
        gaussian = x * t * width**2 / s**2
        return (expected - gaussian) / (1 - t).clamp(min=1e-4) * s / width


def test_with_the_exact_field_of_a_mixture_its_samples_are_of_the_mixture():
    data = datasets.load("gaussians-8", WHERE)
    model = begun(data, ode_steps=200)
    centres, scale = model.frame(data.source.modes.to(WHERE)), model.frame.units.scale
    model.average = MixtureField(model.frame, centres, data.source.mode_std / scale)
    x = model.sample(4000, seeded()).cpu()
    captured, high_quality = mode_scores(x, data.source.modes, data.source.mode_std)
    assert captured == 8
    assert high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.012)
    distance = torch.cdist(x, data.source.modes).min(1).values
    assert (distance.square().mean() / 2).sqrt().item() == pytest.approx(0.01, rel=0.1)


def test_training_finds_the_exact_field_of_a_mixture():
    """What is left of its error is nearer to the best possible than to the Gaussian's that it began from."""
    data = datasets.load("gaussians-8", WHERE)
    model = fit("gaussians-8", steps=600)
    exact = MixtureField(model.frame, model.frame(data.source.modes.to(WHERE)), data.source.mode_std / model.frame.units.scale)
    x = model.frame(data.test)
    best, result = (model._velocity_error(field, x, seeded()).item() for field in (exact, model.average))
    gaussian = math.pi / 2  # the integral of 1 / (t^2 + (1 - t)^2)
    assert best < result < best + 0.1 * (gaussian - best)


@pytest.mark.parametrize(("times", "quantiles"), [("uniform", [0.1, 0.5, 0.9]), ("logit-normal", [0.2173, 0.5, 0.7827])])
def test_times_are_spread_evenly_over_their_distribution(times, quantiles, linear_gaussian):
    """The tenth, the half and nine tenths: of logit-normal times sigmoid(-1.2816), sigmoid(0), sigmoid(1.2816)."""
    model = begun(linear_gaussian, times=times)
    for seed in range(5):
        t = model._draw_times(1000, seeded(seed)).cpu()
        assert 0 <= t.min() <= t.max() <= 1
        assert torch.quantile(t, torch.tensor([0.1, 0.5, 0.9])).tolist() == pytest.approx(quantiles, abs=0.003)
    assert not torch.equal(model._draw_times(8, seeded(0)), model._draw_times(8, seeded(1)))


def test_an_example_comes_back_the_nearer_the_more_steps_the_solver_takes():
    data, errors = datasets.load("digits", WHERE), []
    for ode_steps in (5, 20, 80):
        model = fit("digits", steps=150, ode_steps=ode_steps)
        errors.append((model.reconstruct(data.test) - data.test).square().mean().sqrt().item())
    assert errors[0] > 3 * errors[1] > 9 * errors[2]
    assert errors[1] < 0.01


def test_the_average_forgets_by_its_half_life_and_at_first_by_a_tenth_of_the_steps_done():
    spec = RunSpec.make("moons", "flow-matching", {"steps": 12, "ema": 6})
    model = FlowMatching(spec.settings, spec.source.shape).to(WHERE)
    expected = None
    for step in model.fit(datasets.load("moons", WHERE), seeded()):
        now = [p.detach().double().clone() for p in model.field.parameters()]
        keep = 0.5 ** (1 / 6 + 10 / step.index) if step.index else 0.0
        expected = now if expected is None else [keep * e + (1 - keep) * n for e, n in zip(expected, now, strict=True)]
        for average, one in zip(model.average.parameters(), expected, strict=True):
            torch.testing.assert_close(average.double(), one, atol=1e-6, rtol=1e-5)
    assert not all(torch.equal(a, f) for a, f in zip(model.average.parameters(), model.field.parameters(), strict=True))


def test_the_average_is_not_counted_twice(fitted):
    model = fitted("digits", "flow-matching")
    assert model.parameter_count() == sum(p.numel() for p in model.average.parameters())


@pytest.mark.slow
def test_the_preset_finds_all_twenty_five_gaussians():
    data, model = datasets.load("grid-25", WHERE), fit("grid-25")
    captured, high_quality = mode_scores(model.sample(2500, seeded()).cpu(), data.source.modes, data.source.mode_std)
    assert captured == 25
    assert high_quality > 0.85
