"""The page Mixtures as data: nothing is lost on the way to the browser but digits that no screen shows."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from genmodels import datasets
from genmodels.runs import record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from genmodels.studies.mixtures import Curve, Fit, UsesFinding, study
from genmodels.studies.mixtures.study import MixturesConfig, Point
from genmodels.studies.mixtures.uses import Use
from genmodels.views import mixtures as views

POINTS = [
    Point(k=1, steps=2, train=-2.0, test=-2.1, bic=90.0, fall=0.0, rand=0.0),
    Point(k=2, steps=9, train=-1.0, test=-1.2, bic=60.0, fall=2e-15, rand=0.5),
    Point(k=3, steps=7, train=-0.9, test=-1.3, bic=70.0, fall=0.0, rand=0.4),
]


@pytest.fixture(scope="module")
def finding(tmp_path_factory):
    patch = pytest.MonkeyPatch()
    patch.setattr(study, "MAX_K", 3)
    try:
        return record(StudySpec.make("mixtures", [], {"toy": "moons", "shape": "tied"}), Store(tmp_path_factory.mktemp("views")))
    finally:
        patch.undo()


def test_the_replay_holds_the_points_and_every_step(finding):
    fit = Fit.read(finding, study.part(3))
    payload = views.replay(fit, "moons")
    raw = np.frombuffer(base64.b64decode(payload["points"]), "<u2").reshape(-1, 2) / 65535
    low, high = np.array(payload["low"]), np.array(payload["high"])
    x = datasets.load("moons", torch.device("cpu")).train[: views.N_POINTS].numpy()
    np.testing.assert_allclose(low + raw * (high - low), x, atol=1e-4)
    assert np.allclose(high - low, (high - low)[0])  # a square: circles are circles
    np.testing.assert_allclose(payload["means"], fit.means, rtol=1e-4)
    np.testing.assert_allclose(payload["weights"], fit.weights, rtol=1e-4)
    covariances = np.array(payload["covariances"])[..., [0, 1, 1, 2]].reshape(fit.covariances.shape)
    np.testing.assert_allclose(covariances, fit.covariances, rtol=1e-4)
    assert payload["log_likelihood"] == fit.log_likelihood.tolist()


def test_a_choice_at_the_end_of_the_range_may_be_more():
    assert views.choice_text(POINTS) == "2"
    assert views.choice_text(POINTS[:2]) == "≥ 2"


def test_the_largest_fall_is_told_with_the_number_of_steps():
    assert views.fall_text(POINTS) == ("2e-15 nats", "Over all 18 EM steps of the fits with K = 1 to 3 here.")
    assert views.fall_text(POINTS[:1])[0] == "0 nats"


def test_the_rand_index_of_the_chosen_k_is_told_or_a_dash():
    assert views.rand_text(Curve(POINTS, 2000, 4000), 2) == (
        "0.50",
        "Likeliest z against known classes, 4,000 held-out points; 0 is chance.",
    )
    assert views.rand_text(Curve([replace(POINTS[0], rand=None)], 2000, 4000), 1)[0] == "—"


def test_a_sheet_has_a_row_a_component_its_mean_apart_from_its_samples():
    sheet = torch.arange(2 * 4, dtype=torch.uint8).reshape(2, 4, 1, 1, 1).expand(2, 4, 1, 2, 2).contiguous() * 10
    pixels = np.array(Image.open(io.BytesIO(base64.b64decode(views.sheet_url(sheet, 255).partition(",")[2]))))
    assert views.GAP == 3
    assert pixels.shape == (2 * 3, 5 * 3)  # pictures of 2 x 2, a line of paper after each, and the gap
    assert pixels[0, ::3].tolist() == [0, 255, 10, 20, 30]
    assert pixels[3, ::3].tolist() == [40, 255, 50, 60, 70]
    assert set(pixels[:, 2].tolist()) == {255}  # a line of paper between pictures


def test_the_numbers_leave_out_the_choice_here_where_it_is_that_of_8_gaussians():
    curve = Curve(POINTS, 2000, 4000)

    def names(**settings):
        return [name for name, _, _ in views.numbers(curve, curve, curve, MixturesConfig(**settings), 2)]

    assert names(toy="gaussians-8") == ["Largest fall in an EM step", "BIC's choice on 8 Gaussians", "Clusters: adjusted Rand"]
    assert names(toy="gaussians-8", shape="diag")[2] == names()[2] == "BIC's choice here"


def test_the_uses_are_a_table_with_dashes_where_nothing_is_known():
    use = Use("A <mixture>", 10, None, 0.811, -3.25)
    pixels = replace(use, name="raw pixels", log_likelihood=None)
    finding = UsesFinding(pixels, [use], [torch.zeros(12, 10, 1, 8, 8, dtype=torch.uint8)], 1437, 360)
    html = views.uses_html(finding, datasets.source("digits"), dark=False)
    assert "<td>raw pixels</td><td>10</td><td>—</td><td>81.1%</td><td>—</td>" in html
    assert "<td>A &lt;mixture&gt;</td><td>10</td><td>—</td><td>81.1%</td><td>−3.2</td>" in html
    assert html.count("<img") == 1
    assert "the 10 heaviest components" in html
    assert "invert(1)" in html
    assert "invert(1)" not in views.uses_html(finding, datasets.source("digits"), dark=True)
