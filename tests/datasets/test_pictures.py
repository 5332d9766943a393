"""Pictures as bytes and back."""

import torch

from genmodels.datasets.parts.pictures import from_bytes, to_bytes


def test_every_level_survives_the_way_there_and_back():
    levels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_bytes(from_bytes(levels)), levels)
    assert from_bytes(levels)[[0, 51, 255]].tolist() == torch.tensor([0, 0.2, 1]).tolist()


def test_numbers_go_to_the_nearest_level_and_those_outside_to_the_ends():
    x = torch.tensor([-0.5, 0.0, 0.49 / 255, 0.51 / 255, 100.4 / 255, 1.0, 7.0])
    assert to_bytes(x).tolist() == [0, 0, 0, 1, 100, 255, 255]


def test_bytes_stay_as_they_are():
    levels = torch.tensor([0, 1, 2, 200], dtype=torch.uint8)
    assert to_bytes(levels) is levels
