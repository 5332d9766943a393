"""Every module is imported by the browser, and the pure functions of the shared ones have known answers."""

import base64
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from pages.parts import component, modules

PARTS = component.SHARED.parent
FILES = sorted(str(file.relative_to(PARTS)) for file in PARTS.rglob("*.js"))
Call = Callable[..., Any]


LINKED = "import(URL.createObjectURL(new Blob([v[0]], { type: 'text/javascript' })))"


def test_every_module_is_imported_by_the_browser_without_an_error(call: Call) -> None:
    assert len(FILES) > 40
    assert [file for file in FILES if call(file, "Object.keys(m).length") == 0] == []


def test_what_is_linked_from_a_component_is_one_module_with_a_default_export(call: Call) -> None:
    texts = {entry: modules.link(PARTS / entry) for entry in FILES if modules.read(PARTS / entry).exports.get("default")}
    assert len(texts) > 10
    kinds = {call(entry, f"{LINKED}.then((linked) => typeof linked.default)", text) for entry, text in texts.items()}
    assert kinds == {"function"}


def test_linked_modules_compute_what_their_files_do(call: Call, tmp_path: Any) -> None:
    (tmp_path / "pow.js").write_text("export const square = (x) => x * x;\nexport function cube(x) { return x * square(x); }\n")
    (tmp_path / "main.js").write_text(
        'import { square, cube as third } from "./pow.js";\nexport default function main(x) { return [square(x), third(x)]; }\n'
    )
    assert call(FILES[0], f"{LINKED}.then((linked) => linked.default(3))", modules.link(tmp_path / "main.js")) == [9, 27]


# ---- scales -----------------------------------------------------------------------------------------------------------

SCALES = "shared/scales.js"


def test_ticks_are_round_numbers_within_the_range(call: Call) -> None:
    assert call(SCALES, "m.niceTicks(0, 10)") == [0, 5, 10]
    assert call(SCALES, "m.niceTicks(-0.3, 0.8)") == pytest.approx([0, 0.5])
    assert call(SCALES, "m.niceTicks(990, 1080)") == [1000, 1050]
    assert call(SCALES, "m.logTicks(0, 3)") == [1, 10, 100, 1000]
    assert call(SCALES, "m.logTicks(-1, 0.5)") == pytest.approx([0.1, 0.3, 1, 3])
    assert call(SCALES, "[[0, 5], [0, 0.5], [0, 0.05]].map(m.tickDecimals)") == [0, 1, 2]


def test_a_range_leaves_out_the_wildest_values_and_is_never_empty(call: Call) -> None:
    values = [*range(100)]
    assert call(SCALES, "m.trimmedRange(v[0].toReversed(), 0.01, 1e-9)", values) == [1, 98]
    assert call(SCALES, "m.trimmedRange(v[0], 0, 1e-9)", values) == [0, 99]
    assert call(SCALES, "m.trimmedRange([7, 7], 0, 1e-9)") == [6.5, 7.5]
    assert call(SCALES, "m.paddedRange([0, 10], 0.1)") == [-1, 11]


def test_labels_that_would_overlap_are_moved_apart_in_their_order(call: Call) -> None:
    assert call(SCALES, "m.spreadLabels([10, 11, 50], 12, 0, 100)") == [10, 22, 50]
    assert call(SCALES, "m.spreadLabels([99, 95], 12, 0, 100)") == [100, 88]
    rng = np.random.default_rng(0)
    places = (100 * rng.random(6)).tolist()
    spread = call(SCALES, "m.spreadLabels(v[0], 12, 0, 100)", places)
    assert np.argsort(places).tolist() == np.argsort(spread).tolist()
    assert all(b - a > 12 - 1e-9 for a, b in pairwise(sorted(spread)))


def test_a_line_is_a_path_of_svg(call: Call) -> None:
    assert call(SCALES, "m.linePath([0, 1.04, 2], [3, 4.25, 5])") == "M0.0 3.0L1.0 4.3L2.0 5.0"


def test_the_axis_of_losses_leaves_out_the_first_steps_and_counts_decades_evenly(call: Call) -> None:
    losses = [1e6] + [10 ** (2 - 2 * i / 99) for i in range(100)]
    chart = {"log": True, "lines": [{"y": losses, "testX": [], "testY": [], "batchX": [], "batchY": []}]}
    ticks, places = call(
        "board/charts.js", "((axis) => [axis.ticks, [1, 10, 100, 1e6].map(axis.place)])(m.lossAxis(v[0], 100))", chart
    )
    assert ticks == [1, 10, 100]
    low, middle, high, beyond = places
    assert high - middle == pytest.approx(middle - low, abs=4)
    assert beyond == 0  # at the upper edge, not outside


