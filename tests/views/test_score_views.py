"""The table of scores: dots stand where the numbers say, a dash where there is none, several seeds as mean and range, CSV whole."""

import csv
import io
import re

import pytest
import torch

from genmodels.runs import RunSpec
from genmodels.store import Recording
from genmodels.studies.scores.finding import (
    BinPictures,
    BinShares,
    OverTraining,
    Regions,
    RunName,
    Score,
    ScoreTable,
    Shares,
)
from genmodels.views.scores import charts, lines, pictures
from genmodels.views.scores.lines import ScoredRun
from genmodels.views.scores.spreadsheet import csv_text
from genmodels.views.scores.table import legend, table


def line(name, value, floor=(0.9, 0.8, 1.0), ceiling=0.1, note=""):
    mean, low, high = floor or (None, None, None)
    return Score(name, mean, low, high, value, ceiling, note)


def sheet(model, seed, *scores):
    """A run with scores made by hand."""
    spec = RunSpec.make("digits", model, seed=seed)
    return ScoredRun(spec, ScoreTable(RunName(spec.key, "digits", model, seed), 360, "a <small> net", list(scores)))


@pytest.mark.parametrize(
    ("value", "scale", "expected"),
    [(10, "linear", 0), (20, "linear", 1), (15, "linear", 0.5), (5, "linear", -0.5), (25, "linear", 1.5)],
)
def test_a_value_stands_between_floor_and_ceiling(value, scale, expected):
    assert lines.position(value, 10, 20, scale) == pytest.approx(expected)


def test_squared_distances_stand_by_their_root_and_ratios_by_their_logarithm():
    assert lines.position(4.0, 1.0, 9.0, "root") == pytest.approx(0.5)
    assert lines.position(-0.01, 0.0, 1.0, "root") == 0  # an unbiased estimate can be below zero: it is at the floor
    assert lines.position(10.0, 1.0, 100.0, "log") == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0.98765, "0.988"),
        (12.345, "12.3"),
        (123.45, "123"),
        (0.000754, "0.0008"),
        (1e-9, "0.0000"),
        (-1e-9, "0.0000"),
        (-0.00834, "-0.0083"),
        (255873, "255,873"),
        (0.0, "0"),
        (-0.0, "0"),
        (8.0, "8"),
        (-31.26, "-31.3"),
        (1234.5, "1,234"),
    ],
)
def test_numbers_have_three_digits(value, text):
    assert lines.number(value) == text


def test_seeds_are_one_cell_with_mean_lowest_and_highest():
    sheets = [[sheet("gmm", seed, line("precision", value)) for seed, value in ((0, 0.5), (1, 0.7), (2, 0.6))]]
    (only,) = lines.lines(sheets)
    assert only.cells[0].mean == pytest.approx(0.6)
    html = table(sheets)
    assert "<b>0.600</b>" in html
    assert "0.500 to 0.700" in html
    assert "mean of 3 trainings, seeds 0 to 2" in legend(sheets)
    assert "mean of" not in legend([[sheets[0][0]]])


def test_a_seed_without_a_value_leaves_no_mean_and_says_how_many_have_one():
    sheets = [
        [
            sheet("gmm", 0, line("precision", 0.5)),
            ScoredRun(RunSpec.make("digits", "gmm", seed=1), None, "no memory"),
            sheet("gmm", 2, line("precision", None, note="some samples are not finite")),
            sheet("gmm", 3, line("precision", 0.7)),
        ]
    ]
    (only,) = lines.lines(sheets)
    assert only.cells[0].mean is None
    html = table(sheets)
    assert '<b title="no memory">—</b><small>2 of 4 seeds: 0.500 to 0.700</small>' in html
    assert "0.600" not in html
    assert 'class="dot' not in html  # no place on the way from real to noise
    rows = list(csv.DictReader(io.StringIO(csv_text(sheets))))
    assert [(row["seed"], row["value"], row["note"]) for row in rows] == [
        ("0", "0.5", ""),
        ("1", "", "no memory"),
        ("2", "", "some samples are not finite"),
        ("3", "0.7", ""),
    ]


def test_a_model_without_scores_is_a_column_of_dashes_with_the_reason_and_the_others_stand():
    sheets = [[ScoredRun(RunSpec.make("digits", "vae"), None, "<it> failed")], [sheet("gmm", 0, line("precision", 0.5))]]
    html = table(sheets)
    assert '<b title="&lt;it&gt; failed">—</b>' in html
    assert "<b>0.500</b>" in html
    assert "360 samples of each model" in legend(sheets)


def test_the_dot_of_a_model_half_way_is_half_way_between_the_marks():
    html = table([[sheet("gmm", 0, line("precision", 0.5, floor=(0.9, 0.9, 0.9), ceiling=0.1))]])
    first, last = (float(x) for x in re.findall(r'class="tick" style="left:([\d.]+)%', html))
    (dot,) = (float(x) for x in re.findall(r'class="dot" style="left:([\d.]+)%', html))
    assert dot == pytest.approx((first + last) / 2, abs=0.1)
    assert "50 % of the way from real to noise" in html


def test_either_side_of_real_is_as_far_where_the_nearer_is_the_better():
    low, high = (
        lines.lines([[sheet("gmm", 0, line("memorisation", value, floor=(0.5, 0.5, 0.5), ceiling=0.0))]])[0]
        for value in (0.25, 0.75)
    )
    assert lines.place(0.25, low) == lines.place(0.75, high) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("name", "ceiling", "shown"),
    [("recall", 0.1, True), ("recall", 0.98, False), ("recall", 0.85, False), ("bins-js", 2.0, True), ("bins-js", 0.5, False)],
)
def test_a_track_is_drawn_only_where_noise_reads_clearly_worse_than_real(name, ceiling, shown):
    assert ("track" in table([[sheet("gmm", 0, line(name, 0.5, ceiling=ceiling))]])) is shown


