"""The VAE-GAN: its VAE end is the VAE, its GAN end the textbook's game, and each loss moves only the parts that it should."""

import math

import pytest
import torch
from torch import nn

from genmodels import datasets, device
from genmodels.metrics.sharpness import sharpness
from genmodels.models import vae_gan
from genmodels.models.vae import VAE, VAEConfig
from genmodels.models.vae_gan import VAEGAN, VAEGANConfig
from genmodels.runs import RunSpec

WHERE = device.choose_device()


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


def begun(data, **settings):
    model = VAEGAN(VAEGANConfig(**settings), data.source.shape).to(WHERE)
    next(model.fit(data, seeded()))
    return model


def pair_step(model, x, seed=1):
    """One update of encoder and decoder at no step size: their gradients, the losses, and the z of the reconstructions."""
    real = model.units(x)
    fake, kl = model._play(model.pair, real, seeded(seed))
    adam = torch.optim.SGD([*model.pair.parameters(), model.log_sigmas], lr=0.0)
    losses = model._pair_step(adam, real, fake, kl)
    mu, log_var = model.pair.encoder(real).chunk(2, 1)
    eps = torch.randn(2 * len(x), mu.shape[1], generator=seeded(seed), device=WHERE)[: len(x)]
    return losses, mu + (log_var / 2).exp() * eps


def gradients(module):
    return [p.grad.clone() for p in module.parameters()]


