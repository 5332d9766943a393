"""The page Ring as data: gaps to the truth in nats, a dash for the GAN, and clouds that unpack to themselves."""

import base64

import numpy as np
import pytest
import torch

from genmodels.runs import Run, RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.ring import POINTS_PER_LINE, LogLikelihoods, RingFinding, grid, specs
from genmodels.views import ring as views

NATS = LogLikelihoods(gaussian_x=-2.85, true_x=-2.84, gaussian=-2.5, gmm=-0.75, vae=-1.0, true=-0.5)


def unpacked(text):
    return (np.frombuffer(base64.b64decode(text), "<u2").reshape(-1, 2) / 65535 - 0.5) * 2 * views.SPAN


def test_the_rows_tell_value_and_gap_and_the_gan_has_neither():
    table = {row["name"]: (row["value"], row["gap"], row["words"]) for row in views.rows(NATS, 3)}
    assert table == {
        "one Gaussian, on x": ("−2.850", pytest.approx(0.01), "0.010 short"),
        "one Gaussian, on y": ("−2.500", 2.0, "2.000 short"),
        "3 Gaussians by EM, on y": ("−0.750", 0.25, "0.250 short"),
        "VAE, on y": ("≥ −1.000", 0.5, "at most 0.500 short"),
        "GAN, on y": ("—", None, "unknown to it"),
        "true density of y": ("−0.500", None, ""),
    }
    assert NATS.shortfall("gaussian") == 2.0
    assert NATS.shortfall_x() == pytest.approx(0.01)


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("ring"))
    runs = [
        RunSpec.make(run.dataset, run.model, run.settings.model_dump() | {"steps": steps})
        for run, steps in zip(specs(4, "quick"), (5, 40, 10), strict=True)
    ]
    finding = RingFinding.read(record(StudySpec.make("ring", runs, {"codes": 2}), store))
    return finding, views.scene(finding, tuple(Run.open(run.key, store) for run in runs))


def test_the_clouds_and_grids_unpack_to_themselves(short):
    finding, scene = short
    np.testing.assert_allclose(unpacked(scene["z"]), finding.z, atol=1e-4)
    np.testing.assert_allclose(unpacked(scene["grid"]).reshape(-1, POINTS_PER_LINE, 2), grid(), atol=1e-4)
    _, vae, gan = scene["panels"]
    for panel, net in ((vae, finding.vae), (gan, finding.gan)):
        assert len(panel["clouds"]) == len(panel["marks"])
        inside = net.samples[-1].clamp(-views.SPAN, views.SPAN)
        np.testing.assert_allclose(unpacked(panel["clouds"][-1]), inside, atol=1e-4)
    assert (vae["marks"][-1], gan["marks"][-1]) == (40, 10)
    assert scene["shares"] == [step / 40 for step in vae["marks"]]  # of the longer training
    assert scene["shares"][-1] == 1


def test_an_ellipse_is_the_cholesky_factor_of_its_covariance(short):
    finding, scene = short
    for (mx, my, a, b, d), mean, covariance in zip(
        scene["panels"][0]["ellipses"], finding.mixture.means, finding.mixture.covariances, strict=True
    ):
        lower = torch.tensor([[a, 0], [b, d]], dtype=torch.float64)
        assert torch.allclose(lower @ lower.T, covariance, rtol=1e-3)
        assert [mx, my] == pytest.approx(mean.tolist(), rel=1e-4)


def test_the_note_tells_updates_and_distances(short):
    finding, scene = short
    distance = finding.radius_distances
    assert "VAE 40 updates" in scene["note"]
    assert f"GAN {distance['gan']:.4f}" in scene["note"]
    assert scene["note"].endswith(" s.")
    assert "4,000 held-out points" in scene["caption"]
