"""The safe deepfake: what it should show is known, so that what it shows can be measured."""

import pytest
import torch

from genmodels import device
from genmodels.datasets.sketch_faces import FACTORS, render
from genmodels.metrics import c2st
from genmodels.studies import swap
from genmodels.studies.findings import StudySpec, perform


def test_an_identity_is_its_fixed_factors_and_the_expression_varies():
    expression = torch.tensor([[0.5, -0.5, 0.1, 0.2, 1.0]])
    factors = torch.zeros(1, len(FACTORS))
    for name, value in {**swap.IDENTITIES["Ben"], **dict(zip(swap.EXPRESSION, expression[0].tolist(), strict=True))}.items():
        factors[0, FACTORS.index(name)] = value
    assert torch.equal(swap.frames_of("Ben", expression), render(factors))
    assert not torch.equal(swap.frames_of("Ada", expression), render(factors))


def frames() -> tuple[list[torch.Tensor], torch.Generator]:
    rng = device.generator(torch.device("cpu"), 0, "test")
    return [swap.frames_of(name, swap._expressions(64, rng)).flatten(1) for name in swap.IDENTITIES], rng


def test_each_decoder_begins_with_the_mean_frame_of_its_own_identity():
    train, rng = frames()
    pair = swap._Pair(4)
    swap._begin(pair, train, rng)
    assert torch.equal(pair.decode(1, pair.encode(train[0])), train[1].mean(0).expand(64, -1))


def test_equal_seeds_give_equal_swaps():
    def swapped() -> torch.Tensor:
        train, rng = frames()
        pair = swap._Pair(4)
        for _ in swap._fit(pair, train, 5, rng):
            pass
        return pair.decode(1, pair.encode(train[0])).detach()

    assert torch.equal(swapped(), swapped())


def test_the_detector_is_judged_on_real_frames_that_nobody_learned_from(store, monkeypatch):
    """What it reads of true frames, computed again from Ben's held-out ones and his face with Ada's held-out expressions."""
    for name, few in {"N_TRAIN": 80, "N_TEST": 40, "TELLER_STEPS": 2}.items():
        monkeypatch.setattr(swap, name, few)
    monkeypatch.setattr(c2st, "STEPS", 20)
    spec = StudySpec.make("swap", settings={"steps": 50})
    row = perform(spec, store).json("swap.json")["rows"][-1]
    where = device.choose_device()
    rng = device.generator(where, 0, "swap")
    expressions = {name: swap._expressions(120, rng)[80:] for name in swap.IDENTITIES}
    true, real = (swap.frames_of("Ben", expressions[name]).flatten(1) for name in ("Ada", "Ben"))
    assert row["floor"] == c2st.two_sample_accuracy(true, real, device.generator(where, 0, "floor 50"))
    assert row["rmse"] > 0


@pytest.mark.slow
def test_the_swap_is_taken_for_the_other_keeps_the_expression_and_gets_harder_to_see_through(store):
    rows = perform(StudySpec.make("swap", settings={"steps": 1000}), store).json("swap.json")["rows"]
    last = rows[-1]
    assert last["named"] > 0.95  # of the fakes, by what tells Ada from Ben
    assert last["rmse"] < 0.75 * rows[0]["rmse"]
    assert all(kept > 0.6 for kept in last["kept"][2:4])  # the pose, as R²
    assert abs(last["floor"] - 0.5) < 0.06  # real frames beside real ones are not told apart
    assert last["detected"] > 0.6  # a detector sees through it still
