"""The adversarial pair: its penalties, its average, its accuracy and its inversion, each against what is known."""

from dataclasses import replace
from functools import cache

import pytest
import torch
from torch import nn

from genmodels import datasets, device
from genmodels.models.base import Encodes, Reconstructs
from genmodels.models.gan import GAN, GANConfig
from genmodels.models.parts.losses import SpectralNorm, discriminator_loss
from genmodels.progress import finish
from genmodels.runs import RunSpec
from tests.oracles import mode_scores

WHERE = device.choose_device()


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


def step_of_a_linear_discriminator(gamma, real, fake, loss="relativistic"):
    """How plain gradient descent of step size 1 changes the weights w of D(x) = w x, and those weights."""
    model = GAN(GANConfig(loss=loss, octaves=0), (2,))
    model.discriminator = nn.Linear(2, 1, bias=False)
    w = torch.tensor([[0.6, -0.8]])
    model.discriminator.weight.data.copy_(w)
    model._discriminator_step(torch.optim.SGD(model.discriminator.parameters(), lr=1.0), real, fake, gamma, seeded())
    return model.discriminator.weight.detach() - w, w


def test_the_penalty_of_a_linear_discriminator_is_gamma_times_its_squared_weight(rng):
    """R1 + R2 = gamma/2 (|w|^2 + |w|^2): its descent is -2 gamma w, and equal pairs leave nothing of the relativistic loss."""
    x = torch.randn(64, 2, generator=rng)
    for gamma in (0.1, 3.0):
        change, w = step_of_a_linear_discriminator(gamma, x, x)
        torch.testing.assert_close(change, -2 * gamma * w, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("loss", ["relativistic", "non-saturating", "minimax", "least squares"])
def test_the_penalty_is_added_to_the_loss_and_not_to_what_is_recorded(loss, rng):
    real, fake = torch.randn(64, 2, generator=rng) + 1, torch.randn(64, 2, generator=rng)
    without, w = step_of_a_linear_discriminator(0.0, real, fake, loss)
    with_penalty, _ = step_of_a_linear_discriminator(0.7, real, fake, loss)
    torch.testing.assert_close(with_penalty - without, -2 * 0.7 * w, atol=1e-5, rtol=1e-5)
    weight = w.clone().requires_grad_(True)
    discriminator_loss(loss, (real @ weight.T)[:, 0], (fake @ weight.T)[:, 0]).backward()
    torch.testing.assert_close(without, -weight.grad, atol=1e-5, rtol=1e-5)


def test_the_wasserstein_penalty_pulls_the_slope_between_real_and_fake_to_one(rng):
    """D(x) = 3 w x, |w| = 1: gamma (3 - 1)^2 has the descent -4 gamma w, and equal pairs leave nothing of the loss."""
    x = torch.randn(64, 2, generator=rng)
    w = torch.tensor([[0.6, -0.8]])
    for gamma in (0.0, 0.1, 3.0):
        model = GAN(GANConfig(loss="wasserstein", octaves=0), (2,))
        model.discriminator = nn.Linear(2, 1, bias=False)
        model.discriminator.weight.data.copy_(3 * w)
        model._discriminator_step(torch.optim.SGD(model.discriminator.parameters(), lr=1.0), x, x, gamma, seeded())
        torch.testing.assert_close(model.discriminator.weight.detach() - 3 * w, -4 * gamma * w, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("loss", "last"), [("relativistic", 0.06), ("hinge", 0.06), ("wasserstein", 3.0)])
def test_the_penalty_decays_but_for_wasserstein_whose_bound_must_hold(loss, last):
    class Told(GAN):
        def _discriminator_step(self, adam, real, fake, gamma, rng):
            output.append(gamma)
            return super()._discriminator_step(adam, real, fake, gamma, rng)

    output = []
    spec = RunSpec.make("moons", "gan", {"steps": 4, "loss": loss, "gamma": 3.0, "gamma_decay": 50.0})
    for _ in Told(spec.settings, spec.source.shape).to(WHERE).fit(datasets.load("moons", WHERE), seeded()):
        pass
    assert output[-1] == pytest.approx(last)
    assert output == sorted(output, reverse=True)


@pytest.mark.parametrize("loss", ["relativistic", "minimax", "hinge", "wasserstein"])
def test_each_network_is_moved_by_its_own_step_alone(loss, rng):
    model = GAN(GANConfig(loss=loss, hidden_dim=16, octaves=0), (2,)).to(WHERE)
    real, fake = torch.randn(8, 2, generator=rng, device=WHERE), torch.randn(8, 2, generator=rng, device=WHERE)

    def moves(step):
        before = {name: p.detach().clone() for name, p in model.named_parameters()}
        step()
        return {name.split(".")[0] for name, p in model.named_parameters() if not torch.equal(p, before[name])}

    adam = torch.optim.SGD(model.parameters(), lr=0.1)
    assert moves(lambda: model._discriminator_step(adam, real, fake, 1.0, rng)) == {"discriminator"}
    assert moves(lambda: model._generator_step(adam, real, rng)) == {"generator"}


def test_only_the_hinge_bounds_its_discriminator_and_keeps_to_the_bound_while_it_learns(fitted):
    model = fitted("moons", "gan", loss="hinge", steps=60)
    layers = [layer for layer in model.discriminator if isinstance(layer, SpectralNorm)]
    assert len(layers) == model.settings.depth + 1
    for layer in layers:
        sigma = (layer.u @ layer.layer.weight).norm().item()
        assert sigma == pytest.approx(torch.linalg.matrix_norm(layer.layer.weight, 2).item(), rel=0.05)
    for loss in ("relativistic", "wasserstein"):
        assert not any(isinstance(layer, SpectralNorm) for layer in GAN(GANConfig(loss=loss), (2,)).modules())


def test_a_bounded_discriminator_saved_and_loaded_judges_the_same_to_the_last_bit_again_and_again(fitted):
    model, x = fitted("moons", "gan", loss="hinge", steps=60), datasets.load("moons", WHERE).test[:50]
    twin = GAN(model.settings, model.shape).to(WHERE)
    twin.load_state_dict(model.state_dict())
    for _ in range(3):
        assert torch.equal(twin.train().judge(x), model.judge(x))


def test_the_penalty_of_a_bent_discriminator_is_the_squared_slope_at_real_and_at_fake(rng):
    """D(x) = a sin(b x) in one dimension: gamma/2 times the mean of (a b cos b x)^2 at both."""

    class Wave(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Parameter(torch.tensor(0.5))

        def forward(self, x):
            return self.a * torch.sin(3 * x)

    real, fake = torch.randn(50, 1, generator=rng), torch.randn(50, 1, generator=rng) * 2
    changes = []
    for gamma in (0.0, 2.0):
        model = GAN(GANConfig(octaves=0), (1,))
        model.discriminator = Wave()
        model._discriminator_step(torch.optim.SGD(model.discriminator.parameters(), lr=1.0), real, fake, gamma, seeded())
        changes.append(model.discriminator.a.item() - 0.5)
    slopes = [(9 * torch.cos(3 * x).square()).mean().item() for x in (real, fake)]  # of the penalty: gamma/2 a^2 (s_r + s_f)
    assert changes[1] - changes[0] == pytest.approx(-2.0 * 0.5 * sum(slopes), rel=1e-4)


def test_the_average_forgets_half_of_the_past_in_its_half_life():
    """average_n = keep^n g_0 + (1 - keep) sum_i keep^(n - i) g_i, with keep^ema = 1/2."""
    spec = RunSpec.make("moons", "gan", {"steps": 12, "ema": 6})
    model = GAN(spec.settings, spec.source.shape).to(WHERE)
    past = [
        [p.detach().double().clone() for p in model.generator.parameters()]
        for _ in model.fit(datasets.load("moons", WHERE), seeded())
    ]
    keep, n = 0.5 ** (1 / 6), len(past) - 1
    weights = [keep**n] + [(1 - keep) * keep ** (n - i) for i in range(1, n + 1)]
    assert sum(weights) == pytest.approx(1)
    assert sum(weights[-6:]) == pytest.approx(1 / 2)
    for index, average in enumerate(model.average.parameters()):
        expected = sum(w * generator[index] for w, generator in zip(weights, past, strict=True))
        torch.testing.assert_close(average.double(), expected, atol=1e-6, rtol=1e-5)
        assert not torch.equal(average, list(model.generator.parameters())[index])


def test_without_an_average_samples_come_from_the_generator_itself():
    spec = RunSpec.make("moons", "gan", {"steps": 3, "ema": 0})
    model = GAN(spec.settings, spec.source.shape).to(WHERE)
    for _ in model.fit(datasets.load("moons", WHERE), seeded()):
        for average, generator in zip(model.average.parameters(), model.generator.parameters(), strict=True):
            assert torch.equal(average, generator)


@pytest.mark.parametrize("dataset", ["moons", "digits"])
def test_the_accuracy_is_a_half_where_real_and_fake_are_of_one_distribution(dataset, fitted):
    model, data, n = fitted(dataset, "gan"), datasets.load(dataset, WHERE), 4000
    fooled = model.evaluate(replace(data, test=model.sample(n, seeded(1))), seeded(2))["accuracy"].item()
    assert fooled == pytest.approx(0.5, abs=4 * 0.5 / n**0.5)


def test_the_accuracy_is_one_for_a_judge_who_knows_and_zero_for_one_who_is_always_wrong(fitted):
    model, data = fitted("moons", "gan", octaves=0), datasets.load("moons", WHERE)
    far = data.test + 100
    twin = GAN(model.settings, model.shape).to(WHERE)
    twin.load_state_dict(model.state_dict())
    twin.discriminator = nn.Linear(2, 1).to(WHERE)
    for direction, expected in ((1.0, 1.0), (-1.0, 0.0)):
        twin.discriminator.weight.data.fill_(direction)
        with torch.no_grad():
            assert twin.evaluate(replace(data, test=far), seeded())["accuracy"].item() == expected


def test_pictures_of_the_generator_are_within_zero_and_one(fitted):
    model = fitted("digits", "gan")
    x = model.decode(1000 * torch.randn(100, model.settings.latent_dim, generator=seeded(), device=WHERE))
    assert 0 <= x.min() < 0.01
    assert 0.99 < x.max() <= 1


@pytest.fixture(scope="module")
def inverted(fitted):
    """`inverted(dataset, steps)`: forty of a barely fitted generator's own samples, their z, and what is found for them."""

    @cache
    def invert(dataset, steps):
        model = fitted(dataset, "gan")
        z = torch.randn(40, model.settings.latent_dim, generator=seeded(1), device=WHERE)
        x = model.decode(z)
        return model, z, x, finish(model.inverting(x, seeded(2), steps=steps))

    return invert


@pytest.mark.parametrize("dataset", ["moons", "digits"])
def test_a_samples_own_noise_is_found_again(dataset, inverted):
    model, z, x, result = inverted(dataset, 200)
    assert result.steps == 200
    assert result.error.mean() < 0.01 * (x - x.mean(0)).flatten(1).square().sum(1).mean()  # of what there is to explain
    if dataset == "digits":  # a plane that is folded has several z to a point
        assert (result.z - z).square().mean() < 0.1 * (z - z.roll(1, 0)).square().mean()
    torch.testing.assert_close(result.x_hat, model.decode(result.z))
    torch.testing.assert_close(result.error, (result.x_hat - x).flatten(1).square().sum(1))


def energy(model, result, prior=0.05):
    return result.error / model.units.scale**2 + prior * result.z.square().sum(1)


@pytest.mark.parametrize("dataset", ["moons", "digits"])
def test_more_steps_are_never_worse_and_the_first_guess_is_better_than_chance(dataset, inverted):
    model, z, x, guess = inverted(dataset, 0)
    chance = (model.decode(z.roll(1, 0)) - x).flatten(1).square().sum(1)
    assert guess.error.mean() < 0.5 * chance.mean()
    few, many = energy(model, inverted(dataset, 20)[-1]), energy(model, inverted(dataset, 200)[-1])
    slack = 1e-4 * (1 + few)
    assert (few <= energy(model, guess) + slack).all()
    assert (many <= few + slack).all()
    assert many.mean() < few.mean() < energy(model, guess).mean()


def test_the_best_noise_of_a_linear_generator_is_ridge_regression(fitted):
    """G(z) = A z + b: argmin |A z + b - x|^2 + prior |z|^2 is (A'A + prior I)^-1 A' (x - b), in standardised units."""
    spec = RunSpec.make("moons", "gan")
    model = GAN(spec.settings, (2,)).to(WHERE)
    model.units.learn(datasets.load("moons", WHERE).train)
    model.average = nn.Linear(2, 2).to(WHERE).requires_grad_(False)
    model.average.weight.copy_(torch.tensor([[1.0, 0.5], [-0.3, 0.8]]))
    model.average.bias.copy_(torch.tensor([0.2, -0.1]))
    x = datasets.load("moons", WHERE).test[:30]
    a, centred = model.average.weight, model.units(x) - model.average.bias
    for prior in (0.01, 0.5):
        expected = torch.linalg.solve(a.T @ a + prior * torch.eye(2, device=WHERE), a.T @ centred.T).T
        result = finish(model.inverting(x, seeded(), steps=200, prior=prior))
        torch.testing.assert_close(result.z, expected, atol=5e-3, rtol=0)


def test_the_prior_keeps_the_noise_of_an_unlikely_example_plausible(fitted):
    """White noise is no digit: without a prior its z is driven far out to fit it a little better."""
    model = fitted("digits", "gan")
    x = torch.rand(30, *model.shape, generator=seeded(), device=WHERE)
    far, near = (finish(model.inverting(x, seeded(), steps=100, prior=prior)) for prior in (0.0, 1.0))
    assert near.z.square().mean() < 0.7 * far.z.square().mean()
    assert near.error.mean() > far.error.mean()


def test_an_inversion_depends_on_its_generator_alone_and_changes_nothing(fitted):
    model, x = fitted("moons", "gan"), datasets.load("moons", WHERE).test[:20]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    slopes = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    torch.manual_seed(1)
    with torch.no_grad():
        first = finish(model.inverting(x, seeded(3), steps=30))
    torch.manual_seed(2)
    again, other = finish(model.inverting(x, seeded(3), steps=30)), finish(model.inverting(x, seeded(4), steps=30))
    assert torch.equal(first.z, again.z)
    assert not torch.equal(first.z, other.z)
    assert not first.z.requires_grad
    assert not first.error.requires_grad
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    for parameter, slope in zip(model.parameters(), slopes, strict=True):
        assert parameter.grad is None if slope is None else torch.equal(parameter.grad, slope)


def test_an_inversion_does_not_depend_on_the_rest_of_the_batch(fitted):
    model, x = fitted("moons", "gan"), datasets.load("moons", WHERE).test[:20]
    whole = finish(model.inverting(x, seeded(3), steps=60))
    part = finish(model.inverting(x[5:9], seeded(3), steps=60))
    torch.testing.assert_close(part.z, whole.z[5:9], rtol=1e-2, atol=1e-2)
    torch.testing.assert_close(part.error, whole.error[5:9], rtol=1e-2, atol=1e-4)


def test_a_network_without_codes_claims_none():
    """An inversion is a search, not a code: what asks for `encode` or `reconstruct` must not find them."""
    assert not issubclass(GAN, Encodes)
    assert not issubclass(GAN, Reconstructs)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0])  # benchmarks/modes.py asks ten
def test_the_preset_finds_all_eight_gaussians(seed):
    spec = RunSpec.make("gaussians-8", "gan", seed=seed)
    model, data = GAN(spec.settings, spec.source.shape).to(WHERE), datasets.load("gaussians-8", WHERE)
    for _ in model.fit(data, device.generator(WHERE, seed, "fit")):
        pass
    with torch.no_grad():
        x = model.sample(2500, seeded(seed))
    captured, high_quality = mode_scores(x.cpu(), data.source.modes, data.source.mode_std)
    assert captured == 8
    assert high_quality > 0.25  # a preset of ten seconds; the benchmark asks for more


def test_the_parameters_of_the_preset_on_digits_are_those_of_two_nets():
    """Generator 8-256-256-64, discriminator 64-256-256-1: the generator's average, another 84,544, is not counted."""
    spec = RunSpec.make("digits", "gan")
    layers = [(8, 256), (256, 256), (256, 64), (64, 256), (256, 256), (256, 1)]
    assert spec.kind(spec.settings, spec.source.shape).parameter_count() == sum((a + 1) * b for a, b in layers) == 167_233
