"""Codes move as the text says, and the table has the numbers of the finding."""

from dataclasses import replace

import torch

from genmodels.studies.arithmetic import ArithmeticFinding, Directions, Sum
from genmodels.studies.swap import SwapFinding
from genmodels.studies.swap.judge import Judgement
from genmodels.views import arithmetic as view
from genmodels.views import swap as swap_view

DIRECTIONS = Directions(torch.eye(2), [0.9, None], [1.5, None], [[2.0, -0.4], [0.1, 0.0]], [], 1.0)
FINDING = ArithmeticFinding(["hat", "smile"], {}, {"k": DIRECTIONS})


def test_a_mix_moves_codes_along_the_named_directions_and_unknown_names_move_nothing():
    z, directions = torch.zeros(2, 3), torch.eye(3)[:2]
    assert view.mixed(z, "hat:2,smile:-1.5,wings:3", FINDING.names, directions).tolist() == [[2.0, -1.5, 0.0]] * 2


def test_a_mix_reads_back_as_it_was_written_without_what_is_nothing():
    assert view.amounts(view.mix_text({"hat": 2.0, "hair length": -1.5, "smile": 0.0})) == {"hat": 2.0, "hair length": -1.5}


def test_the_table_has_a_dash_where_nothing_could_flip_and_names_the_largest_side_effect():
    rows = view.table(FINDING, {"k": "VAE"})
    assert rows[0] == {"attribute": "hat", "VAE: flips": 90.0, "VAE: needs": 1.5, "VAE: also changes": "smile -0.4"}
    assert rows[1]["VAE: flips"] is None
    assert view.reliable(DIRECTIONS) == (1, 1)


def test_equal_seeds_give_equal_codes_whatever_the_model():
    a, b, other = (view.codes(seed, 3, 4, torch.device("cpu")) for seed in (7, 7, 8))
    assert torch.equal(a, b)
    assert not torch.equal(a, other)


def test_the_map_of_changes_is_symmetric_about_nothing():
    trace = view.change_map(FINDING.names, DIRECTIONS.change, "VAE")["data"][0]
    assert trace["zmax"] == -trace["zmin"] == 2.0


def test_pairs_are_those_of_any_model_and_a_sum_that_one_lacks_is_none():
    members = [[[0.0]]] * 3
    one = replace(DIRECTIONS, sums=[Sum("hat", "smile", 0.5, [30, 31, 32], members)])
    two = replace(DIRECTIONS, sums=[Sum("hat", "beard", 0.5, [30, 31, 32], members), Sum("beard", "hat", 1.0, [30] * 3, members)])
    finding = ArithmeticFinding(["hat", "smile"], {}, {"one": one, "two": two})
    assert view.pairs(finding) == {"beard": ["hat"], "hat": ["beard", "smile"]}
    assert view.sum_of(one, "hat", "smile").codes == [30, 31, 32]
    assert view.sum_of(two, "hat", "smile") is None


def test_the_swap_is_shown_from_source_to_truth_and_its_table_is_in_percent():
    frames = torch.zeros(8, 1, 32, 32)
    judgements = [Judgement(step, 0.1, 0.5, [0.25], 0.75, 0.5) for step in (50, 2500)]
    finding = SwapFinding(["smile"], judgements, frames, frames + 1, torch.stack([frames + 0.25, frames + 0.5]))
    strips = swap_view.strips(finding)
    assert [float(x.max()) for _, x in strips] == [0, 0.25, 0.5, 1]
    assert strips[2][0] == "as Ben, after 2,500 updates"
    last = {
        "updates": 2500,
        "error to the truth (RMSE)": 0.1,
        "taken for Ben": 50.0,
        "smile kept (R²)": 0.25,
        "detector right": 75.0,
    }
    assert swap_view.table(finding)[1] == last
    assert swap_view.number(finding)[:2] == ("Detector against the best fake", "75%")
