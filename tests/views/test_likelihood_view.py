"""Estimating p(x) as figures: errors and numbers of codes by definition, bars that end at one level, the exact line."""

from dataclasses import replace

import pytest
import torch

from genmodels.studies.likelihood import BruteForceFinding, GradientsFinding, IdentityFinding
from genmodels.studies.likelihood.brute_force import Estimates, Exact, ModelEstimates
from genmodels.studies.likelihood.gradients import Sample
from genmodels.studies.likelihood.identity import Terms
from genmodels.views import elbo
from genmodels.views import likelihood as drawing

TERMS = Terms(log_px=36.5, gap=4.0, reconstruction=38.2, kl=5.7)


def estimates(errors, sizes):
    return Estimates(torch.tensor(errors).double() - 3, torch.tensor(sizes).double())


@pytest.fixture
def finding():
    """Two repeats by hand: from the prior 8, 4 and 1 nats too low and 6, 2 and 0; from Q .6 high, .2 low, exact."""
    prior = estimates([[-8.0, -4.0, -1.0], [-6.0, -2.0, 0.0]], [[1.0, 1.0, 3.0], [1.0, 3.0, 5.0]])
    q = estimates([[0.6, -0.2, 0.0]] * 2, [[1.0, 8.0, 80.0]] * 2)
    return BruteForceFinding([1, 10, 100], {8: ModelEstimates(Exact(-3.0, -3.5, 0.1, 9.87), prior, q)})


@pytest.fixture
def gradients():
    deviations = {"reparameterised": 1.0, "score with baseline": 10.0, "score": 90.0}
    first = torch.tensor([1.0, 2.0, 2.0, 3.0, 500.0])
    return GradientsFinding(2.0, 6, {method: Sample(2.0, deviation, first) for method, deviation in deviations.items()})


def test_errors_are_root_mean_squares_and_enough_is_where_they_stay_below_half_a_nat(finding):
    assert drawing.root_mean_square(finding, 8, "prior") == pytest.approx([50**0.5, 10**0.5, 0.5**0.5])
    assert drawing.enough(finding, 8, "prior") is None
    assert drawing.enough(finding, 8, "q") == 10
    assert drawing.effective_size(finding, 8, "prior") == pytest.approx([1, 2, 4])
    rows = drawing.enough_table(finding).splitlines()
    assert [row.split("|")[2].strip() for row in rows] == ["8", "--:", "> 100", "10", "9.9"]


def test_the_exact_value_and_the_bound_are_levels_and_what_is_out_of_sight_is_told(finding):
    figure = drawing.estimates(finding, 8)
    levels = {line["name"]: line["y"] for line in figure["data"] if line.get("name", "").startswith(("exact", "ELBO"))}
    assert levels == {"exact: -3.00": [-3.0, -3.0], "ELBO: -3.50": [-3.5, -3.5]}
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < -3.5 < -3 < high
    assert "annotations" not in figure["layout"]  # half a nat below is within the chart


def test_every_dimension_has_a_line_from_the_prior_and_one_from_q(finding):
    assert len(drawing.all_errors(finding, 8)["data"]) == 2
    assert [note["text"] for note in drawing.all_errors(finding, 8)["layout"]["annotations"]] == ["8", "8"]
    assert drawing.effective_sizes(finding, 8)["data"][1]["y"] == [1, 8, 80]


def test_bars_of_both_sides_end_at_the_elbo():
    (bars,) = elbo.identity_bars(TERMS, "after")["data"]
    ends = [base + length for base, length in zip(bars["base"], bars["y"], strict=True)]
    assert ends == pytest.approx([36.5, 32.5, 38.2, 32.5])
    assert TERMS.remainder == pytest.approx(0.0, abs=1e-12)
    assert replace(TERMS, gap=3.0).remainder == pytest.approx(1.0)
    assert "after training | 36.5000 | 4.0000 | 38.2000 | 5.7000" in elbo.identity_table(IdentityFinding(TERMS, TERMS))


def test_the_numbers_are_those_of_the_largest_n_and_of_the_worse_side(finding, gradients):
    numbers = {name: value for name, value, _ in drawing.estimate_numbers(finding, 8, "by hand")}
    assert numbers == {
        "Error, z from P(z)": "0.707 nats",
        "Error, z from Q(z|X)": "0 nats",
        "Effective sample, z from P(z)": "4 of 100",
        "Effective sample, z from Q(z|X)": "80 of 100",
    }
    assert "errs **low**" in drawing.estimate_words(finding, 8)
    assert "larger effective sample" not in drawing.estimate_words(finding, 8)
    identity = IdentityFinding(Terms(log_px=-10.0, gap=24.0, reconstruction=-33.0, kl=1.0002), TERMS)
    assert [value for _, value, _ in elbo.identity_numbers(identity)] == ["2·10⁻⁴ nats", "24 nats", "4 nats"]
    words = elbo.identity_words(identity)
    assert "by +46.5 nats" in words
    assert "20.0 nats nearer to" in words
    assert "+66.5" in words
    values = {name: value for name, value, _ in elbo.gradient_numbers(gradients)}
    assert values["Codes that one is worth"] == "100"
    assert values["score alone"] == "2.00 ± 90.0"


def test_histograms_count_what_is_within_three_deviations_and_tell_what_is_not(gradients):
    figure = elbo.gradient_histograms(gradients)
    assert [sum(bars["y"]) for bars in figure["data"]] == [4, 4, 4]
    assert [note["text"].endswith("20% outside") for note in figure["layout"]["annotations"]] == [True] * 3
    assert figure["layout"]["shapes"][0]["x0"] == 2.0


@pytest.mark.parametrize(("value", "text"), [(7.3e-8, "7·10⁻⁸"), (0.0, "0"), (2e-3, "2·10⁻³"), (4e-14, "4·10⁻¹⁴")])
def test_small_numbers_are_a_figure_and_a_power_of_ten(value, text):
    assert drawing.tiny(value) == text


def test_the_chosen_picture_stands_out_and_every_picture_has_words():
    strip = drawing.picture_html(3, dark=False)
    assert strip.count("<img") == strip.count('alt="test picture') == drawing.PICTURES
    assert strip.count("outline") == 1
    assert strip != drawing.picture_html(3, dark=True)
