"""Judges read one half for real pictures, shifted ones too, and less for damage of every kind; none judges what it has learnt."""

import pytest
import torch

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.metrics.parts.edits import EDITS, blur, edit
from genmodels.metrics.probes import judge
from genmodels.metrics.probes.judge import FOLDS, Judges, folds, resampled, verdict
from genmodels.models.parts import nets
from genmodels.progress import finish

CPU = torch.device("cpu")


def seeded(seed=0):
    return device.generator(CPU, seed, "tests")


@pytest.fixture(scope="module")
def digits():
    return datasets.load("digits", CPU)


@pytest.fixture(scope="module")
def judges(digits):
    """Judges of digits against a model that blurs, taught for as long as the gallery's."""
    judges = Judges((1, 8, 8), 1)
    finish(judges.fit(digits.train, [blur(digits.test[:200], 0.8)[None]], seeded()))
    return judges


def median(judges, x):
    return float(verdict(judges(x), folds(len(x), CPU)).median().sigmoid())


def test_real_pictures_read_one_half_and_so_do_shifted_ones(judges, digits):
    x = digits.test[:200]
    assert median(judges, x) == pytest.approx(0.5, abs=0.1)
    for name in ("shift1", "shift2", "nearest"):
        assert median(judges, edit(name, x, digits.train, seeded())) == pytest.approx(median(judges, x), abs=0.15), name


def test_every_damage_reads_below_real(judges, digits):
    x = digits.test[:200]
    real = median(judges, x)
    for name in set(EDITS) - {"identity", "shift1", "shift2", "nearest"}:
        assert median(judges, edit(name, x, digits.train, seeded())) < real - 0.01, name


def test_what_a_model_makes_is_found_out(judges, digits):
    assert median(judges, blur(digits.test[:200], 0.8)) < 0.1


def test_what_is_drawn_by_hand_reads_below_real_wherever_it_stands(judges, digits):
    x = digits.test[:200].clone()
    for pixels in (x[:, :, 0, 2:7], x[:, :, 1:4, 1]):  # strokes of the pad, as full ink
        pixels.fill_(1.0)
    assert median(judges, x) < 0.3
    assert median(judges, edit("shift1", x, digits.train, seeded())) < 0.3
    assert median(judges, torch.zeros_like(x)) < 0.3


def test_no_judge_is_asked_about_what_it_has_learnt_from(digits, monkeypatch):
    monkeypatch.setattr(judge, "STEPS", 3)
    monkeypatch.setattr(nets.Standardise, "learn", lambda units, x: None)  # the one thing that all learn together
    fakes = blur(digits.test[:60], 0.8)[None]
    other = fakes.clone()
    other[:, folds(60, CPU) == 0] = 0
    pair = [Judges((1, 8, 8), 1), Judges((1, 8, 8), 1)]
    for judges, made in zip(pair, (fakes, other), strict=True):
        finish(judges.fit(digits.train, [made], seeded()))
    same = [torch.equal(a[-1].weight, b[-1].weight) for a, b in zip(pair[0].nets, pair[1].nets, strict=True)]
    assert same == [False, True, True]  # the first alone has learnt from the first fold
    asked = verdict(torch.arange(3.0)[:, None].expand(3, 60), folds(60, CPU))
    assert asked[:3].tolist() == [1.5, 1.0, 0.5]  # of each fold, the mean of the two others


def test_resampled_judges_are_never_one_alone_and_differ():
    logits = torch.randn(FOLDS, 2, 9, generator=seeded())
    versions = resampled(logits, folds(9, CPU))
    assert versions.shape == (24, 2, 9)  # 27 draws, but three of one judge thrice
    assert bool(versions.isfinite().all())
    torch.testing.assert_close(verdict(logits, folds(9, CPU)), versions[4])  # 0, 1, 2: as they are
    assert len(torch.unique(versions[:, 0, 0])) > 3


def test_judges_are_restored_from_their_tensors(judges, digits):
    again = Judges.restored((1, 8, 8), judges.state_dict())
    assert torch.equal(again(digits.test[:9]), judges(digits.test[:9]))


def test_too_few_pictures_are_one_line(digits):
    with pytest.raises(UserError, match="at least 20 pictures"):
        next(Judges((1, 8, 8), 1).fit(digits.train[:10], [digits.train[None, :30]], seeded()))