def close(result, expected):
    for one, other in zip(result, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("beta", [1.0, 3.0])
def test_without_the_game_every_gradient_is_the_vaes(beta, linear_gaussian):
    """The VAE's own log-likelihood and KL, at the same weights, sigma and z."""
    size = {"latent_dim": 2, "hidden_dim": 16, "depth": 1}
    model = begun(linear_gaussian, adversarial=0.0, beta=beta, **size)
    model.log_sigmas.data.copy_(torch.tensor([-0.4, 0.7]))
    x = linear_gaussian.train[:50]
    _, z = pair_step(model, x)
    vae = VAE(VAEConfig(**size), linear_gaussian.source.shape).to(WHERE)
    vae.units, vae.encoder, vae.decoder = model.units, model.pair.encoder, model.pair.decoder
    vae.log_sigma = nn.Parameter(torch.tensor(-0.4))
    mu, log_var = vae.posterior(x)
    loss = beta * vae_gan.kl_to_standard_normal(mu, log_var).mean() - vae._log_likelihood(x, vae.decoder(z)).mean()
    result = gradients(model.pair)
    expected = torch.autograd.grad(loss, [*model.pair.parameters(), vae.log_sigma])
    close(result, expected[:-1])
    assert model.log_sigmas.grad[0].item() == pytest.approx(expected[-1].item(), rel=1e-4)
    assert model.log_sigmas.grad[1].item() == 0


def test_the_game_moves_the_decoder_alone(linear_gaussian, monkeypatch):
    """By 10 a D times its own gradient; the encoder and the discriminator do not feel it."""
    size, result = {"latent_dim": 2, "hidden_dim": 16, "adversarial": 0.3}, {}
    for weight in (0.0, vae_gan.GAME):
        monkeypatch.setattr(vae_gan, "GAME", weight)
        model = begun(linear_gaussian, **size)
        pair_step(model, linear_gaussian.train[:50])
        result[weight] = gradients(model.pair.encoder), torch.cat([g.flatten() for g in gradients(model.pair.decoder)])
        assert all(p.grad is None for p in model.discriminator.parameters())
    real = model.units(linear_gaussian.train[:50])
    fake, _ = model._play(model.pair, real, seeded(1))
    game = torch.autograd.grad(model._game(real, fake), list(model.pair.decoder.parameters()))
    close(result[0.0][0], result[10.0][0])
    expected = 10 * 0.3 * 5 * torch.cat([g.flatten() for g in game])
    assert expected.norm() > 0.1
    assert (result[10.0][1] - result[0.0][1] - expected).norm() < 1e-3 * expected.norm()


def test_the_decoders_game_is_the_relativistic_loss_of_reconstructions_and_of_samples(linear_gaussian):
    model = begun(linear_gaussian, latent_dim=2, hidden_dim=16)
    real = model.units(linear_gaussian.train[:50])
    fake, _ = model._play(model.pair, real, seeded())
    with torch.no_grad():
        judged, rebuilt, draws = (model.discriminator(part)[:, 0].tolist() for part in (real, fake[:50], fake[50:]))
        pairs = [math.log1p(math.exp(r - f)) for fakes in (rebuilt, draws) for r, f in zip(judged, fakes, strict=True)]
        assert model._game(real, fake).item() == pytest.approx(sum(pairs) / 100, rel=1e-5)


def test_at_the_gan_end_only_what_the_discriminator_sees_is_rebuilt(linear_gaussian):
    """A discriminator blind to all but the first number: the error of the others gives the encoder no gradient."""
    x = linear_gaussian.train[:50]
    result = {}
    for seen, adversarial in (((1, 0, 0, 0, 0), 1.0), ((0, 0, 0, 0, 0), 1.0), ((0, 0, 0, 0, 0), 0.5)):
        model = begun(linear_gaussian, latent_dim=2, hidden_dim=16, depth=1, adversarial=adversarial, beta=0.0)
        model.discriminator[0].weight.data.mul_(torch.tensor(seen, device=WHERE))
        pair_step(model, x)
        result[sum(seen), adversarial] = sum(g.abs().sum().item() for g in gradients(model.pair.encoder))
    assert result[0, 1.0] == 0
    assert result[1, 1.0] > 0.1
    assert result[0, 0.5] > 0.1


def discriminator_step(gamma, real, fake):
    """How plain gradient descent of step size 1 changes w of D(x) = w tanh(x), its features the identity's."""
    model = VAEGAN(VAEGANConfig(), (2,)).to(WHERE)
    w = torch.tensor([[0.6, -0.8]], device=WHERE)
    model.discriminator = nn.Sequential(nn.Identity(), nn.Linear(2, 1, bias=False).to(WHERE))
    model.discriminator[1].weight.data.copy_(w)
    losses = model._discriminator_step(torch.optim.SGD(model.discriminator.parameters(), lr=1.0), real, fake, gamma)
    return model.discriminator[1].weight.detach() - w, w, losses["discriminator_loss"].item()


def test_the_discriminator_tells_real_from_reconstructions_and_from_samples(rng):
    """softplus(fake - real) over both kinds of pairs, and a penalty that is not recorded: gamma/2 (|w|^2 + |w|^2) of a linear D."""
    real, fake = torch.randn(64, 2, generator=rng) + 1, torch.randn(128, 2, generator=rng)
    change, w, loss = discriminator_step(0.0, real, fake)
    weight = w.clone().requires_grad_(True)
    gaps = [(fakes - real) @ weight[0] for fakes in fake.split(64)]
    expected = torch.log1p(torch.cat(gaps).exp()).mean()
    assert loss == pytest.approx(expected.item(), rel=1e-5)
    torch.testing.assert_close(change, -torch.autograd.grad(expected, weight)[0], atol=1e-5, rtol=1e-5)
    penalised, _, recorded = discriminator_step(0.7, real, fake)
    assert recorded == loss
    torch.testing.assert_close(penalised - change, -2 * 0.7 * w, atol=1e-5, rtol=1e-5)


def test_an_update_of_the_discriminator_leaves_the_pair_alone_and_the_other_way_round():
    """With a step size of next to nothing for one player, only the other one moves."""
    data = datasets.load("digits", WHERE)
    for slow, still, moves in (
        ("learning_rate", "pair", "discriminator"),
        ("discriminator_learning_rate", "discriminator", "pair"),
    ):
        model = VAEGAN(VAEGANConfig(steps=3, **{slow: 1e-5}), data.source.shape).to(WHERE)
        steps = model.fit(data, seeded())
        next(steps)
        before = {name: [p.detach().clone() for p in getattr(model, name).parameters()] for name in ("pair", "discriminator")}
        for _ in steps:
            pass
        far = {
            name: max((a - b).abs().max().item() for a, b in zip(getattr(model, name).parameters(), before[name], strict=True))
            for name in before
        }
        assert far[still] < 5e-5
        assert far[moves] > 5e-4


def test_errors_are_shares_of_the_variance(linear_gaussian, rng):
    """The mean for a reconstruction loses all of it, noise of a half of the deviation a quarter, the example itself nothing."""
    model = begun(linear_gaussian)
    model.discriminator = nn.Sequential(nn.Linear(5, 5, bias=False), nn.Linear(5, 1))
    model.discriminator[0].weight.data.copy_(3 * torch.eye(5))
    real = model.units(linear_gaussian.train)
    noise = torch.randn(real.shape, generator=rng) / 2
    with torch.no_grad():
        for x_hat, expected in ((torch.zeros_like(real), 1.0), (real + noise, 0.25), (real, 0.0)):
            pixels, features = model._errors(real, x_hat)
            assert pixels.item() == pytest.approx(expected, abs=0.01)
            assert features.item() == pytest.approx(expected, abs=0.01)


def test_the_average_forgets_by_its_half_life_and_at_first_by_a_tenth_of_the_steps_done():
    spec = RunSpec.make("moons", "vae-gan", {"steps": 12, "ema": 6})
    model = VAEGAN(spec.settings, spec.source.shape).to(WHERE)
    expected = None
    for step in model.fit(datasets.load("moons", WHERE), seeded()):
        now = [p.detach().double().clone() for p in model.pair.parameters()]
        keep = 0.5 ** (1 / 6 + 10 / step.index) if step.index else 0.0
        expected = now if expected is None else [keep * e + (1 - keep) * n for e, n in zip(expected, now, strict=True)]
        for average, one in zip(model.average.parameters(), expected, strict=True):
            torch.testing.assert_close(average.double(), one, atol=1e-6, rtol=1e-5)
    assert not all(torch.equal(a, p) for a, p in zip(model.average.parameters(), model.pair.parameters(), strict=True))


def test_before_it_has_learnt_it_draws_about_the_mean_picture():
    data = datasets.load("digits", WHERE)
    model = begun(data)
    nn.init.zeros_(model.average.decoder[-1].weight)
    with torch.no_grad():
        torch.testing.assert_close(model.sample(1, seeded())[0], data.train.mean(0).clamp(0.01, 0.99), atol=1e-4, rtol=1e-4)


@pytest.mark.slow
def test_the_knob_leads_from_a_faithful_blur_to_sharp_samples():
    data, result = datasets.load("digits", WHERE), []
    for adversarial in (0.0, 1.0):
        model = VAEGAN(VAEGANConfig(adversarial=adversarial, steps=800), data.source.shape).to(WHERE)
        for _ in model.fit(data, seeded()):
            pass
        with torch.no_grad():
            error = (model.reconstruct(data.test) - data.test).square().mean().sqrt().item()
            result.append((error, sharpness(model.sample(500, seeded()), data.test)))
    (vae_error, vae_sharpness), (gan_error, gan_sharpness) = result
    assert vae_error < 0.95 * gan_error
    assert vae_sharpness < gan_sharpness