def test_what_a_model_cannot_is_a_dash_with_its_reason_and_a_bound_says_so():
    reason = "its likelihood is unknown to it"
    sheets = [
        [sheet("vae", 0, line("log-likelihood", 33.46, None, 0.0, "a bound, by 50 codes each of 360 examples"))],
        [sheet("gan", 0, line("log-likelihood", None, None, 0.0, reason))],
    ]
    html = table(sheets)
    assert "≥ 33.5" in html
    assert f'<b title="{reason}">—</b>' in html


def test_seeds_that_agree_to_the_digits_shown_have_no_range():
    html = table([[sheet("gmm", seed, line("parameters", 47, None, None)) for seed in (0, 1)]])
    assert "<b>47</b></td>" in html


def test_a_line_that_no_model_has_is_left_out_and_words_are_escaped():
    sheets = [[sheet("gan", 0, line("active", None, None, None), line("precision", 0.5))]]
    assert [one.row.name for one in lines.lines(sheets)] == ["precision"]
    assert "a &lt;small&gt; net" in legend(sheets)


def test_the_csv_is_every_number_of_the_sheets_to_the_last_digit():
    sheets = [
        [sheet("gmm", seed, line("precision", 0.1 + 0.2 * seed), line("recall", 1 / 3)) for seed in (0, 1)],
        [sheet("gan", seed, line("precision", None, note="a, b"), line("recall", 0.5)) for seed in (0, 1)],
    ]
    read = list(csv.DictReader(io.StringIO(csv_text(sheets))))
    scores = [(one.run, score) for seeds in sheets for one in seeds for score in one.table]
    assert len(read) == len(scores) == 8
    for got, (run, score) in zip(read, scores, strict=True):
        assert (got["model"], int(got["seed"]), got["score"], got["note"]) == (run.model, run.seed, score.name, score.note)
        for name in ("value", "floor", "floor_low", "floor_high", "ceiling"):
            assert (float(got[name]) if got[name] else None) == getattr(score, name)


def test_a_count_that_was_recorded_is_a_whole_number_in_the_csv(store):
    one = sheet("gmm", 0, line("modes", 8, (8.0, 8, 8), 1))
    writer = store.writer(one.run.key)
    one.table.write(writer)
    recorded = ScoreTable.read(Recording(writer.path, finished=False))
    writer.discard()
    (row,) = csv.DictReader(io.StringIO(csv_text([[ScoredRun(one.run, recorded)]])))
    assert [row[name] for name in ("value", "floor", "floor_low", "floor_high", "ceiling")] == ["8", "8.0", "8", "8", "1"]


def over(values, n=64):
    floor = {"precision": [0.85, 0.95], "recall": [0.8]}
    return OverTraining([0, 1, 10, 100], 100, n, {"precision": values}, floor)


def test_a_curve_has_no_mean_where_a_seed_has_no_value_and_the_legend_says_of_how_many_seeds_it_is():
    curves = [("gmm", [over([0.0, 0.2, 0.4, 0.6]), over([0.2, 0.4, None, 0.8])])]
    assert charts.curve("precision", curves, dark=False)["data"][-1]["y"] == pytest.approx([0.1, 0.3, 0.7])
    assert "</b> (2 of 3 seeds)." in charts.legend(curves, 3)
    assert "seeds" not in charts.legend(curves, 2).split("Of the")[0]


def test_a_curve_is_the_mean_of_the_seeds_against_the_share_of_the_training():
    curves = [("gmm", [over([0.0, 0.2, 0.4, 0.6]), over([0.2, 0.4, 0.6, 0.8])]), ("gan", [over([0.1, 0.1, 0.1, None])])]
    figure = charts.curve("precision", curves, dark=False)
    floor, low, high, mixture, gan = figure["data"]
    assert mixture["y"] == pytest.approx([0.1, 0.3, 0.5, 0.7])
    assert mixture["x"] == [0.005, 0.01, 0.1, 1.0]
    assert (low["y"], high["y"]) == ([0.0, 0.2, 0.4, 0.6], [0.2, 0.4, 0.6, 0.8])
    assert (gan["x"], gan["y"]) == ([0.005, 0.01, 0.1], [0.1, 0.1, 0.1])
    assert sorted(set(floor["y"])) == [0.85, 0.95]
    assert "Gaussian mixture ends at 0.7" in charts.alt(figure)
    assert charts.curve("recall", curves, dark=False) is None


SHARES = Shares(expected=[0.25, 0.75], observed=[0.0, 1.0], z=[-40.0, 3.0])


def test_regions_are_as_large_as_their_share_and_coloured_by_their_excess():
    (dots,) = charts.regions("gan", Regions("mode", [0.0, 2.0], [1.0, 3.0], SHARES))["data"]
    assert (dots["x"], dots["y"], dots["marker"]["color"]) == ([0.0, 2.0], [1.0, 3.0], [-6.0, 3.0])
    assert dots["text"] == ["mode: 25.0% of the data, 0.0% of samples", "mode: 75.0% of the data, 100.0% of samples"]
    assert dots["marker"]["size"][1] > dots["marker"]["size"][0]


def test_pictures_of_missing_bins_say_how_often_they_are_filled():
    rare = BinPictures([0], torch.zeros(1, 4, 1, 8, 8, dtype=torch.uint8))
    html = pictures.bins_html([("gan", BinShares(SHARES, rare, BinPictures([], None), None))], "ink")
    assert "data 25.0%, samples 0.0%" in html
    assert "No bin significantly." in html
    assert html.count("<img") == 1
