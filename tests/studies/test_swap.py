"""The safe deepfake: what it should show is known, so that what it shows can be measured."""

import pytest
import torch

from genmodels import device
from genmodels.datasets.sketch_faces import FACTORS, render
from genmodels.metrics import c2st
from genmodels.runs import record
from genmodels.studies.findings import StudySpec
from genmodels.studies.swap import SwapFinding, judge, pair, study


def test_an_identity_is_its_fixed_factors_and_the_expression_varies():
    expression = torch.tensor([[0.5, -0.5, 0.1, 0.2, 1.0]])
    factors = torch.zeros(1, len(FACTORS))
    for name, value in {**study.IDENTITIES["Ben"], **dict(zip(study.EXPRESSION, expression[0].tolist(), strict=True))}.items():
        factors[0, FACTORS.index(name)] = value
    assert torch.equal(study.frames_of("Ben", expression), render(factors))
    assert not torch.equal(study.frames_of("Ada", expression), render(factors))


def frames() -> tuple[list[torch.Tensor], torch.Generator]:
    rng = device.generator(torch.device("cpu"), 0, "test")
    return [study.frames_of(name, study.draw_expressions(64, rng)).flatten(1) for name in study.IDENTITIES], rng


def test_each_decoder_begins_with_the_mean_frame_of_its_own_identity():
    train, rng = frames()
    nets = pair.Pair(4)
    pair.initialise(nets, train, rng)
    assert torch.equal(nets.decode(1, nets.encode(train[0])), train[1].mean(0).expand(64, -1))


def test_equal_seeds_give_equal_swaps():
    def swapped() -> torch.Tensor:
        train, rng = frames()
        nets = pair.Pair(4)
        for _ in pair.fit(nets, train, 5, rng):
            pass
        return nets.decode(1, nets.encode(train[0])).detach()

    assert torch.equal(swapped(), swapped())


def test_the_detector_is_judged_on_real_frames_that_nobody_learned_from(store, monkeypatch):
    """What it reads of true frames, computed again from Ben's held-out ones and his face with Ada's held-out expressions."""
    monkeypatch.setattr(study, "N_TRAIN", 80)
    monkeypatch.setattr(study, "N_TEST", 40)
    monkeypatch.setattr(judge, "STEPS", 2)
    monkeypatch.setattr(c2st, "STEPS", 20)
    last = SwapFinding.read(record(StudySpec.make("swap", settings={"steps": 50}), store)).judgements[-1]
    where = device.choose_device()
    rng = device.generator(where, 0, "swap")
    expressions = {name: study.draw_expressions(120, rng)[80:] for name in study.IDENTITIES}
    true, real = (study.frames_of("Ben", expressions[name]).flatten(1) for name in ("Ada", "Ben"))
    assert last.detector_floor == c2st.two_sample_accuracy(true, real, device.generator(where, 0, "floor 50"))
    assert last.rmse > 0


@pytest.mark.slow
def test_the_swap_is_taken_for_the_other_keeps_the_expression_and_gets_harder_to_see_through(store, monkeypatch):
    monkeypatch.setattr(study, "PROGRESS", (0.02, 1.0))
    first, last = SwapFinding.read(record(StudySpec.make("swap", settings={"steps": 600}), store)).judgements
    assert last.as_other > 0.95  # of the fakes, by the net that learned Ada from Ben
    assert last.rmse < 0.75 * first.rmse
    assert all(r2 > 0.6 for r2 in last.expression_r2[2:4])  # the pose
    assert abs(last.detector_floor - 0.5) < 0.06  # real frames beside real ones cannot be told apart
    assert last.detector > 0.6  # a detector still sees through it
