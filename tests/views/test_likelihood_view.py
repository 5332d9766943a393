"""Estimating p(x), drawn: errors and numbers of codes by definition, bars that end at one level, the exact line."""

import pytest
import torch

from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.views import elbo
from genmodels.views import likelihood as drawing

MARKS = [1, 10, 100]
TERMS = {"log_px": 36.5, "gap": 4.0, "reconstruction": 38.2, "kl": 5.7}


@pytest.fixture
def finding(tmp_path):
    """Two repeats by hand: from the prior 8, 4 and 1 nats too low and 6, 2 and 0; from Q .6 high, .2 low, exact."""
    spec, store = StudySpec.make("brute-force"), Store(tmp_path)
    writer = store.writer(spec.key)
    writer.json("spec.json", spec.to_json())
    known = {"exact": -3.0, "elbo": -3.5, "sigma": 0.1, "kl": 9.87}
    writer.json("facts.json", {"dims": [8], "marks": MARKS, "models": {"8": known}})
    prior, q = torch.tensor([[-8.0, -4.0, -1.0], [-6.0, -2.0, 0.0]]), torch.tensor([[0.6, -0.2, 0.0], [0.6, -0.2, 0.0]])
    sizes = {"8.prior.size": torch.tensor([[1.0, 1.0, 3.0], [1.0, 3.0, 5.0]]), "8.q.size": torch.tensor([[1.0, 8.0, 80.0]] * 2)}
    estimates = {"8.prior.estimate": prior.double() - 3, "8.q.estimate": q.double() - 3}
    writer.tensors("estimates.safetensors", estimates | {name: size.double() for name, size in sizes.items()})
    writer.json("gradients.json", {"exact": 2.0, "draws": 6, "mean": dict.fromkeys(elbo.GRADIENTS, 2.0), "deviation": {
        "reparameterised": 1.0, "score with baseline": 10.0, "score": 90.0}})  # fmt: skip
    writer.tensors("gradients.safetensors", {name: torch.tensor([1.0, 2.0, 2.0, 3.0, 500.0]) for name in elbo.GRADIENTS})
    writer.json("status.json", {"state": "finished"})
    writer.finish()
    found = store.find(spec.key)
    assert found is not None
    return found


def test_errors_are_root_mean_squares_and_enough_is_where_they_stay_below_half_a_nat(finding):
    assert drawing.root_mean_square(finding, 8, "prior") == pytest.approx([50**0.5, 10**0.5, 0.5**0.5])
    assert drawing.needed(finding, 8, "prior") is None
    assert drawing.needed(finding, 8, "q") == 10
    assert drawing.sizes(finding, 8, "prior") == pytest.approx([1, 2, 4])
    rows = drawing.needed_table(finding).splitlines()
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
    assert elbo.remainder(TERMS) == pytest.approx(0.0, abs=1e-12)
    assert elbo.remainder(TERMS | {"gap": 3.0}) == pytest.approx(1.0)
    assert "after training | 36.5000 | 4.0000 | 38.2000 | 5.7000" in elbo.identity_table({"after": TERMS})


def test_the_numbers_are_those_of_the_largest_n_and_of_the_worse_side(finding):
    numbers = {name: value for name, value, _ in drawing.estimate_numbers(finding, 8, "by hand")}
    assert numbers == {
        "Error, z from P(z)": "0.707 nats",
        "Error, z from Q(z|X)": "0 nats",
        "Effective sample, z from P(z)": "4 of 100",
        "Effective sample, z from Q(z|X)": "80 of 100",
    }
    assert "errs **low**" in drawing.estimate_words(finding, 8)
    assert "larger effective sample" not in drawing.estimate_words(finding, 8)
    terms = {"before": TERMS | {"gap": 24.0, "log_px": -10.0, "reconstruction": -33.0, "kl": 1.0002}, "after": TERMS}
    assert [value for _, value, _ in elbo.identity_numbers(terms)] == ["2·10⁻⁴ nats", "24 nats", "4 nats"]
    words = elbo.identity_words(terms)
    assert "by +46.5 nats" in words
    assert "20.0 nats nearer to" in words
    assert "+66.5" in words
    gradients = {name: value for name, value, _ in elbo.gradient_numbers(finding)}
    assert gradients["Codes that one is worth"] == "100"
    assert gradients["score alone"] == "2.00 ± 90.0"


def test_histograms_count_what_is_within_three_deviations_and_tell_what_is_not(finding):
    figure = elbo.gradient_histograms(finding)
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
