"""A drawing's name is the drawing, and its points are uniform on the ink."""

import base64
import math
from fractions import Fraction

import pytest
import torch
from scipy.stats import chisquare

from genmodels import datasets, device
from genmodels.config import UserError
from genmodels.datasets import drawn
from genmodels.runs import RunSpec
from tests.oracles import integral_on_a_grid

CORNER = "drawn-g" + "A" * 95  # g is 100000: the first cell alone
CPU = torch.device("cpu")


def some_ink(share=0.3, seed=0):
    return torch.rand(24, 24, generator=torch.Generator().manual_seed(seed)) < share


def test_the_first_bit_is_the_upper_left_cell():
    assert drawn.ink_of(CORNER).nonzero().tolist() == [[0, 0]]
    x = datasets.source(CORNER).load().train
    assert x[:, 0].min() >= -1
    assert x[:, 0].max() <= -11 / 12
    assert x[:, 1].min() >= 11 / 12
    assert x[:, 1].max() <= 1


def test_the_name_is_the_cells_as_one_binary_number_in_base64url():
    ink = some_ink()
    number = int("".join(str(int(cell)) for row in ink.tolist() for cell in row), 2)
    assert drawn.name_of(ink) == "drawn-" + base64.urlsafe_b64encode(number.to_bytes(72, "big")).decode()
    assert len(drawn.name_of(ink)) == 6 + 96


@pytest.mark.parametrize("seed", range(5))
def test_a_drawing_comes_back_from_its_name(seed):
    ink = some_ink(0.1 + 0.2 * seed, seed)
    assert torch.equal(drawn.ink_of(drawn.name_of(ink)), ink)


def test_points_are_on_the_ink_only_and_evenly():
    """Counted by quarters of a cell, as the picture shows them: rows from the top, columns from the left."""
    ink = some_ink(0.05)
    x = datasets.source(drawn.name_of(ink)).load().train.double()
    column, row = ((x[:, 0] + 1) * 24).floor().long(), ((1 - x[:, 1]) * 24).floor().long()
    counts = torch.zeros(48, 48).index_put_((row, column), torch.ones(len(x)), accumulate=True)
    inked = ink.repeat_interleave(2, 0).repeat_interleave(2, 1)
    assert counts[~inked].sum() == 0
    assert chisquare(counts[inked].numpy()).pvalue > 0.001


@pytest.mark.parametrize("ink", [some_ink(), drawn.ink_of(CORNER), torch.ones(24, 24).bool()], ids=["some", "corner", "all"])
def test_the_density_integrates_to_one_and_is_that_of_its_points(ink):
    source = datasets.source(drawn.name_of(ink))
    assert integral_on_a_grid(source.log_density, -1.25, 1.25, 30 * 8) == pytest.approx(1, abs=1e-6)
    area = ink.sum().item() * (2 / 24) ** 2
    for x in (source.load().train, source.load().test):
        assert source.log_density(x).unique().tolist() == pytest.approx([-math.log(area)])


def test_outside_the_square_and_off_the_ink_there_is_no_density():
    ink = torch.ones(24, 24).bool()
    ink[0, 0] = False
    log_density = datasets.source(drawn.name_of(ink)).log_density
    nowhere = torch.tensor([[-0.99, 0.99], [1.001, 0.0], [0.0, -1.001], [-9e9, 0.0], [math.inf, 0.0], [math.nan, 0.0]])
    assert (log_density(nowhere) == -math.inf).all()
    assert torch.isfinite(log_density(torch.tensor([[0.99, 0.99], [-0.99, -0.99], [0.0, 0.0]]))).all()
    assert log_density(nowhere.double()).dtype == torch.float64


def test_the_edges_of_the_ink_are_exact_to_the_last_bit():
    stripes = (torch.arange(24) % 2 == 0).expand(24, 24)  # every other column
    edges = torch.tensor([(k / 12) - 1 for k in range(25)])
    near = torch.cat([edges, *(torch.nextafter(edges, edges + side) for side in (1, -1))])
    for x in near[(near == 0) | (near.abs() > 1e-9)].tolist():
        cell = math.floor((Fraction(x) + 1) * 12)
        got = datasets.source(drawn.name_of(stripes)).log_density(torch.tensor([[x, 0.1]])).item()
        assert math.isfinite(got) == (0 <= cell < 24 and cell % 2 == 0)
        cell = math.floor((1 - Fraction(x)) * 12)
        got = datasets.source(drawn.name_of(stripes.T)).log_density(torch.tensor([[0.1, x]])).item()
        assert math.isfinite(got) == (0 <= cell < 24 and cell % 2 == 0)


@pytest.mark.parametrize("name", [CORNER, drawn.name_of(some_ink())], ids=["corner", "some"])
def test_it_keeps_the_promises_of_every_dataset(name):
    source, once, again = datasets.source(name), datasets.source(name).load(), datasets.source(name).load()
    assert torch.equal(once.train, again.train)
    assert torch.equal(once.test, again.test)
    assert (len(once.train), len(once.test)) == (20_000, 4_000)
    assert once.train.dtype == torch.float32
    assert len(torch.cat([once.train, once.test]).unique(dim=0)) == 24_000
    assert source is datasets.source(name)
    assert datasets.load(name, CPU).source is source


def test_two_drawings_draw_independent_points():
    some, other = (some_ink(0.3, seed) for seed in (0, 1))
    a, b = (datasets.source(drawn.name_of(ink)).load().train for ink in (some, other))
    assert abs(torch.corrcoef(torch.stack([a[:, 0], b[:, 0]]))[0, 1]) < 0.03
    assert datasets.source(drawn.name_of(some)).title != datasets.source(drawn.name_of(other)).title


BAD = {
    "nothing drawn": "drawn-" + "A" * 96,
    "too short": "drawn-" + "g" * 95,
    "too long": "drawn-" + "g" * 97,
    "padded": "drawn-" + "g" * 95 + "=",
    "other alphabet": "drawn-" + "g" * 95 + "+",
    "other letters": "drawn-" + "é" * 96,
    "a line break": "drawn-" + "g" * 96 + "\n",
    "a path": "drawn-../../etc/passwd",
    "very long": "drawn-" + "g" * 1_000_000,
    "only the beginning": "drawn-",
    "capitals": "Drawn-" + "g" * 96,
    "no hyphen": "drawn" + "g" * 96,
}


@pytest.mark.parametrize("what", BAD)
def test_a_name_that_is_no_drawing_is_one_short_line(what):
    with pytest.raises(UserError, match="^no dataset ") as refused:
        datasets.source(BAD[what])
    assert len(str(refused.value)) < 400
    assert "\n" not in str(refused.value)


def test_drawings_are_in_no_list_and_no_listed_name_is_taken_for_one():
    datasets.source(CORNER)
    assert not any(name.partition("-")[0] in datasets.makers() for name in datasets.sources())
    assert set(datasets.makers()) == {"drawn", "own"}


def test_a_mixture_of_a_drawing_lies_between_a_uniform_guess_and_the_truth(fitted):
    ink = torch.zeros(24, 24).bool()
    ink[2:5, 3:9] = ink[15:20, 14:18] = True
    name = drawn.name_of(ink)
    log_p = fitted(name, "gmm").log_prob(datasets.load(name, device.choose_device()).test).mean().item()
    assert -math.log(4) + 1 < log_p < -math.log(38 / 144)
    assert RunSpec.make(name, "gmm").canonical().count(name) == 1
