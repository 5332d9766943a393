"""The planes as the browser gets them: places in thousandths of the box, deviations in its units, one sampler's pictures."""

import base64

import numpy as np
import pytest
import torch

from genmodels.store import Store
from genmodels.studies.autoencoders import specs
from genmodels.studies.findings import StudySpec, find
from genmodels.views import autoencoders as drawing

FRECHET = [{"mean": 5.0 + i, "least": 4.0 + i, "most": 7.0 + i} for i in range(4)]


@pytest.fixture
def finding(tmp_path):
    """A plane of half 4 around (1, 0), with a code at its centre and one at its upper right corner."""
    spec, store = StudySpec.make("code-plane", specs("digits")), Store(tmp_path)
    writer = store.writer(spec.key)
    writer.json("spec.json", spec.to_json())
    own = {"centre": [1.0, 0.0], "half": 4.0, "across": 3, "error": 2.25, "frechet": FRECHET}
    facts = {"sigma": 0.16, "beta": 2.0, "autoencoder": own, "vae": own | {"kl": 5.9, "sigma": 0.2}}
    writer.json("facts.json", facts)
    for name in drawing.TITLES:
        tensors = {
            "codes": torch.tensor([[1.0, 0.0], [5.0, 4.0]]),
            "deviations": torch.tensor([[0.8, 0.4], [1.6, 0.0]]),
            "labels": torch.tensor([7, 2]),
            "sheet": torch.zeros(9, 1, 8, 8, dtype=torch.uint8),
        }
        for i in range(4):
            pictures = torch.full((25, 1, 8, 8), i, dtype=torch.uint8)
            tensors |= {f"samples.{i}": pictures, f"samples.{i}.codes": torch.zeros(25, 2)}
        writer.tensors(f"{name}.safetensors", tensors)
    writer.json("status.json", {"state": "finished"})
    writer.finish()
    found = find(spec, store)
    assert found is not None
    return found


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
    assert len({shown["pictures"] for shown in scenes}) == 4
    assert scenes[0]["note"] == "z ~ N(0, I)"


def test_the_table_has_a_row_a_sampler_with_half_its_range(finding):
    longer = {"dim": 8, "frechet": {"autoencoder": FRECHET, "vae": FRECHET[::-1]}}
    rows = [
        [cell.strip() for cell in row.split("|")[1:-1]] for row in drawing.table(finding.json("facts.json"), longer).splitlines()
    ]
    assert rows[0] == ["codes drawn from", "AE, 2 numbers", "VAE, 2 numbers, β = 2", "AE, 8 numbers", "VAE, 8 numbers"]
    assert rows[2] == ["N(0, I)", "5.0 ± 1.5", "5.0 ± 1.5", "5.0 ± 1.5", "8.0 ± 1.5"]
