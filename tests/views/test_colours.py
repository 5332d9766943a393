"""Colours: no two models look alike to any eye, and words can be read on their ground."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from genmodels import models
from genmodels.views.colours import COLOURS

THEME = tomllib.loads((Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml").read_text())["theme"]
GROUNDS = ("light", "dark")
EYES = {  # Machado, Oliveira and Fernandes 2009: linear RGB as it is seen without one kind of cones
    "all cones": np.eye(3),
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanope": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
LEAST = 0.08  # in OKLab; the two mixtures shared one green (0), GAN and flow matching were .006 apart to a deuteranope
CONES = [[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.68069955, 0.10739696], [0.08830246, 0.28171884, 0.6299787]]
OPPONENT = [[0.21045426, 0.79361779, -0.00407205], [1.9779985, -2.42859221, 0.45059371], [0.02590404, 0.78277177, -0.80867577]]


def linear(colour):
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def oklab(colour, eye):
    """Ottosson 2020."""
    return np.array(OPPONENT) @ np.cbrt(np.array(CONES) @ np.clip(np.array(EYES[eye]) @ linear(colour), 0, 1))


def contrast(words, ground):
    """WCAG 2.2."""
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (words, ground))
    return (high + 0.05) / (low + 0.05)


def faded(words, ground, share):
    mixed = [share * int(words[i : i + 2], 16) + (1 - share) * int(ground[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(value):02x}" for value in mixed)


def test_black_on_white_has_a_contrast_of_21_and_red_and_green_of_equal_light_are_one_to_a_protanope():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    red, green = "#6a0000", "#101f00"
    assert np.linalg.norm(oklab(red, "all cones") - oklab(green, "all cones")) > 2 * np.linalg.norm(
        oklab(red, "protanope") - oklab(green, "protanope")
    )


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_no_two_models_share_a_colour_in_anybodys_eyes(ground, eye):
    assert set(COLOURS) == set(models.models())
    own = {model: oklab(pair[GROUNDS.index(ground)], eye) for model, pair in COLOURS.items()}
    apart = {pair: np.linalg.norm(own[pair[0]] - own[pair[1]]) for pair in itertools.combinations(own, 2)}
    assert min(apart.values()) > LEAST, min(apart, key=apart.get)


@pytest.mark.parametrize("ground", GROUNDS)
def test_words_in_a_models_colour_captions_and_the_words_of_a_button_can_be_read(ground):
    theme = THEME[ground]
    for paper in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(faded(theme["textColor"], paper, 0.6), paper) > 4.5  # a caption has six tenths of the text's ink
        assert contrast(theme["linkColor"], paper) > 4.5
    assert contrast("#ffffff", theme["primaryColor"]) > 4.5
    for pair in COLOURS.values():
        assert contrast(pair[GROUNDS.index(ground)], theme["backgroundColor"]) > 4.5
