"""Judges learn what every model does to pictures, favour none, and are asked about others than they learnt from."""

import pytest
import torch

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.metrics import judge
from genmodels.metrics.edits import blur
from genmodels.metrics.judge import Judges, halves

CPU = torch.device("cpu")


def seeded(seed=0):
    return device.generator(CPU, seed, "tests")


def fitted(real, fakes, monkeypatch=None, steps=120):
    if monkeypatch:
        monkeypatch.setattr(judge, "STEPS", steps)
    judges = Judges(tuple(real.shape[1:]))
    assert list(judges.fit(real, fakes, seeded()))[-1] == 1
    return judges


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", CPU).test[:200]


def test_blurred_pictures_are_found_out_and_other_real_ones_are_not(digits, monkeypatch):
    judges = fitted(digits, torch.stack([blur(digits, 0.9)]), monkeypatch, 200)
    with torch.no_grad():
        half = halves(len(digits), CPU)
        assert float((judges(digits, half) > 0).float().mean()) > 0.9
        assert float((judges(blur(digits, 0.9), half) < 0).float().mean()) > 0.9


def test_of_real_pictures_for_fakes_a_judge_knows_nothing(digits, monkeypatch):
    train = datasets.load("digits", CPU).train[:200]
    judges = fitted(digits, train[None], monkeypatch)
    with torch.no_grad():
        right = [(judges(digits, halves(200, CPU)) > 0).float().mean(), (judges(train, halves(200, CPU)) < 0).float().mean()]
    assert 0.4 < float(sum(right)) / 2 < 0.6


def test_each_picture_is_judged_by_the_net_that_has_not_seen_it(digits, monkeypatch):
    fakes = torch.stack([blur(digits, 0.7)])
    whole = fitted(digits, fakes, monkeypatch, 10)
    other = fakes.clone()
    other[:, ::2] = 0  # the first half's fakes alone: the second half's judge is another, the first half's the same
    real = digits.clone()
    changed = fitted(real, other, monkeypatch, 10)
    same, new = halves(200, CPU) == 0, halves(200, CPU) == 1
    with torch.no_grad():
        for judges in (whole, changed):
            first, second = (net(judges.units(digits.flatten(1)))[:, 0] for net in judges.nets)
            chosen = judges(digits, halves(200, CPU))
            assert torch.equal(chosen[same], second[same])
            assert torch.equal(chosen[new], first[new])
            torch.testing.assert_close(judges(digits), (first + second) / 2)


def test_points_can_be_judged_too_and_too_few_pictures_are_one_line(monkeypatch):
    real = torch.randn(100, 2, generator=seeded(1))
    judges = fitted(real, real[None] + 4, monkeypatch)
    with torch.no_grad():
        assert float((judges(real) > 0).float().mean()) > 0.95
    with pytest.raises(UserError, match="at least 20 real pictures"):
        next(Judges((2,)).fit(real[:10], real[None, :10], seeded()))
