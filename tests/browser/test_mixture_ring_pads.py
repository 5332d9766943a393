"""Pure functions of the lecture's components and of the pads, by known answers: mixtures, the ring, codes, ink, games."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from genmodels.datasets import drawn
from tests.browser.conftest import PARTS_ORIGIN

Call = Callable[..., Any]

# ---- mixtures, ring, codes --------------------------------------------------------------------------------------------

MIXTURE = {
    "weights": [0.2, 0.5, 0.3],
    "means": [[0, 0], [3, -1], [-2, 2]],
    "covariances": [[1, 0.3, 0.5], [2, -0.9, 1], [0.3, 0, 0.3]],
}


def densities(points: np.ndarray) -> np.ndarray:
    """Weighted densities of the components of MIXTURE, by scipy."""
    parts = zip(*MIXTURE.values(), strict=True)
    return np.stack([w * multivariate_normal(m, [[a, b], [b, c]]).pdf(points) for w, m, (a, b, c) in parts], -1)


def test_responsibilities_and_densities_are_those_of_scipy(call: Call) -> None:
    points = 3 * np.random.default_rng(0).normal(size=(50, 2))
    expected = densities(points)
    shares = call("em_replay/mixture.js", "[...m.responsibilities(v[0], v[1])]", points.ravel().tolist(), MIXTURE)
    assert np.reshape(shares, (50, 3)) == pytest.approx(expected / expected.sum(1, keepdims=True), abs=1e-6)
    log_p = call("em_replay/mixture.js", "v[0].map((point) => m.logDensity(point, v[1]))", points.tolist(), MIXTURE)
    assert log_p == pytest.approx(np.log(expected.sum(1)))


def test_samples_have_the_mixtures_weights_means_and_covariances(call: Call) -> None:
    code = f"""import('{PARTS_ORIGIN}/shared/numbers.js').then(({{ seededRandom }}) => {{
      const random = seededRandom(3);
      return Array.from({{ length: 5000 }}, () => m.drawSample(v[0], random)).flatMap(({{ z, x }}) => [z, ...x]);
    }})"""
    samples = np.reshape(call("em_replay/mixture.js", code, MIXTURE), (5000, 3))
    z, x = samples[:, 0].astype(int), samples[:, 1:]
    assert np.bincount(z) / 5000 == pytest.approx(MIXTURE["weights"], abs=0.03)
    for j, (mean, (a, b, c)) in enumerate(zip(MIXTURE["means"], MIXTURE["covariances"], strict=True)):
        assert x[z == j].mean(0) == pytest.approx(mean, abs=0.15)
        assert np.cov(x[z == j].T) == pytest.approx(np.array([[a, b], [b, c]]), abs=0.2)


def test_an_ellipse_has_the_square_roots_of_the_eigenvalues_as_half_axes(call: Call) -> None:
    for a, b, c in MIXTURE["covariances"]:
        values, vectors = np.linalg.eigh([[a, b], [b, c]])
        ellipse = call("em_replay/mixture.js", "m.ellipseOf(v[0])", [a, b, c])
        assert [ellipse["short"], ellipse["long"]] == pytest.approx(np.sqrt(values))
        axis = [np.cos(ellipse["turn"]), np.sin(ellipse["turn"])]
        if b:
            assert abs(vectors[:, 1] @ axis) == pytest.approx(1)


def test_the_true_map_of_the_ring_is_reached_along_a_straight_line(call: Call) -> None:
    assert call("warp/ring.js", "m.carried(3, 4, 0)") == [3, 4]
    assert call("warp/ring.js", "m.carried(3, 4, 1)") == pytest.approx([0.3 + 0.6, 0.4 + 0.8])
    assert call("warp/ring.js", "m.carried(3, 4, 0.5)") == pytest.approx([1.95, 2.6])
    assert call("warp/ring.js", "[[1, 0], [0, 1], [-1, 0], [0, -1]].map(([x, y]) => m.hueAt(x, y))") == [0, 12, 24, 36]
    assert call("warp/ring.js", "m.paletteOf(true).length") == 48


def test_a_code_is_decoded_by_the_nearest_tile_of_its_sheet(call: Call) -> None:
    code = "[[0, 1], [1, 0], [0.5, 0.5], [0.1, 1]].map(([u, w]) => m.decodeIndex(u, w, 5))"
    assert call("latent_sheet/latent_sheet.js", code) == [0, 24, 12, 0]
    strides = call("latent_sheet/plane.js", "[600, 300, 150, 60].map((side) => m.sheetStride(21, side, 15))")
    assert strides == [1, 2, 4, 4]


# ---- pads and games ---------------------------------------------------------------------------------------------------


def test_a_drawing_has_the_name_that_its_dataset_has(call: Call) -> None:
    cells = np.random.default_rng(0).random((drawn.SIDE, drawn.SIDE)) < 0.3
    name = call("density_pad/density_pad.js", "m.nameOf(Uint8Array.from(v[0]))", cells.astype(int).ravel().tolist())
    assert np.array_equal(drawn.ink_of(name).numpy(), cells)
    assert call("density_pad/density_pad.js", "[...m.cellsOf(v[0])]", name) == cells.astype(int).ravel().tolist()
    assert call("density_pad/density_pad.js", "m.cellsOf('moons').length") == 576


def test_the_drawing_pen_inks_the_four_cells_around_a_corner(call: Call) -> None:
    assert call("density_pad/density_pad.js", "m.cellsAt({ x: 2.2, y: 0.9 })") == [1, 2, 25, 26]
    assert call("density_pad/density_pad.js", "m.cellsAt({ x: 0, y: 24 })") == [552]  # the others are outside


def test_a_strokes_touches_leave_no_gap(call: Call) -> None:
    assert call("shared/pen.js", "m.strokeSteps({ x: 0, y: 0 }, { x: 3, y: 4 }, 2)") == 10
    assert call("shared/pen.js", "m.strokeSteps({ x: 1, y: 1 }, { x: 1, y: 1 }, 2)") == 1
    assert call("shared/pen.js", "[m.cellSize(230, 1, 24), m.cellSize(230, 2, 24)]") == [9, 19]


def test_a_soft_tip_darkens_or_lightens_and_never_the_other_way(call: Call) -> None:
    code = "((bytes) => { m.inkPicture(bytes, v[1], v[2], v[3]); return [...bytes]; })(Uint8ClampedArray.from(v[0]))"
    empty = np.zeros((1, 28, 28), int)
    lit = np.reshape(
        call("picture_pad/picture_pad.js", code, empty.ravel().tolist(), [1, 28, 28], {"x": 10.5, "y": 5.5}, 255), (28, 28)
    )
    assert lit[5, 10] == 255
    assert lit[5, 11] == lit[5, 9] == lit[4, 10]
    assert 0 < lit[5, 11] < 255
    assert lit.sum() < 4 * 255  # a dab
    again = call("picture_pad/picture_pad.js", code, lit.ravel().tolist(), [1, 28, 28], {"x": 11.5, "y": 5.5}, 255)
    assert (np.reshape(again, (28, 28)) >= lit).all()
    coarse = call("picture_pad/picture_pad.js", code, [9] * 64 * 3, [3, 8, 8], {"x": 2.9, "y": 1.1}, 0)
    assert np.flatnonzero(np.array(coarse) == 0).tolist() == [10, 74, 138]


def test_a_game_is_drawn_in_the_middle_share_of_its_square(call: Call) -> None:
    code = "((place) => [place([0, 0], 0), place([32767.5, 32767.5], 0), place([49151.25, 16383.75], 0)])(m.placeIn(200, 0.5))"
    assert call("game/photograph.js", code) == [[-100, 300], [100, 100], [200, 200]]


def test_a_phone_shows_fewer_snapshots_the_last_among_them(call: Call) -> None:
    assert call("game/strip.js", "m.columnsOf(12, false)") == [*range(12)]
    assert call("game/strip.js", "m.columnsOf(12, true)") == [1, 3, 5, 7, 9, 11]


def test_a_replay_plays_to_its_end_and_says_where_it_rests(call: Call) -> None:
    code = """new Promise((done) => {
      const frames = [], button = document.createElement('button'), slider = document.createElement('input');
      const rest = () => done([frames, words, button.ariaLabel]);
      const replay = { frame: 3, last: 3, show(k) { this.frame = k; frames.push(k); }, rest };
      const player = new m.Player(button, slider, replay, () => 1, { pause: 'Pause', play: 'Play' });
      button.click();
      const words = button.ariaLabel;
    })"""
    assert call("shared/player.js", code) == [[0, 1, 2, 3], "Pause", "Play"]
