"""The plane's data and its sentences say what the numbers say."""

import base64
import io
import math

import numpy as np
import pytest
import torch
from PIL import Image

from genmodels.views import gallery as view

NAMES = [("vae", "VAE", "model", "vae"), ("gan", "GAN", "model", "gan"), ("identity", "the picture itself", "real", "")]
NAMES += [("blur", "blurred", "edit", ""), ("mean", "training mean", "edit", "")]
SOURCES = [{"name": n, "title": t, "kind": k, "family": f, "how": "somehow", "run": None, "code": ""} for n, t, k, f in NAMES]


def content(rho=-0.1, pooled=0.5):
    found = {"rho": rho, "low": rho - 0.05, "high": rho + 0.05} if rho is not None else {"rho": None, "low": None, "high": None}
    told = {"all": pooled, "models": found, "each": [rho] * 5}
    measures = {"judge": "judge's logit", "neighbours": "score", "d1": "GAN's own D"}
    correlations = {f"{e} {r}": told for e in ("pixels", "features") for r in measures}
    facts = {"n": 4, "labels": [3, 1, 4, 1], "judged": 40, "reference": 100, "features": "last layer", "measures": measures}
    return {**facts, "sources": SOURCES, "correlations": correlations}


def table():
    error = torch.tensor([0.1, 0.2, 0.0, 0.05, 0.4])[:, None].repeat(1, 4)
    judge = torch.tensor([-2.0, 0.0, 1.0, -3.0, -4.0])[:, None] + torch.tensor([-0.1, 0.0, 0.0, 0.1])
    return {"pixels": error, "features": error, "judge": judge, "neighbours": judge.exp(), "d1": judge}


def floats(text):
    return np.frombuffer(base64.b64decode(text), "<f4").reshape(5, 4)


def test_dots_lie_at_error_and_realism_and_lines_where_they_are_said_to_be():
    told = view.plane(content(), table(), "pixels", "judge")
    np.testing.assert_allclose(floats(told["x"]), table()["pixels"])
    np.testing.assert_allclose(floats(told["y"]), table()["judge"], atol=0.03)  # the outermost half per cent is at the edge
    assert told["close"] == pytest.approx(0.2)  # half the error of the training mean
    assert told["real"] == pytest.approx(float(table()["judge"][2].quantile(0.25)))
    assert told["sources"][1]["mean"] == pytest.approx([0.2, 0.0])
    assert [s["glyph"] for s in told["sources"]] == ["circle", "triangle", "star", "cross", "cross"]
    assert {text: value for value, text in told["axes"]["y"]["ticks"]}["10 %"] == pytest.approx(math.log(0.1 / 0.9))


def test_the_score_by_neighbours_is_drawn_by_its_logarithm():
    told = view.plane(content(), table(), "pixels", "neighbours")
    assert told["sources"][2]["mean"][1] == pytest.approx(1 / math.log(2))
    assert ("1", 0.0) in [(text, value) for value, text in told["axes"]["y"]["ticks"]]


def test_the_sheet_holds_each_source_in_a_row_and_the_originals_in_the_last():
    pictures = torch.arange(2 * 3 * 4, dtype=torch.uint8).reshape(2, 3, 1, 2, 2) * 5
    originals = torch.full((3, 1, 2, 2), 200, dtype=torch.uint8)
    png = base64.b64decode(view.sprite({"pictures": pictures, "originals": originals}).partition(",")[2])
    sheet = np.asarray(Image.open(io.BytesIO(png)))
    assert sheet.shape == (6, 6)
    assert np.array_equal(sheet[2:4, 4:6], pictures[1, 2, 0])
    assert (sheet[4:] == 200).all()


@pytest.mark.parametrize(
    ("rho", "words"),
    [
        (-0.1, "error hardly tells realism"),
        (0.2, "error hardly tells realism"),
        (-0.6, "mostly looks more real, but not always"),
        (-0.9, "what is nearer looks more real."),
        (0.5, "looks *less* real"),
    ],
)
def test_the_verdict_follows_the_correlation(rho, words):
    told = view.sentence(content(rho), table(), "pixels", "judge")
    assert words in told
    assert "over what models made, 8 pictures" in told  # of two models; edits have a number of their own below
    assert f"**ρ = {rho:+.2f} (".replace("-", "−") in told