def test_the_plane_of_realism_has_its_ranges_at_its_borders(call: Call) -> None:
    axes = {"x": {"range": [0, 0.4]}, "y": {"range": [-2, 3]}}
    code = "(({ toX, toY, ...rest }) => [rest, [0, 0.4, 9].map(toX), [-2, 3].map(toY)])(m.planeFrame(v[0], v[1]))"
    frame, across, up = call("plane/frame.js", code, 1000, axes)
    assert frame == {"narrow": False, "width": 800, "height": 420, "left": 58, "right": 784, "top": 22, "bottom": 380}
    assert across == [66, 784, 784]  # what is beyond the axis stands at its end
    assert up == [380, 22]
    frame, across, _ = call("plane/frame.js", code, 400, axes)
    assert (frame["narrow"], frame["width"], frame["height"], across[0]) == (True, 400, 420, 54)
    spaced = "m.spacedTicks([[0, 'a'], [1, 'b'], [2, 'c']], (x) => v[0] * x, 36).map(({ text }) => text).join('')"
    assert [call("plane/frame.js", spaced, step) for step in (20, -20, 40, 10)] == ["ac", "ac", "abc", "a"]


# ---- easing, colours, numbers -----------------------------------------------------------------------------------------


def test_motion_begins_and_ends_where_it_should(call: Call) -> None:
    at = "[0, 0.25, 0.5, 1].map(m.{})"
    assert call("shared/easing.js", at.format("smoothstep")) == [0, 0.15625, 0.5, 1]
    assert call("shared/easing.js", at.format("easeOut")) == [0, 0.578125, 0.875, 1]
    assert call("shared/easing.js", "[m.mix(2, 4, 0), m.mix(2, 4, 0.25), m.mix(2, 4, 1)]") == [2, 2.5, 4]


def test_colours_are_mixed_channel_by_channel(call: Call) -> None:
    assert call("shared/colours.js", "m.rgbOf('#ff8001')") == [255, 128, 1]
    ramp = call("shared/colours.js", "m.colourRamp(['#000000', '#ffffff', '#ff0000'])")
    assert len(ramp) == 256
    assert [ramp[0], ramp[51], ramp[255]] == ["rgb(0,0,0)", "rgb(102,102,102)", "rgb(255,0,0)"]
    weights = [9, 0.25, 0.75]
    assert call("shared/colours.js", "m.weightedColour([[255, 0, 0], [0, 0, 255]], v[0], 1, 2)", weights) == "rgb(63 0 191)"


def test_numbers_travel_as_base64_of_either_alphabet(call: Call) -> None:
    content = bytes(range(256))
    for text in (base64.b64encode(content), base64.urlsafe_b64encode(content).rstrip(b"=")):
        assert call("shared/numbers.js", "[...m.decodeBytes(v[0])]", text.decode()) == list(content)
    encoded = call("shared/numbers.js", "m.encodeBytes(Uint8Array.from(v[0]))", list(content))
    assert encoded == base64.urlsafe_b64encode(content).decode().rstrip("=")
    pairs = base64.b64encode(np.array([0, 65535, 13107, 0], "<u2").tobytes()).decode()
    assert call("shared/numbers.js", "[...m.decodePairs(v[0])]", pairs) == [0, 65535, 13107, 0]
    assert call("shared/numbers.js", "[...m.decodePoints(v[0], [-1, 0], [4, 2])]", pairs) == pytest.approx([-1, 2, 0, 0])
    floats = base64.b64encode(np.array([0.5, -2.25], "<f4").tobytes()).decode()
    assert call("shared/numbers.js", "[...m.decodeFloats(v[0])]", floats) == [0.5, -2.25]


def mulberry32(seed: int, n: int) -> list[float]:
    """The generator as it is published (Tommy Ettinger, 2017), in unsigned arithmetic."""
    numbers, mask = [], 0xFFFFFFFF
    for _ in range(n):
        seed = (seed + 0x6D2B79F5) & mask
        t = ((seed ^ (seed >> 15)) * (seed | 1)) & mask
        t ^= (t + ((t ^ (t >> 7)) * (t | 61))) & mask
        numbers.append(((t ^ (t >> 14)) & mask) / 2**32)
    return numbers


def test_equal_seeds_give_equal_numbers(call: Call) -> None:
    code = "Array.from({ length: 5 }, ((random) => () => random())(m.seededRandom(v[0])))"
    for seed in (0, 7, 20250101):
        assert call("shared/numbers.js", code, seed) == mulberry32(seed, 5)


