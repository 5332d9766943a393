import pytest
import torch
from sklearn.decomposition import PCA

from genmodels import datasets, device
from genmodels.models.autoencoder import Autoencoder, AutoencoderConfig
from genmodels.runs import RunSpec


def test_without_hidden_layers_it_finds_the_error_of_principal_components(linear_gaussian, rng):
    settings = AutoencoderConfig(latent_dim=2, depth=0, steps=800, batch_size=256, learning_rate=0.02)
    model = Autoencoder(settings, linear_gaussian.source.shape)
    for _ in model.fit(linear_gaussian, rng):
        pass
    x = linear_gaussian.train.double().cpu().numpy()
    pca = PCA(2).fit(x)
    best = ((pca.inverse_transform(pca.transform(x)) - x) ** 2).sum(1).mean()
    with torch.no_grad():
        ours = (model.reconstruct(linear_gaussian.train) - linear_gaussian.train).square().sum(1).mean().item()
    assert best <= ours < 1.01 * best


def test_taught_with_noise_it_shrinks_towards_the_mean_as_wiener_computes_it(linear_gaussian, rng):
    """With a code as wide as the data the best linear map of x + sigma eps to x is S (S + sigma^2 I)^-1 (Wiener 1949)."""
    settings = AutoencoderConfig(latent_dim=5, depth=0, steps=2500, batch_size=512, learning_rate=0.02, noise=0.5)
    model = Autoencoder(settings, linear_gaussian.source.shape)
    for _ in model.fit(linear_gaussian, rng):
        pass
    x = linear_gaussian.train.double().cpu()
    s = torch.cov(x.T)
    best = s @ torch.linalg.inv(s + 0.25 * torch.eye(5, dtype=torch.float64))
    with torch.no_grad():
        zero = torch.zeros(1, 5, device=linear_gaussian.device)
        ours = (model.reconstruct(torch.eye(5, device=zero.device)) - model.reconstruct(zero)).T.double().cpu()
    torch.testing.assert_close(ours, best, atol=0.02, rtol=0)  # without noise it is the identity: off by up to .26


def rebuilt(model, x):
    """What the loss sees, (N, D): the decoder's answer before pictures are cut to 0 and 1 for show."""
    return model.units.inverse(model.decoder(model.encode(x)))


def test_the_squared_error_is_summed_over_dimensions_and_averaged_over_examples(fitted, rng):
    data = datasets.load("digits", device.choose_device())
    model = fitted("digits", "autoencoder")
    x_hat = rebuilt(model, data.test)
    by_hand = sum(((a - b) ** 2).sum().item() for a, b in zip(data.test.flatten(1), x_hat, strict=True)) / len(x_hat)
    assert model.evaluate(data, rng)["squared_error"].item() == pytest.approx(by_hand, rel=1e-5)


def test_the_training_loss_is_that_of_the_batch_before_the_update():
    """With one batch of the whole training set and the first step, it is the untrained error of that set."""
    spec = RunSpec.make("digits", "autoencoder", {"steps": 1, "batch_size": 1437, "noise": 0})
    data = datasets.load("digits", device.choose_device())
    model = Autoencoder(spec.settings, spec.source.shape)
    steps = model.fit(data, device.generator(data.device, 0, "fit"))
    next(steps)
    with torch.no_grad():
        untrained = (rebuilt(model, data.train) - data.train.flatten(1)).square().sum(1).mean().item()
    assert next(steps).losses["squared_error"].item() == pytest.approx(untrained, rel=1e-5)


def test_a_wider_code_rebuilds_better(fitted, rng):
    data = datasets.load("digits", device.choose_device())
    narrow, wide = (
        fitted("digits", "autoencoder", latent_dim=z, steps=150).evaluate(data, rng)["squared_error"].item() for z in (1, 16)
    )
    assert wide < 0.8 * narrow
