"""The adversarial pair against its textbook formulas."""

import math
from dataclasses import replace

import pytest
import torch
from oracles import mode_scores
from torch import nn

from genmodels import datasets, device
from genmodels.models.gan import GAN, GANConfig, discriminator_loss, generator_loss
from genmodels.runs import RunSpec

WHERE = device.choose_device()
REAL, FAKE = torch.tensor([2.0, -1.0, 0.3]), torch.tensor([0.5, 0.0, -3.0])
D_REAL, D_FAKE = ([1 / (1 + math.exp(-logit)) for logit in logits.tolist()] for logits in (REAL, FAKE))


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


def mean(values):
    return sum(values) / len(values)


@pytest.mark.parametrize("kind", ["minimax", "non-saturating"])
def test_the_discriminator_maximises_log_d_of_real_and_log_one_minus_d_of_fake(kind):
    expected = -mean([math.log(d) for d in D_REAL]) - mean([math.log(1 - d) for d in D_FAKE])
    assert discriminator_loss(kind, REAL, FAKE).item() == pytest.approx(expected, rel=1e-5)


def test_the_minimax_generator_minimises_log_one_minus_d_of_fake():
    assert generator_loss("minimax", REAL, FAKE).item() == pytest.approx(mean([math.log(1 - d) for d in D_FAKE]), rel=1e-5)


def test_the_non_saturating_generator_maximises_log_d_of_fake():
    assert generator_loss("non-saturating", REAL, FAKE).item() == pytest.approx(-mean([math.log(d) for d in D_FAKE]), rel=1e-5)


def test_the_relativistic_losses_are_of_the_pairs_difference_and_each_others_swap():
    def sigmoid(t):
        return 1 / (1 + math.exp(-t))

    gaps = [r - f for r, f in zip(REAL.tolist(), FAKE.tolist(), strict=True)]
    assert discriminator_loss("relativistic", REAL, FAKE).item() == pytest.approx(-mean([math.log(sigmoid(g)) for g in gaps]))
    assert generator_loss("relativistic", REAL, FAKE).item() == pytest.approx(-mean([math.log(sigmoid(-g)) for g in gaps]))


@pytest.mark.parametrize(("kind", "sign"), [("minimax", -1), ("non-saturating", 1), ("relativistic", 1)])
def test_a_fooled_discriminator_gives_the_games_known_values(kind, sign):
    zeros = torch.zeros(5)
    assert generator_loss(kind, zeros, zeros).item() == pytest.approx(sign * math.log(2))
    assert discriminator_loss(kind, zeros, zeros).item() == pytest.approx(math.log(2) * (1 if kind == "relativistic" else 2))


@pytest.mark.parametrize("kind", ["minimax", "non-saturating", "relativistic"])
def test_the_generator_wants_larger_logits_and_only_minimax_saturates(kind):
    losing = torch.full((1,), -8.0, requires_grad=True)
    generator_loss(kind, torch.zeros(1), losing).backward()
    assert losing.grad.item() < 0
    assert abs(losing.grad.item()) == pytest.approx(math.exp(-8) if kind == "minimax" else 1, rel=1e-2)


@pytest.mark.parametrize("kind", ["minimax", "non-saturating", "relativistic"])
def test_logits_of_a_thousand_overflow_nothing(kind):
    for real, fake in ((1000.0, -1000.0), (-1000.0, 1000.0)):
        for loss in (discriminator_loss, generator_loss):
            assert torch.isfinite(loss(kind, torch.tensor([real]), torch.tensor([fake])))


def step_of_a_linear_discriminator(gamma, real, fake, loss="relativistic"):
    """How plain gradient descent of step size 1 changes the weights w of D(x) = w x, and those weights."""
    model = GAN(GANConfig(loss=loss, octaves=0), (2,))
    model.discriminator = nn.Linear(2, 1, bias=False)
    w = torch.tensor([[0.6, -0.8]])
    model.discriminator.weight.data.copy_(w)
    model._discriminator_step(torch.optim.SGD(model.discriminator.parameters(), lr=1.0), real, fake, gamma)
    return model.discriminator.weight.detach() - w, w


def test_the_penalty_of_a_linear_discriminator_is_gamma_times_its_squared_weight(rng):
    """R1 + R2 = gamma/2 (|w|^2 + |w|^2): its descent is -2 gamma w, and equal pairs leave nothing of the relativistic loss."""
    x = torch.randn(64, 2, generator=rng)
    for gamma in (0.1, 3.0):
        change, w = step_of_a_linear_discriminator(gamma, x, x)
        torch.testing.assert_close(change, -2 * gamma * w, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("loss", ["relativistic", "non-saturating", "minimax"])
def test_the_penalty_is_added_to_the_loss_and_not_to_what_is_recorded(loss, rng):
    real, fake = torch.randn(64, 2, generator=rng) + 1, torch.randn(64, 2, generator=rng)
    without, w = step_of_a_linear_discriminator(0.0, real, fake, loss)
    with_penalty, _ = step_of_a_linear_discriminator(0.7, real, fake, loss)
    torch.testing.assert_close(with_penalty - without, -2 * 0.7 * w, atol=1e-5, rtol=1e-5)
    weight = w.clone().requires_grad_(True)
    discriminator_loss(loss, (real @ weight.T)[:, 0], (fake @ weight.T)[:, 0]).backward()
    torch.testing.assert_close(without, -weight.grad, atol=1e-5, rtol=1e-5)


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
        model._discriminator_step(torch.optim.SGD(model.discriminator.parameters(), lr=1.0), real, fake, gamma)
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


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
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
