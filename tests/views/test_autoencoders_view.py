"""The planes as the browser gets them: places in thousandths of the box, deviations in its units, one sampler's pictures."""

import base64
from dataclasses import replace

import numpy as np
import pytest
import torch

from genmodels.studies.autoencoders import PlaneFinding, SamplersFinding
from genmodels.studies.autoencoders.finding import CodeSamples, ModelPlane, Ratio
from genmodels.views import autoencoders as drawing

RATIOS = [Ratio(5.0 + i, 4.0 + i, 7.0 + i) for i in range(4)]


@pytest.fixture
def finding():
    """A plane of half 4 around (1, 0), with a code at its centre and one at its upper right corner."""
    autoencoder = ModelPlane(
        centre=[1.0, 0.0],
        half=4.0,
        across=3,
        error=2.25,
        kl=None,
        sigma=None,
        codes=torch.tensor([[1.0, 0.0], [5.0, 4.0]]),
        deviations=torch.tensor([[0.8, 0.4], [1.6, 0.0]]),
        labels=torch.tensor([7, 2]),
        sheet=torch.zeros(9, 1, 8, 8, dtype=torch.uint8),
        samples=[CodeSamples(torch.zeros(25, 2), torch.full((25, 1, 8, 8), i, dtype=torch.uint8)) for i in range(4)],
        ratios=RATIOS,
    )
    vae = replace(autoencoder, kl=5.9, sigma=0.2)
    return PlaneFinding(2.0, 0.16, 1e-6, "features of a test", autoencoder, vae, RATIOS[0])


def test_codes_and_ellipses_are_in_units_of_the_box(finding):
    autoencoder, vae = drawing.scene(finding, "digits", 0)["planes"]
    codes = np.frombuffer(base64.b64decode(vae["codes"]), "<u2") / 65535
    assert codes.tolist() == pytest.approx([0.5, 0.5, 1, 1], abs=1e-4)
    assert vae["ellipses"] == [pytest.approx([0.5, 0.5, 0.1, 0.05]), pytest.approx([1, 1, 0.2, 0])]
    assert autoencoder["ellipses"] == []
    assert (autoencoder["low"], autoencoder["high"]) == ([-3, -4], [5, 4])
    assert (autoencoder["sigma"], vae["sigma"]) == (0, 0.2)
    assert vae["labels"] == [7, 2]


def test_each_sampler_has_its_pictures_and_its_words(finding):
    scenes = [drawing.scene(finding, "digits", i)["planes"][1]["samples"] for i in range(4)]
    assert len({samples["pictures"] for samples in scenes}) == 4
    assert scenes[0]["note"] == "z ~ N(0, I)"


def test_the_table_has_a_row_a_sampler_with_half_its_range(finding):
    longer = SamplersFinding(8, RATIOS, RATIOS[::-1])
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in drawing.table(finding, longer).splitlines()]
    assert rows[0] == ["codes drawn from", "AE, 2 numbers", "VAE, 2 numbers, β = 2", "AE, 8 numbers", "VAE, 8 numbers"]
    assert rows[2] == ["N(0, I)", "5.0 ± 1.5", "5.0 ± 1.5", "5.0 ± 1.5", "8.0 ± 1.5"]


def test_the_numbers_are_three_samplers_ratios_and_name_the_features(finding):
    assert [value for _, value, _ in drawing.numbers(finding)] == ["6.0 ± 1.5", "5.0 ± 1.5", "7.0 ± 1.5"]
    assert all(note.endswith("By the features of a test.") for _, _, note in drawing.numbers(finding))


def test_the_difference_of_both_units_is_told_unless_they_are_one(finding):
    assert "differ by 1·10⁻⁶ of the grey scale" in drawing.units_words(finding)[1]
    assert len(drawing.units_words(replace(finding, beta=1.0))) == 1