def test_normal_pairs_are_standard_and_independent(call: Call) -> None:
    code = "((random) => Array.from({ length: 5000 }, () => m.normalPair(random)).flat())(m.seededRandom(1))"
    values = np.reshape(call("shared/numbers.js", code), (5000, 2))
    assert values.mean(0) == pytest.approx([0, 0], abs=0.06)
    assert np.cov(values.T) == pytest.approx(np.eye(2), abs=0.08)
    assert (np.abs(values) < 1.96).mean() == pytest.approx(0.95, abs=0.01)


def test_the_last_mark_that_is_reached_is_found(call: Call) -> None:
    assert call("shared/numbers.js", "[-1, 0, 9, 10, 15, 20, 99].map((x) => m.lastReached([0, 10, 20], x))") == [
        0,
        0,
        0,
        1,
        1,
        2,
        2,
    ]
    assert call("shared/numbers.js", "[m.clamp(-1), m.clamp(0.5), m.clamp(7, 2, 5)]") == [0, 0.5, 5]


def test_shares_and_numbers_are_written_for_readers(call: Call) -> None:
    assert call("shared/nodes.js", "[0, 0.004, 0.05, 0.126, 1].map(m.percent)") == ["0 %", "0.4 %", "5 %", "13 %", "100 %"]
    assert call("shared/nodes.js", "[m.decimal(-1.25, 1), m.decimal(2, 3)]") == ["−1.3", "2.000"]


# ---- hit tests --------------------------------------------------------------------------------------------------------

POINTING = "shared/pointing.js"


def test_the_nearest_point_within_reach_is_hit_and_none_that_is_hidden(call: Call) -> None:
    rng = np.random.default_rng(0)
    points, pointer = 100 * rng.random((200, 2)), np.array([40.0, 60.0])
    squared = ((points - pointer) ** 2).sum(1)
    nearest, second = np.argsort(squared)[:2].tolist()
    code = "m.nearestPoint(v[0].length, (k) => (k === v[3] ? null : v[0][k]), v[1], v[2])"
    hit = call(POINTING, code, points.tolist(), pointer.tolist(), 1e9, -1)
    assert (hit["index"], hit["squared"]) == (nearest, pytest.approx(squared[nearest]))
    assert call(POINTING, code, points.tolist(), pointer.tolist(), 1e9, nearest)["index"] == second
    assert call(POINTING, code, points.tolist(), pointer.tolist(), squared[nearest] - 1e-9, -1)["index"] == -1


def test_an_arrow_goes_to_a_point_that_is_near_in_its_direction(call: Call) -> None:
    points = [[0, 0], [30, 1], [10, 9], [0, -20], [-5, 0]]
    code = "m.nextPoint(v[0].length, (k) => v[0][k], [0, 0], v[1])"
    assert [call(POINTING, code, points, arrow) for arrow in ([1, 0], [0, -1], [-1, 0], [0, 1])] == [1, 3, 4, 2]
    assert call(POINTING, code, points[:1], [1, 0]) == -1


def test_inside_a_lasso_is_inside_its_even_odd_fill(call: Call) -> None:
    shape = [[0, 0], [10, 0], [10, 4], [4, 4], [4, 10], [0, 10]]  # an L
    inside = call(POINTING, "[[2, 2], [8, 2], [2, 8], [8, 8], [5, 5], [-1, 2]].map(([x, y]) => m.isInside(v[0], x, y))", shape)
    assert inside == [True, True, True, False, False, False]


def test_tiles_lie_row_by_row_and_are_enlarged_by_whole_factors(call: Call) -> None:
    assert call("shared/pictures.js", "[0, 7, 9].map((k) => m.tileCorner(k, 8, 28, 20))") == [[0, 0], [196, 0], [28, 20]]
    scales = call(
        "shared/pictures.js", "[[100, 28, 28], [40, 28, 28], [14, 28, 7], [40, 28, 28, 1]].map((of) => m.tileScale(...of))"
    )
    assert scales == [3, 40 / 28, 0.5, 1]


def test_of_listeners_that_replace_each_other_only_the_last_hears(call: Call) -> None:
    code = """((listen) => {
      const calls = [], fire = () => window.dispatchEvent(new Event('probe'));
      listen(() => calls.push('first'));
      const remove = listen(() => calls.push('second'));
      fire();
      remove();
      fire();
      return calls;
    })(m.singleListener('probe'))"""
    assert call("shared/part.js", code) == ["second"]
