"""The payload of a game is what was recorded, within the precision of its short texts."""

import base64

import numpy as np
import pytest
import torch

from genmodels.runs import Run, RunSpec, record
from genmodels.studies.adversarial import GameFinding, Players
from genmodels.studies.adversarial.study import play_on
from genmodels.studies.findings import StudySpec
from genmodels.studies.opinion import OpinionFinding
from genmodels.views import adversarial as view

SETTINGS = {"rounds": 12, "target": "moons"}


def numbers_of(text, kind):
    return np.frombuffer(base64.b64decode(text), kind)


def points_of(text):
    return numbers_of(text, "<u2").reshape(-1, 2) / 65535 * 2 * view.REACH - view.REACH


def play(store, **settings):
    spec = StudySpec.make("adversarial", settings=SETTINGS | settings)
    recording = record(spec, store)
    return spec, GameFinding.read(recording), Players.read(recording)


def test_snapshots_read_back_as_they_were_taken(store):
    spec, finding, _ = play(store)
    payload = view.column(finding, spec.settings)
    assert payload["marks"] == finding.rounds
    assert len(payload["frames"]) == len(payload["marks"])
    frame = payload["frames"][4]
    assert np.array_equal(numbers_of(frame["field"], "u1"), finding.field[4].numpy())
    assert np.array_equal(numbers_of(frame["best"], "u1"), finding.best[4].numpy())
    assert np.allclose(points_of(frame["fake"]), finding.fake[4].numpy(), atol=1e-4)
    assert np.allclose(points_of(frame["grid"]), finding.grid[4].numpy(), atol=1e-4)
    assert np.allclose(numbers_of(frame["pull"], "<i2").reshape(-1, 2) / payload["unit"], finding.pull[4].numpy(), atol=2e-3)
    assert payload["numbers"]["d_loss"][4] == pytest.approx(finding.measurements[4].d_loss, rel=1e-3)
    assert "marks" not in payload["numbers"]
    assert payload["share"] * 2 * view.REACH == payload["width"] == 3.6  # the square that is drawn, in units of the plane


def test_a_live_snapshot_has_the_payload_of_the_recorded_one(store):
    spec, finding, players = play(store)
    live = view.live(play_on(players, spec.settings, 3, "b"))
    payload = view.column(finding, spec.settings)
    assert live.pop("numbers") == {name: pytest.approx(values[4], rel=2e-3) for name, values in payload["numbers"].items()}
    assert live == payload["frames"][4]  # of twelve rounds each has a snapshot


def test_a_perfect_generator_has_no_noise_grid_and_says_so(store):
    spec, finding, _ = play(store, perfect=True)
    payload, last = view.column(finding, spec.settings), finding.measurements[-1]
    assert payload["frames"][0]["grid"] != ""
    assert payload["frames"][-1]["grid"] == ""
    assert (payload["title"], payload["note"]) == ("the perfect generator", "fakes are fresh real points, from round 4 on")
    (loss, loss_value, loss_note), (accuracy, accuracy_value, note) = view.numbers(finding, spec.settings)
    assert loss.endswith("log 4 = 1.386")
    assert float(loss_value) == pytest.approx(last.sample_loss, abs=5e-4)
    assert "after 8 updates of D" in loss_note
    assert accuracy.endswith("1/2")
    assert float(accuracy_value) == pytest.approx(last.sample_accuracy, abs=5e-4)
    assert note.startswith("Standard error 0.003")


def test_a_number_that_theory_does_not_give_stays_a_dash(store):
    spec, finding, _ = play(store, loss="hinge")
    payload = view.column(finding, spec.settings)
    assert set(payload["numbers"]["best_loss"]) == {None}
    assert payload["theory"] is False


@pytest.mark.parametrize(
    ("moves", "words"), [("", ""), ("dddgb", "played: D ×3, G ×1, both ×1"), ("pd", "played: G made perfect, D ×1")]
)
def test_moves_in_words(moves, words):
    assert view.words(moves) == words


def test_the_strip_shows_the_same_noises_in_the_order_of_the_snapshots(store):
    run = RunSpec.make("digits", "gan", {"steps": 40, "hidden_dim": 16})
    finding = OpinionFinding.read(record(StudySpec.make("opinion", [run]), store))
    recorded = Run.find(run, store)
    payload = view.strip(recorded, finding)
    steps = recorded.status().snapshot_steps
    assert payload["marks"] == [0, *steps[-view.STRIP_SNAPSHOTS + 1 :]]
    for name, table in (("ranks", finding.ranks), ("leads", finding.leads)):
        assert payload[name][1][-1] == pytest.approx(table[-1, 1].item(), abs=1e-3)
        assert payload[name][1][0] == pytest.approx(table[0, 1].item(), abs=1e-3)
    sheet = sheet_of(payload["sheet"])
    expected = recorded.snapshot(len(steps) - 1)["samples"][1, 0]
    assert torch.equal(sheet[8:16, -8:], expected)  # second noise, last snapshot


def sheet_of(url):
    import io

    from PIL import Image

    return torch.from_numpy(np.array(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))))
