"""The adversarial losses, and what keeps a discriminator smooth, against their textbook formulas, by hand and in closed form."""

import math
from typing import get_args

import pytest
import torch
from torch import nn

from genmodels import device
from genmodels.models.parts import nets
from genmodels.models.parts.losses import (
    Loss,
    SpectralNorm,
    between,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
    slopes,
    spectrally_normalised,
)

WHERE = device.choose_device()
KINDS = get_args(Loss)
REAL, FAKE = torch.tensor([2.0, -1.0, 0.3]), torch.tensor([0.5, 0.0, -3.0])
D_REAL, D_FAKE = ([1 / (1 + math.exp(-logit)) for logit in logits.tolist()] for logits in (REAL, FAKE))


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


def test_least_squares_are_half_the_squared_distances_to_one_for_real_and_zero_for_fake():
    assert discriminator_loss("least squares", REAL, FAKE).item() == pytest.approx((1 + 4 + 0.49) / 6 + (0.25 + 0 + 9) / 6)
    assert generator_loss("least squares", REAL, FAKE).item() == pytest.approx((0.25 + 1 + 16) / 6)


def test_the_hinge_counts_what_lies_on_the_wrong_side_of_its_margins():
    assert discriminator_loss("hinge", REAL, FAKE).item() == pytest.approx((0 + 2 + 0.7) / 3 + (1.5 + 1 + 0) / 3)
    assert generator_loss("hinge", REAL, FAKE).item() == pytest.approx(2.5 / 3)


def test_the_wasserstein_losses_are_differences_of_means():
    assert discriminator_loss("wasserstein", REAL, FAKE).item() == pytest.approx(-2.5 / 3 - 1.3 / 3)
    assert generator_loss("wasserstein", REAL, FAKE).item() == pytest.approx(2.5 / 3)


@pytest.mark.parametrize(("kind", "sign"), [("minimax", -1), ("non-saturating", 1), ("relativistic", 1)])
def test_a_fooled_discriminator_gives_the_games_known_values(kind, sign):
    zeros = torch.zeros(5)
    assert generator_loss(kind, zeros, zeros).item() == pytest.approx(sign * math.log(2))
    assert discriminator_loss(kind, zeros, zeros).item() == pytest.approx(math.log(2) * (1 if kind == "relativistic" else 2))


@pytest.mark.parametrize("kind", KINDS)
def test_the_discriminator_wants_real_above_fake(kind):
    real, fake = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)
    discriminator_loss(kind, real, fake).backward()
    assert real.grad.item() < 0 <= fake.grad.item()
    assert fake.grad.item() > 0 or kind == "least squares"  # to which 0 is where a fake belongs


