"""The plane's data and its sentences say what the numbers say."""

import base64
import dataclasses
import io
import math

import numpy as np
import pytest
import torch
from PIL import Image

from genmodels.metrics.realism_plane import Correlation
from genmodels.studies.gallery.finding import Correlations, Measure, Pictures, Plane, pair
from genmodels.studies.gallery.sources import Source
from genmodels.views.gallery import axes, words
from genmodels.views.gallery.plane import payload, sprite
from genmodels.views.gallery.sweep import figure

SOURCES = [
    Source("vae", "VAE", "model", "somehow", "vae"),
    Source("gan", "GAN", "model", "somehow", "gan"),
    Source("identity", "the picture itself", "real", "somehow"),
    Source("blur", "blurred", "edit", "somehow"),
    Source("mean", "training mean", "edit", "somehow"),
]
ERROR = torch.tensor([0.1, 0.2, 0.0, 0.05, 0.4])[:, None].repeat(1, 4)
JUDGE = torch.tensor([-2.0, 0.0, 1.0, -3.0, -4.0])[:, None] + torch.tensor([-0.1, 0.0, 0.0, 0.1])
TABLE = {"pixels": ERROR, "features": ERROR, "judge": JUDGE, "neighbours": JUDGE.exp(), "d1": JUDGE}


def plane_of(rho=-0.1, **changes):
    """A finding made by hand."""
    interval = Correlation(rho, rho - 0.05, rho + 0.05) if rho is not None else Correlation(None, None, None)
    measures = {"judge": Measure("judge's logit"), "neighbours": Measure("score"), "d1": Measure("GAN's own D", run=1)}
    facts = {
        "dataset": "digits",
        "n": 4,
        "labels": [3, 1, 4, 1],
        "sources": SOURCES,
        "measures": measures,
        "correlations": {pair(e, r): Correlations(interval, 0.5, [rho] * 5) for e in ("pixels", "features") for r in measures},
        "table": TABLE,
        "n_judged": 40,
        "n_reference": 100,
        "features": "last layer",
    }
    return Plane(**facts | changes)


def of_sources(*indices):
    """The table of these sources alone."""
    return {name: values[list(indices)] for name, values in TABLE.items()}


def floats(text):
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(5, 4)


def test_dots_lie_at_error_and_realism_and_lines_where_they_are_said_to_be():
    drawing = payload(plane_of(), "pixels", "judge")
    np.testing.assert_allclose(floats(drawing["x"]), ERROR)
    np.testing.assert_allclose(floats(drawing["y"]), JUDGE, atol=0.03)  # the outermost half per cent is at the edge
    assert drawing["close"] == pytest.approx(0.2)  # half the error of the training mean
    assert drawing["real"] == pytest.approx(float(JUDGE[2].quantile(0.25)))
    assert drawing["sources"][1]["mean"] == pytest.approx([0.2, 0.0])
    assert [s["glyph"] for s in drawing["sources"]] == ["circle", "triangle", "star", "cross", "cross"]
    assert {text: value for value, text in drawing["axes"]["y"]["ticks"]}["10 %"] == pytest.approx(math.log(0.1 / 0.9))


def test_the_score_by_neighbours_is_drawn_by_its_logarithm():
    drawing = payload(plane_of(), "pixels", "neighbours")
    assert drawing["sources"][2]["mean"][1] == pytest.approx(1 / math.log(2))
    assert ("1", 0.0) in [(text, value) for value, text in drawing["axes"]["y"]["ticks"]]


def test_the_sheet_holds_each_source_in_a_row_and_the_originals_in_the_last():
    pictures = torch.arange(2 * 3 * 4, dtype=torch.uint8).reshape(2, 3, 1, 2, 2) * 5
    originals = torch.full((3, 1, 2, 2), 200, dtype=torch.uint8)
    png = base64.b64decode(sprite(Pictures(pictures, originals)).partition(",")[2])
    sheet = np.asarray(Image.open(io.BytesIO(png)))
    assert sheet.shape == (6, 6)
    assert np.array_equal(sheet[2:4, 4:6], pictures[1, 2, 0])
    assert (sheet[4:] == 200).all()


