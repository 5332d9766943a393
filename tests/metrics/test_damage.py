"""Random damage changes what it should, keeps range and shape, comes again for a seed and anew in every call."""

import pytest
import torch

from genmodels import device
from genmodels.metrics.parts.damage import KINDS, damage, displaced

CPU = torch.device("cpu")


def seeded(seed=0):
    return device.generator(CPU, seed, "tests")


def pictures(n, shape, seed=0):
    return torch.rand(n, *shape, generator=seeded(seed))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (1, 9, 13)])
@pytest.mark.parametrize("name", list(KINDS))
def test_every_kind_changes_pictures_within_their_range_and_leaves_its_input(name, shape):
    x, others = pictures(40, shape), pictures(40, shape, 1)
    before = x.clone()
    way, _ = KINDS[name]
    changed = way(x, others, seeded(2))
    assert changed.shape == x.shape
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1
    assert torch.equal(x, before)
    assert not torch.equal(changed, x)
    assert torch.equal(changed, way(x, others, seeded(2)))


def test_every_batch_is_damaged_anew_in_all_ways():
    x, rng = pictures(200, (1, 8, 8)), seeded()
    first, kinds = damage(x, x.flip(0), rng)
    second, again = damage(x, x.flip(0), rng)
    assert set(kinds.tolist()) == set(again.tolist()) == set(range(len(KINDS)))
    assert not torch.equal(first, second)


def test_a_displaced_picture_is_moved_by_two_pixels_at_most_and_loses_no_ink_that_it_need_not():
    x = torch.zeros(400, 1, 9, 9)
    x[:, :, 3:6, 2:9] = 1  # free above, below and to the left
    moved = displaced(x, 2, seeded())
    tops, rights = moved.amax(3).argmax(2)[:, 0], moved.amax(2).cumsum(2).argmax(2)[:, 0]
    assert set(tops.tolist()) == {1, 2, 3, 4, 5}
    lefts = moved.amax(2).argmax(2)[:, 0]
    assert set(lefts.tolist()) == {0, 1, 2}  # never to the right, where ink would be lost
    assert set(rights.tolist()) == {8}  # and the line at the edge is repeated
    assert bool((moved.amax(3).sum(2) == 3).all())


def test_without_pixels_to_go_nothing_moves():
    x = pictures(5, (3, 8, 8))
    assert torch.equal(displaced(x, 0, seeded()), x)