def test_the_number_over_edits_too_is_told_apart_and_names_what_it_is_over():
    assert "over all 20 dots, edits chosen by hand among them, +0.50;" in view.measured(content(), "pixels", "judge")
    assert "4 test pictures and the judges" in view.settled(content(), "pixels", "judge")
    assert "judges" not in view.settled(content(), "pixels", "neighbours")


def test_what_is_invertible_is_named_and_takes_no_part():
    facts = content()
    facts["sources"] = [{**SOURCES[0], "title": "Flow matching, invertible", "code": "invertible"}, *SOURCES[1:]]
    told = view.sentence(facts, table(), "pixels", "judge")
    assert "*Flow matching* takes no part: it inverts its own map, so it rebuilds anything, noise too" in told
    assert "4 pictures" in told
    assert "nearer to the original than *Flow" not in told
    alone = facts | {"sources": [facts["sources"][0], *SOURCES[2:]]}
    alone["correlations"] = {"pixels judge": content(None)["correlations"]["pixels judge"]}
    rows = {name: torch.cat([values[:1], values[2:]]) for name, values in table().items()}
    assert "no model here but what rebuilds anything" in view.sentence(alone, rows, "pixels", "judge")


def test_a_decoder_is_compared_with_a_decoder():
    """The encoded VAE is nearer than the searched GAN and less real: not the same question; the searched VAE breaks the rule."""
    encoded, searched = ({**SOURCES[0], "title": f"VAE, {code}", "code": code} for code in ("encoded", "searched"))
    facts = content() | {"sources": [encoded, {**SOURCES[1], "title": "GAN, searched", "code": "searched"}, searched]}
    values = torch.tensor([0.1, 0.2, 0.15])[:, None].repeat(1, 4)
    rows = {"pixels": values, "judge": torch.tensor([-3.0, 0.0, -1.0])[:, None].repeat(1, 4)}
    assert "*VAE, searched* is nearer to the original than *GAN, searched*" in view.sentence(facts, rows, "pixels", "judge")
    facts["sources"] = facts["sources"][:2]
    rows = {name: value[:2] for name, value in rows.items()}
    assert "nearer to the original than" not in view.sentence(facts, rows, "pixels", "judge")


def test_the_breach_named_is_the_largest_and_is_one():
    told = view.sentence(content(), table(), "pixels", "judge")
    assert "*VAE* is nearer to the original than *GAN* (error 0.10 against 0.20) and looks less real (12 % against 50 %)" in told
    ordered = {**table(), "judge": -table()["pixels"]}
    assert "nearer to the original than" not in view.sentence(content(-0.95), ordered, "pixels", "judge")
    assert "no correlation" in view.sentence(content(None), table(), "pixels", "judge")


def test_without_a_discriminator_there_is_none():
    facts = content()
    assert view.measure_of(facts, "discriminator") == "d1"
    assert view.measure_of({"measures": {"judge": ""}}, "discriminator") is None
    assert view.measure_of(facts, "judge") == "judge"


def test_a_sweep_is_one_line_a_family_in_the_order_of_its_runs():
    facts = content()
    facts["sources"] = [{**SOURCES[0], "title": "VAE, β 0.1"}, {**SOURCES[0], "title": "VAE, as preset"}, *SOURCES[1:4]]
    figure = view.sweep(facts, table(), "pixels", "judge")
    lines = figure["data"]
    assert [line["name"] for line in lines][:2] == ["VAE", "GAN"]
    assert lines[0]["text"] == ["β 0.1", "as preset"]
    assert lines[0]["x"] == pytest.approx([0.1, 0.2])


def test_what_is_told_of_one_picture():
    assert view.realism_words(0.0, "judge") == "the judge gives it 50 % to be real"
    assert view.realism_words(0.5, "neighbours") == "realism score 0.50"
    assert view.height(0.25, "neighbours") == -2
    assert "−1.00" in view.realism_words(-1.0, "d1")
    assert "three in four" in view.measured(content(), "pixels", "judge")