@pytest.mark.parametrize(
    ("rho", "verdict"),
    [
        (-0.1, "error hardly tells realism"),
        (0.2, "error hardly tells realism"),
        (-0.6, "mostly looks more real, but not always"),
        (-0.9, "what is nearer looks more real."),
        (0.5, "looks *less* real"),
    ],
)
def test_the_verdict_follows_the_correlation(rho, verdict):
    sentence = words.sentence(plane_of(rho), "pixels", "judge")
    assert verdict in sentence
    assert "over what models made, 8 pictures" in sentence  # of two models; edits have a number of their own below
    assert f"**ρ = {rho:+.2f} (".replace("-", "−") in sentence


def test_the_number_over_edits_too_is_told_apart_and_names_what_it_is_over():
    assert "over all 20 dots, edits chosen by hand among them, +0.50;" in words.method_words(plane_of(), "pixels", "judge")
    assert "4 test pictures and the judges" in words.correlation_words(plane_of(), "pixels", "judge")
    assert "judges" not in words.correlation_words(plane_of(), "pixels", "neighbours")


def test_what_is_invertible_is_named_and_takes_no_part():
    invertible = dataclasses.replace(SOURCES[0], title="Flow matching, invertible", code="invertible")
    sentence = words.sentence(plane_of(sources=[invertible, *SOURCES[1:]]), "pixels", "judge")
    assert "*Flow matching* takes no part: it inverts its own map, so it rebuilds anything, noise too" in sentence
    assert "4 pictures" in sentence
    assert "nearer to the original than *Flow" not in sentence
    alone = plane_of(None, sources=[invertible, *SOURCES[2:]], table=of_sources(0, 2, 3, 4))
    assert "no model here but what rebuilds anything" in words.sentence(alone, "pixels", "judge")


def test_a_decoder_is_compared_with_a_decoder():
    """The encoded VAE is nearer than the searched GAN and less real: not the same question; the searched VAE breaks the rule."""
    encoded, searched = (dataclasses.replace(SOURCES[0], title=f"VAE, {code}", code=code) for code in ("encoded", "searched"))
    sources = [encoded, dataclasses.replace(SOURCES[1], title="GAN, searched", code="searched"), searched]
    error = torch.tensor([0.1, 0.2, 0.15])[:, None].repeat(1, 4)
    table = {"pixels": error, "judge": torch.tensor([-3.0, 0.0, -1.0])[:, None].repeat(1, 4)}
    three = words.sentence(plane_of(sources=sources, table=table), "pixels", "judge")
    assert "*VAE, searched* is nearer to the original than *GAN, searched*" in three
    two = plane_of(sources=sources[:2], table={name: values[:2] for name, values in table.items()})
    assert "nearer to the original than" not in words.sentence(two, "pixels", "judge")


def test_the_breach_named_is_the_largest_and_is_one():
    sentence = words.sentence(plane_of(), "pixels", "judge")
    breach = "*VAE* is nearer to the original than *GAN* (error 0.10 against 0.20) and looks less real (12 % against 50 %)"
    assert breach in sentence
    ordered = plane_of(-0.95, table={**TABLE, "judge": -ERROR})
    assert "nearer to the original than" not in words.sentence(ordered, "pixels", "judge")
    assert "no correlation" in words.sentence(plane_of(None), "pixels", "judge")


def test_without_a_discriminator_there_is_none():
    assert axes.column(plane_of(), "discriminator") == "d1"
    assert axes.column(plane_of(measures={"judge": Measure("")}), "discriminator") is None
    assert axes.column(plane_of(), "judge") == "judge"


def test_a_sweep_is_one_line_a_family_in_the_order_of_its_runs():
    sources = [dataclasses.replace(SOURCES[0], title=title) for title in ("VAE, β 0.1", "VAE, as preset")]
    lines = figure(plane_of(sources=[*sources, *SOURCES[1:4]]), "pixels", "judge")["data"]
    assert [line["name"] for line in lines][:2] == ["VAE", "GAN"]
    assert lines[0]["text"] == ["β 0.1", "as preset"]
    assert lines[0]["x"] == pytest.approx([0.1, 0.2])


def test_what_is_told_of_one_picture():
    assert words.realism_words(0.0, "judge") == "the judge gives it 50 % to be real"
    assert words.realism_words(0.5, "neighbours") == "realism score 0.50"
    assert axes.height(0.25, "neighbours") == -2
    assert "−1.00" in words.realism_words(-1.0, "d1")
    assert "three in four" in words.method_words(plane_of(), "pixels", "judge")
