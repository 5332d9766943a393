import math

import pytest
import torch
from torch import nn

from genmodels.config import UserError
from genmodels.models.parts import nets
from genmodels.runs import RunSpec


def test_an_epoch_meets_every_example_once_in_an_order_of_its_own(rng):
    x = torch.arange(12.0)[:, None]
    draws = nets.batches(x, 4, rng)
    epochs = [torch.cat([next(draws) for _ in range(3)]).flatten().tolist() for _ in range(3)]
    assert [sorted(epoch) for epoch in epochs] == [list(range(12))] * 3
    assert epochs[0] != epochs[1] != epochs[2]


def test_an_odd_rest_is_dropped_and_met_in_another_epoch(rng):
    x = torch.arange(10.0)[:, None]
    draws = nets.batches(x, 4, rng)
    sizes = {len(next(draws)) for _ in range(100)}
    seen = {int(value) for _ in range(100) for value in next(draws)}
    assert sizes == {4}
    assert seen == set(range(10))


def test_a_batch_is_never_larger_than_the_dataset(rng):
    assert sorted(next(nets.batches(torch.arange(3.0), 100, rng)).tolist()) == [0, 1, 2]


def test_an_mlp_without_hidden_layers_is_linear():
    net = nets.mlp([3, 2], nn.SiLU)
    assert [type(layer) for layer in net] == [nn.Linear]
    deep = nets.mlp([3, 5, 4, 2], nn.SiLU)
    assert [type(layer) for layer in deep] == [nn.Linear, nn.SiLU, nn.Linear, nn.SiLU, nn.Linear]
    assert [(layer.in_features, layer.out_features) for layer in deep[::2]] == [(3, 5), (5, 4), (4, 2)]


def test_initial_weights_have_variance_two_over_inputs_and_come_from_the_generator_alone(rng):
    net = nets.mlp([200, 300, 100], nn.SiLU)
    state = rng.get_state()
    nets.initialise(net, rng)
    for layer in net[::2]:
        assert layer.weight.var().item() == pytest.approx(2 / layer.in_features, rel=0.03)
        assert (layer.bias == 0).all()
    first = net[0].weight.clone()
    torch.manual_seed(1)
    nets.initialise(net, rng.set_state(state))
    assert torch.equal(net[0].weight, first)


def test_standardised_data_have_mean_zero_and_one_variance_for_all_dimensions_together(rng):
    x = torch.randn(500, 2, generator=rng) * torch.tensor([3.0, 4.0]) + torch.tensor([10.0, -5.0])
    units = nets.Standardise(2)
    units.learn(x)
    z = units(x)
    torch.testing.assert_close(z.mean(0), torch.zeros(2), atol=1e-5, rtol=0)
    assert z.square().mean().item() == pytest.approx(1, rel=1e-5)
    assert (z[:, 1].std() / z[:, 0].std()).item() == pytest.approx((x[:, 1].std() / x[:, 0].std()).item(), rel=1e-5)
    torch.testing.assert_close(units.inverse(z), x)
    torch.testing.assert_close(units.inverse(torch.zeros(1, 2))[0], x.mean(0))


def test_the_step_size_falls_from_its_start_to_zero_along_half_a_cosine():
    weight = nn.Parameter(torch.zeros(1))
    optimiser, schedule = nets.adam_with_cosine([weight], 0.1, 4)
    sizes = []
    for _ in range(4):
        weight.grad = torch.ones(1)
        before = weight.item()
        optimiser.step()
        schedule.step()
        sizes.append(before - weight.item())  # Adam's step under a constant gradient is the step size itself
    assert sizes == pytest.approx([0.1, 0.1 * (2 + 2**0.5) / 4, 0.05, 0.1 * (2 - 2**0.5) / 4], rel=1e-4)


def test_adams_momentum_is_the_one_that_was_asked_for():
    """After a gradient of 1 a gradient of -1: without momentum the step turns round at once, with the usual .9 it does not yet."""
    turned = []
    for betas in ((0.0, 0.99), (0.9, 0.99)):
        weight = nn.Parameter(torch.zeros(1))
        optimiser, _ = nets.adam_with_cosine([weight], 0.1, 1000, betas)
        for gradient in (1.0, -1.0):
            weight.grad = torch.full((1,), gradient)
            before = weight.item()
            optimiser.step()
        turned.append(weight.item() - before)
    first, second = 0.9 * 0.1 + 0.1 * -1, 1 - 0.9**2  # Adam's mean of the two gradients, and what corrects its bias
    assert turned == pytest.approx([0.1, -0.1 * first / second], rel=1e-3)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_a_decoder_is_the_mirror_of_its_encoder(body, rng):
    encoder, decoder = nets.encoder(body, (3, 16, 8), 64, 2, 5), nets.decoder(body, 5, 64, 2, (3, 16, 8))
    x = torch.randn(7, 3 * 16 * 8, generator=rng)
    assert encoder(x).shape == (7, 5)
    assert decoder(encoder(x)).shape == x.shape
    wide, narrow = ([tuple(p.shape) for p in net.parameters() if p.ndim > 1] for net in (encoder, decoder))
    if body == "mlp":
        assert wide == [(out, into) for into, out in narrow[::-1]]
    else:
        assert wide[:-1] == narrow[:0:-1]  # a transposed convolution's weight is (inputs, outputs, ...): the same numbers


