"""Edits change a picture as they say, whatever its shape, and the same again for a seed."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch.nn import functional as F

from genmodels import device
from genmodels.config import UserError
from genmodels.metrics.parts.edits import EDITS, NOISE_STD, blur, edit, shift

CPU = torch.device("cpu")
SHAPES = [(1, 8, 8), (1, 28, 28), (3, 32, 32), (1, 9, 13)]


def seeded(seed=0):
    return device.generator(CPU, seed, "tests")


def pictures(n, shape, seed=0):
    return torch.rand(n, *shape, generator=seeded(seed))


def a_digit(side=28):
    """A ring of ink well within a black sheet."""
    axis = torch.arange(side) - side / 2
    away = torch.hypot(axis[:, None], axis[None, :])
    return ((away - side / 5).abs() < side / 14).float()[None, None]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", list(EDITS))
def test_every_edit_keeps_shape_and_range_leaves_its_input_and_comes_again(name, shape):
    x, train = pictures(6, shape), pictures(20, shape, 1)
    before = x.clone()
    changed = edit(name, x, train, seeded(2))
    assert changed.shape == x.shape
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1
    assert torch.equal(x, before)
    assert torch.equal(changed, edit(name, x, train, seeded(2)))
    assert torch.equal(changed, x) == (name == "identity")


def test_a_shift_moves_the_ink_by_its_pixels_and_loses_none_of_it():
    x = a_digit().repeat(40, 1, 1, 1)
    rows, columns = torch.arange(28.0)[:, None], torch.arange(28.0)[None, :]
    for by in (1, 2):
        moved = shift(x, by, seeded())
        torch.testing.assert_close(moved.sum((1, 2, 3)), x.sum((1, 2, 3)))
        centre = [((t * grid).sum((1, 2, 3)) / t.sum((1, 2, 3))) for t in (moved, x) for grid in (rows, columns)]
        went = torch.stack([centre[0] - centre[2], centre[1] - centre[3]], 1).round().int()
        assert {tuple(step) for step in went.tolist()} == {(0, by), (0, -by), (by, 0), (-by, 0)}  # alike, so by chance


def test_a_shift_goes_where_least_is_lost():
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, :, 2:5] = torch.rand(8, 3, generator=seeded())  # from top to bottom: only left and right are free
    moved = shift(x, 2, seeded())
    assert torch.equal(moved[..., :3], x[..., 2:5]) or torch.equal(moved[..., 4:7], x[..., 2:5])


def test_a_blur_is_scipys():
    x = pictures(3, (2, 20, 17))
    ours = blur(x, 1.3)
    theirs = [[gaussian_filter(channel.double().numpy(), 1.3, mode="nearest", radius=4) for channel in picture] for picture in x]
    torch.testing.assert_close(ours.double(), torch.from_numpy(np.array(theirs)), atol=1e-6, rtol=0)


def test_noise_has_its_deviation_and_a_stray_pixel_is_one():
    grey = torch.full((50, 1, 28, 28), 0.5)
    assert float((edit("noise", grey, grey, seeded()) - grey).std()) == pytest.approx(NOISE_STD, rel=0.02)
    x = pictures(50, (3, 10, 10))
    changed = edit("pixel", x, x, seeded()) != x
    assert torch.equal(changed.any(1).sum((1, 2)), torch.ones(50, dtype=torch.int64))


def test_a_stray_stroke_is_a_third_as_long_as_the_picture_and_touches_no_more():
    black = torch.zeros(60, 1, 28, 28)
    ink = edit("stroke", black, black, seeded()).sum((1, 2, 3))
    expected = 28 / 3 * 28 / 16 + torch.pi * (28 / 32) ** 2  # a line with round ends
    assert float(ink.mean()) == pytest.approx(expected, rel=0.05)
    white = 1 - black
    assert bool((edit("stroke", white, white, seeded()).amin((1, 2, 3)) < 0.3).all())  # dark on a light picture


def test_a_missing_piece_is_where_the_most_is_lost():
    x = torch.zeros(1, 1, 16, 16)
    x[0, 0, 5:8, 9:12] = 1  # all ink fits into one piece of four
    assert float(edit("missing", x.repeat(30, 1, 1, 1), x, seeded()).sum()) / 30 < 2
    paper = torch.full((1, 3, 16, 16), 0.9)
    paper[0, :, 6:10, 6:10] = 0.2
    assert float((edit("missing", paper, paper, seeded()) - paper).max()) == pytest.approx(0.7)  # painted over with paper


def test_the_mean_and_the_nearest_are_of_the_training_pictures():
    train, x = pictures(30, (1, 6, 6), 1), pictures(4, (1, 6, 6))
    assert torch.equal(edit("mean", x, train, seeded())[2], train.mean(0))
    nearest = [min(train, key=lambda t, p=p: float(F.mse_loss(t, p))) for p in x]
    assert torch.equal(edit("nearest", x, train, seeded()), torch.stack(nearest))


def test_points_are_refused_in_one_line():
    with pytest.raises(UserError, match=r"edits need pictures \(N, C, H, W\) of one shape, got \(5, 2\)"):
        edit("blur", torch.zeros(5, 2), torch.zeros(5, 2), seeded())
