"""Everyone rebuilds, and says how."""

import pytest
import torch

from genmodels import datasets, device, models
from genmodels.metrics.parts.rebuild import rebuild, rebuilds, way
from genmodels.models.base import Model
from genmodels.progress import finish

WHERE = device.choose_device()


def seeded(seed=0):
    return device.generator(WHERE, seed, "tests")


@pytest.mark.parametrize("name", [n for n, kind in models.models().items() if hasattr(kind, "reconstruct")])
def test_a_model_with_a_code_rebuilds_by_it(fitted, name):
    model, x = fitted("digits", name), datasets.load("digits", WHERE).test[:5]
    rebuilt = finish(rebuild(model, x, seeded()))
    assert torch.equal(rebuilt.x_hat, model.reconstruct(x))
    assert rebuilt.how == way(type(model)) == model.reconstruct_note


def test_a_gan_is_searched_and_its_budget_is_told(fitted):
    model, x = fitted("digits", "gan"), datasets.load("digits", WHERE).test[:5]
    rebuilt = finish(rebuild(model, x, seeded(3), steps=2))
    assert rebuilt.how == "latent optimisation, 2 steps"
    assert torch.equal(rebuilt.x_hat, finish(model.inverting(x, seeded(3), 2)).x_hat)
    by_chance = model.sample(len(x), seeded(4))
    assert (rebuilt.x_hat - x).square().mean() < (by_chance - x).square().mean()  # a search finds more than chance
    assert way(type(model)) == "latent optimisation, 200 steps"


@pytest.mark.parametrize("name", ["autoencoder", "vae", "vae-gan"])
def test_a_decoder_is_searched_too_and_comes_nearer_than_its_encoder(fitted, name):
    model, x = fitted("digits", name, steps=150), datasets.load("digits", WHERE).test[:40]
    encoded, searched = finish(rebuilds(model, x, seeded(), steps=40))
    assert (encoded.code, searched.code) == ("encoded", "searched")
    assert searched.how == "latent optimisation, 40 steps"
    assert torch.equal(encoded.x_hat, model.reconstruct(x))
    result = finish(model.inverting(x, seeded(), 40))
    assert torch.equal(searched.x_hat, result.x_hat)
    torch.testing.assert_close(model.decode(result.z), result.x_hat)
    assert (searched.x_hat - x).square().mean() < (encoded.x_hat - x).square().mean()
    assert [way.code for way in finish(rebuilds(model, x, seeded(), searched=False))] == ["encoded"]


def test_ways_are_named_and_what_inverts_its_own_map_is_told_apart(fitted):
    x = datasets.load("digits", WHERE).test[:5]
    codes = {name: [way.code for way in finish(rebuilds(fitted("digits", name), x, seeded(), 2))] for name in ("gmm", "gan")}
    assert codes == {"gmm": [""], "gan": ["searched"]}
    flow = fitted("digits", "flow-matching", steps=50)
    noise = torch.rand(20, 1, 8, 8, generator=seeded())
    (way_of_flow,) = finish(rebuilds(flow, noise, seeded()))
    assert way_of_flow.code == "invertible"
    assert (way_of_flow.x_hat - noise).square().mean().sqrt() < 0.05  # noise is rebuilt as well


def test_an_autoencoders_search_begins_where_its_codes_are(fitted):
    data = datasets.load("digits", WHERE)
    model = fitted("digits", "autoencoder", steps=150)
    z = model.encode(data.train)
    torch.testing.assert_close(model.code_mean, z.mean(0), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(model.code_root @ model.code_root, torch.cov(z.T, correction=0), atol=1e-3, rtol=1e-3)


def test_the_flow_carries_an_example_to_its_noise_and_back(fitted):
    x = datasets.load("digits", WHERE).test[:20]
    rebuilt = finish(rebuild(fitted("digits", "flow-matching", steps=50), x, seeded()))
    assert (rebuilt.x_hat - x).square().mean().sqrt() < 0.05
    assert "exact but for the solver" in rebuilt.how


def test_a_model_that_can_do_neither_gives_none(fitted):
    class Mute(Model):
        pass

    assert way(Mute) is None
    assert finish(rebuild(Mute(None, (2,)), torch.zeros(1, 2), seeded())) is None
