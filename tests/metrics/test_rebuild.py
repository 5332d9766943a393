"""Everyone rebuilds, and says how."""

import pytest
import torch

from genmodels import datasets, device, models
from genmodels.metrics.rebuild import rebuild, way
from genmodels.models.base import Model
from genmodels.shares import finish

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
    assert torch.equal(rebuilt.x_hat, model.invert(x, seeded(3), 2).x_hat)
    by_chance = model.sample(len(x), seeded(4))
    assert (rebuilt.x_hat - x).square().mean() < (by_chance - x).square().mean()  # a search finds more than chance
    assert way(type(model)) == "latent optimisation, 200 steps"


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
