"""What the browser is told of a game is what was recorded, within the precision of its short texts."""

import base64

import numpy as np
import pytest
import torch

from genmodels.runs import Run, RunSpec
from genmodels.studies import adversarial as study
from genmodels.studies.findings import StudySpec, perform
from genmodels.views import adversarial as view

SETTINGS = {"rounds": 12, "target": "moons"}


def numbers_of(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


def points_of(text):
    return numbers_of(text, "<u2").reshape(-1, 2) / 65535 * 2 * view.REACH - view.REACH


@pytest.fixture
def played(store):
    spec = StudySpec.make("adversarial", settings=SETTINGS)
    return spec, perform(spec, store)


def test_photographs_read_back_as_they_were_taken(played):
    spec, found = played
    told, frames = view.column(found, spec.settings), found.tensors("frames.safetensors")
    assert told["marks"] == found.json("numbers.json")["marks"]
    assert len(told["frames"]) == len(told["marks"])
    frame = told["frames"][4]
    assert np.array_equal(numbers_of(frame["field"], "u1"), frames["field"][4].numpy())
    assert np.array_equal(numbers_of(frame["best"], "u1"), frames["best"][4].numpy())
    assert np.allclose(points_of(frame["fake"]), frames["fake"][4].numpy(), atol=1e-4)
    assert np.allclose(points_of(frame["grid"]), frames["grid"][4].numpy(), atol=1e-4)
    assert np.allclose(numbers_of(frame["pull"], "<i2").reshape(-1, 2) / told["unit"], frames["pull"][4].numpy(), atol=2e-3)
    assert told["numbers"]["d_loss"][4] == pytest.approx(found.json("numbers.json")["d_loss"][4], rel=1e-3)
    assert "marks" not in told["numbers"]
    assert told["share"] * 2 * view.REACH == told["width"] == 3.6  # the square that is drawn, in units of the plane


def test_a_live_photograph_is_told_as_a_recorded_one(played):
    spec, found = played
    live = view.live(study.played_on(found, spec.settings, 3, "b"))
    told = view.column(found, spec.settings)
    assert live.pop("numbers") == {name: pytest.approx(values[4], rel=2e-3) for name, values in told["numbers"].items()}
    assert live == told["frames"][4]  # of twelve rounds each is photographed


def test_a_perfect_generator_has_no_noise_grid_and_says_so(store):
    spec = StudySpec.make("adversarial", settings=SETTINGS | {"perfect": True})
    found = perform(spec, store)
    told = view.column(found, spec.settings)
    assert told["frames"][0]["grid"] != ""
    assert told["frames"][-1]["grid"] == ""
    assert (told["title"], told["note"]) == ("the perfect generator", "fakes are fresh real points, from round 4 on")
    (loss, loss_value, loss_note), (accuracy, accuracy_value, note) = view.settled(found, spec.settings)
    assert loss.endswith("log 4 = 1.386")
    assert float(loss_value) == pytest.approx(found.json("numbers.json")["seen_loss"][-1], abs=5e-4)
    assert "after 8 updates of D" in loss_note
    assert accuracy.endswith("1/2")
    assert float(accuracy_value) == pytest.approx(found.json("numbers.json")["seen_accuracy"][-1], abs=5e-4)
    assert note.startswith("Standard error 0.003")


def test_a_number_that_theory_does_not_give_stays_a_dash(store):
    spec = StudySpec.make("adversarial", settings=SETTINGS | {"loss": "hinge"})
    told = view.column(perform(spec, store), spec.settings)
    assert set(told["numbers"]["best_loss"]) == {None}
    assert told["theory"] is False


@pytest.mark.parametrize(
    ("moves", "words"), [("", ""), ("dddgb", "played: D ×3, G ×1, both ×1"), ("pd", "played: G made perfect, D ×1")]
)
def test_moves_in_words(moves, words):
    assert view.words(moves) == words


def test_the_strip_shows_the_same_noises_in_the_order_of_the_snapshots(store):
    run = RunSpec.make("digits", "gan", {"steps": 40, "hidden_dim": 16})
    found = perform(StudySpec.make("opinion", [run]), store)
    recorded = Run.find(run, store)
    told = view.strip(recorded, found)
    marks = recorded.status()["marks"]
    assert told["marks"] == [0, *marks[-view.STRIP_MARKS + 1 :]]
    for name, table in found.tensors("opinions.safetensors").items():
        assert told[name][1][-1] == pytest.approx(table[-1, 1].item(), abs=1e-3)
        assert told[name][1][0] == pytest.approx(table[0, 1].item(), abs=1e-3)
    sheet = sheet_of(told["sheet"])
    expected = recorded.snapshot(len(marks) - 1)["samples"][1, 0]
    assert torch.equal(sheet[8:16, -8:], expected)  # second noise, last snapshot


def sheet_of(url):
    import io

    from PIL import Image

    return torch.from_numpy(np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))))
