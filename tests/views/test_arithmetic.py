"""Codes move as the text says, and the table tells what is in the finding."""

import torch

from genmodels.views import arithmetic as view

FOUND = {
    "names": ["hat", "smile"],
    "models": {"k": {"flipped": [0.9, None], "needed": [1.5, None], "change": [[2.0, -0.4], [0.1, 0.0]]}},
}


def test_a_mix_moves_codes_along_the_named_directions_and_unknown_names_move_nothing():
    z, along = torch.zeros(2, 3), torch.eye(3)[:2]
    assert view.mixed(z, "hat:2,smile:-1.5,wings:3", FOUND["names"], along).tolist() == [[2.0, -1.5, 0.0]] * 2


def test_a_mix_reads_back_as_it_was_written_without_what_is_nothing():
    assert view.amounts(view.mix_text({"hat": 2.0, "hair length": -1.5, "smile": 0.0})) == {"hat": 2.0, "hair length": -1.5}


def test_the_table_has_a_dash_where_nothing_could_flip_and_names_the_largest_side_effect():
    rows = view.table(FOUND, {"k": "VAE"})
    assert rows[0] == {"attribute": "hat", "VAE: flips": 90.0, "VAE: needs": 1.5, "VAE: also changes": "smile -0.4"}
    assert rows[1]["VAE: flips"] is None
    assert view.reliable(FOUND, "k") == (1, 1)


def test_equal_seeds_give_equal_codes_whatever_the_model():
    class Decoder:
        class settings:
            latent_dim = 4

    a, b = (view.codes(7, 3, Decoder(), torch.device("cpu")) for _ in range(2))
    assert torch.equal(a, b)
    assert not torch.equal(a, view.codes(8, 3, Decoder(), torch.device("cpu")))


def test_the_map_of_changes_is_symmetric_about_nothing():
    trace = view.change_map(FOUND["names"], FOUND["models"]["k"]["change"], "VAE")["data"][0]
    assert trace["zmax"] == -trace["zmin"] == 2.0