@pytest.mark.parametrize("kind", KINDS)
def test_the_generator_wants_larger_logits_and_only_minimax_saturates(kind):
    losing = torch.full((1,), -8.0, requires_grad=True)
    generator_loss(kind, torch.zeros(1), losing).backward()
    pull = {"minimax": math.exp(-8), "least squares": 9}.get(kind, 1)
    assert losing.grad.item() == pytest.approx(-pull, rel=1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_logits_of_a_thousand_overflow_nothing(kind):
    for real, fake in ((1000.0, -1000.0), (-1000.0, 1000.0)):
        for loss in (discriminator_loss, generator_loss):
            assert torch.isfinite(loss(kind, torch.tensor([real]), torch.tensor([fake])))


def test_slopes_are_each_examples_own_gradient(rng):
    """D(x) = x'A x / 2 + b'x has slope A x + b, and the sum of its squares has gradient 2 A (A x + b)."""
    a, b = torch.tensor([[2.0, 0.5], [0.5, -1.0]], device=WHERE), torch.tensor([0.3, -0.7], device=WHERE)
    x = torch.randn(9, 2, generator=rng, device=WHERE).requires_grad_(True)
    slope = slopes((x @ a * x).sum(1) / 2 + x @ b, x)
    torch.testing.assert_close(slope, x @ a + b)
    slope.square().sum().backward()
    torch.testing.assert_close(x.grad, 2 * (x @ a + b) @ a)


def test_the_gradient_penalty_of_a_linear_discriminator_is_its_slope_less_one_squared(rng):
    """D(x) = w x with |w| = 3: (3 - 1)^2 wherever x is, of gradient 2 (3 - 1) w / |w| in w; a unit slope costs nothing."""
    x = torch.randn(7, 3, generator=rng, device=WHERE).requires_grad_(True)
    w = torch.tensor([1.0, -2.0, 2.0], device=WHERE, requires_grad=True)
    penalty = gradient_penalty(x @ w, x)
    assert penalty.item() == pytest.approx(4)
    (pull,) = torch.autograd.grad(penalty, w)
    torch.testing.assert_close(pull, 4 * w / 3)
    assert gradient_penalty(x @ w / 3, x).item() == pytest.approx(0, abs=1e-9)


def test_the_gradient_penalty_is_the_mean_over_examples_not_the_penalty_of_the_mean(rng):
    x = torch.tensor([[0.5], [1.5], [-2.0]], device=WHERE, requires_grad=True)
    assert gradient_penalty(x[:, 0].square(), x).item() == pytest.approx(((1 - 1) ** 2 + (3 - 1) ** 2 + (4 - 1) ** 2) / 3)


def test_a_flat_discriminators_gradient_penalty_is_one_and_breaks_nothing():
    x = torch.zeros(4, 2, device=WHERE, requires_grad=True)
    w = torch.zeros(2, device=WHERE, requires_grad=True)
    penalty = gradient_penalty(x @ w, x)
    penalty.backward()
    assert penalty.item() == 1
    assert torch.isfinite(w.grad).all()


def test_points_between_lie_evenly_on_the_lines_of_the_pairs(rng):
    real, fake = torch.randn(4000, 2, generator=rng, device=WHERE) + 3, torch.randn(4000, 2, generator=rng, device=WHERE)
    x = between(real, fake, rng)
    assert x.requires_grad
    share = (x.detach() - fake) / (real - fake)  # the same in both dimensions
    torch.testing.assert_close(share[:, 0], share[:, 1], rtol=1e-3, atol=1e-3)
    assert 0 <= share.min() < 0.01
    assert 0.99 < share.max() <= 1
    assert share[:, 0].mean().item() == pytest.approx(0.5, abs=4 * (1 / 12 / 4000) ** 0.5)


def normalised(layer, rng, rounds=300):
    layer = layer.to(WHERE)
    nets.initialise(layer, rng)
    nn.init.uniform_(layer.bias, -1, 1, generator=rng)
    bounded = SpectralNorm(layer).to(WHERE)
    bounded.start(rng)
    for _ in range(rounds):
        bounded.iterate()
    return bounded


def test_a_spectrally_normalised_matrix_has_a_largest_singular_value_of_one(rng):
    bounded = normalised(nn.Linear(6, 9), rng)
    x = torch.randn(5, 6, generator=rng, device=WHERE)
    weight, bias = bounded.layer.weight.detach(), bounded.layer.bias.detach()
    expected = x @ weight.T / torch.linalg.svdvals(weight)[0] + bias
    torch.testing.assert_close(bounded(x), expected)


def test_a_spectrally_normalised_convolution_is_divided_by_the_singular_value_of_its_kernel_as_a_matrix(rng):
    bounded = normalised(nn.Conv2d(3, 5, 4, stride=2, padding=1), rng)
    x = torch.randn(2, 3, 8, 8, generator=rng, device=WHERE)
    sigma = torch.linalg.matrix_norm(bounded.layer.weight.detach().flatten(1), 2)
    bias = bounded.layer.bias.detach()[:, None, None]
    torch.testing.assert_close(bounded(x), (bounded.layer(x) - bias) / sigma + bias)


def test_the_gradient_goes_through_sigma_as_in_torchs_own_spectral_norm(rng):
    bounded = normalised(nn.Linear(4, 3), rng)
    twin = nn.Linear(4, 3).to(WHERE)
    twin.load_state_dict(bounded.layer.state_dict())
    torch.nn.utils.parametrizations.spectral_norm(twin, n_power_iterations=300)
    x = torch.randn(8, 4, generator=rng, device=WHERE)
    for layer in (bounded, twin):
        layer(x).square().sum().backward()
    torch.testing.assert_close(bounded.layer.weight.grad, twin.parametrizations.weight.original.grad, rtol=1e-4, atol=1e-5)


def test_scaling_a_weight_leaves_a_spectrally_normalised_layer_as_it_was(rng):
    bounded = normalised(nn.Linear(6, 9), rng)
    x = torch.randn(5, 6, generator=rng, device=WHERE)
    before = bounded(x)
    with torch.no_grad():
        bounded.layer.weight.mul_(10)
    torch.testing.assert_close(bounded(x), before)


def test_one_iteration_a_step_follows_a_weight_that_moves_slowly(rng):
    bounded = normalised(nn.Linear(12, 12), rng, rounds=0)
    for _ in range(200):
        with torch.no_grad():
            bounded.layer.weight.add_(torch.randn(12, 12, generator=rng, device=WHERE), alpha=0.002)
        bounded.iterate()
    sigma = (bounded.u @ bounded.layer.weight).norm().item()
    assert sigma == pytest.approx(torch.linalg.matrix_norm(bounded.layer.weight.detach(), 2).item(), rel=0.01)


def test_the_power_iteration_starts_from_the_generator_alone(rng):
    """torch's own draws from global chance; a forward pass here changes nothing, so judging is repeatable."""
    net = spectrally_normalised(nets.mlp([4, 8, 1], nn.SiLU)).to(WHERE)
    nets.initialise(net, rng)

    def started(seed):
        for layer in net.modules():
            if isinstance(layer, SpectralNorm):
                layer.start(device.generator(WHERE, seed, "tests"))
        return [buffer.clone() for buffer in net.buffers()]

    torch.manual_seed(1)
    first = started(0)
    torch.manual_seed(2)
    assert all(torch.equal(a, b) for a, b in zip(first, started(0), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, started(1), strict=True))
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    net.train()(torch.ones(3, 4, device=WHERE))
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


@pytest.mark.parametrize(("body", "shape"), [("mlp", (5,)), ("conv", (1, 8, 8))])
def test_a_spectrally_normalised_network_is_steep_nowhere(body, shape, rng):
    """Two SiLUs of slope up to 1.1 between layers of slope 1; a convolution whose kernels overlap twice each way has up to 2."""
    net = spectrally_normalised(nets.encoder(body, shape, 64, 2, 1)).to(WHERE)
    nets.initialise(net, rng)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(50)
    for layer in net.modules():
        if isinstance(layer, SpectralNorm):
            layer.start(rng)
    x = torch.randn(200, math.prod(shape), generator=rng, device=WHERE).requires_grad_(True)
    steepest = slopes(net(x).squeeze(1), x).norm(dim=1).max().item()
    assert 0 < steepest < (1.1**2 if body == "mlp" else 4 * 1.1**2) * 1.05