def test_a_convolution_sees_only_neighbours(rng):
    encoder = nets.encoder("conv", (1, 8, 8), 64, 1, 1)[:3]  # up to the first activation
    x = torch.zeros(1, 64)
    lit = x.clone()
    lit[0, 0] = 1  # the corner
    changed = (encoder(lit) - encoder(x)).abs().sum(1)[0] > 0  # (4, 4)
    assert changed.nonzero().tolist() == [[0, 0]]


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (nn.Conv2d(16, 32, 4, 2, 1), 16 * 16),
        (nn.ConvTranspose2d(32, 16, 4, 2, 1), 32 * 16 // 4),
        (nn.ConvTranspose2d(32, 1, 4, 2, 1), 32 * 16 // 4),
    ],
    ids=str,
)
def test_initial_weights_of_a_convolution_have_variance_two_over_the_inputs_of_one_output(layer, inputs, rng):
    """Of a transposed one with stride 2 and width 4, an output sees a quarter of the weights of each channel."""
    nets.initialise(nn.Sequential(layer), rng)
    assert layer.weight.var().item() == pytest.approx(2 / inputs, rel=0.1)
    x = torch.randn(20, layer.in_channels, 16, 16, generator=rng)
    inner = layer(x)[:, :, 2:-2, 2:-2]
    assert inner.var().item() == pytest.approx(2, rel=0.2)  # twice the variance of what comes in, for half of it is cut off


@pytest.mark.parametrize(
    ("shape", "depth", "output"),
    [
        ((2,), 2, "body=conv needs pictures, these are points: give mlp"),
        ((1, 8, 8), 4, "8x8 pictures depth = 4 times, which it cannot"),
        ((1, 8, 8), 0, "lower depth, from 1"),
    ],
)
def test_pictures_that_cannot_be_halved_and_points_are_refused_in_one_line(shape, depth, output):
    nets.check_body("here", "mlp", depth, shape)
    with pytest.raises(UserError, match=output) as refused:
        nets.check_body("here", "conv", depth, shape)
    assert str(refused.value).startswith("here: ")


def test_a_summary_tells_an_unusual_activation_and_no_other():
    output = {budget: RunSpec.make("sketch-faces", "vae", budget=budget) for budget in ("quick", "standard")}
    words = {budget: spec.kind(spec.settings, spec.source.shape).summary() for budget, spec in output.items()}
    assert words["quick"].endswith("learned σ, tanh")
    assert words["standard"].endswith("learned σ")


def test_fourier_features_are_sines_and_cosines_of_quarter_waves_each_of_twice_the_frequency():
    x = torch.tensor([[1.0, 0.0], [0.5, -1.0]])
    half = math.sqrt(0.5)
    expected = torch.tensor(
        [[1, 0, 0, 1, 0, 0, -1, 1], [half, -1, half, 0, 1, 0, 0, -1]], dtype=torch.float32
    )  # sin pi/2 x, cos pi/2 x, sin pi x, cos pi x, each of both columns
    assert torch.allclose(nets.fourier_features(x, 2), expected, atol=1e-6)
    assert nets.fourier_features(x, 0).shape == (2, 0)
    assert torch.equal(nets.with_fourier_features(x, 2), torch.cat([x, nets.fourier_features(x, 2)], 1))


def test_after_its_half_life_half_of_an_average_is_left():
    average, net = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    torch.nn.init.constant_(average.weight, 1.0)
    torch.nn.init.constant_(net.weight, 0.0)
    for _ in range(20):
        nets.update_average(average, net, nets.average_decay(20))
    assert average.weight.item() == pytest.approx(0.5, rel=1e-5)
    nets.update_average(average, net, nets.average_decay(0))  # none: the network itself
    assert average.weight.item() == 0


def test_an_average_forgets_its_beginning_by_a_half_life_of_a_tenth_of_the_updates():
    assert nets.average_decay(1e9, 10) == pytest.approx(0.5)
    assert nets.average_decay(1e9, 100) == pytest.approx(0.5**0.1)
    assert nets.average_decay(50, 10**9) == pytest.approx(0.5**0.02)
