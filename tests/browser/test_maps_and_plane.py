"""Pure functions of the maps and of the plane of realism, by known answers: zoom, hit tests, labels, thumbnails."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

Call = Callable[..., Any]


# ---- maps -------------------------------------------------------------------------------------------------------------

VIEW = "scatter/view.js"


def test_zooming_keeps_the_point_under_the_pointer_where_it_is(call: Call) -> None:
    code = """((view, pointer, point) => {
      const before = m.placement(view, 300, 200)(point, 0);
      const offset = [(before[0] - 150) / 200, (100 - before[1]) / 200];
      return [before, m.placement(m.zoomedView(view, 2.5, offset), 300, 200)(point, 0)];
    })({ x: 0.4, y: 0.55, scale: 2 }, null, [30000, 40000])"""
    before, after = call(VIEW, code)
    assert after == pytest.approx(before)


def test_the_whole_map_is_in_the_middle_with_up_upwards(call: Call) -> None:
    corners = call(
        VIEW,
        "((place) => [place([0, 0], 0), place([65535, 65535], 0), place([1, 1, 0, 65535], 1)])(m.placement(m.WHOLE, 300, 200))",
    )
    assert corners == [[50, 200], [250, 0], [50, 0]]


def test_a_dragged_map_follows_the_pointer_and_leaves_no_margin(call: Call) -> None:
    code = """((view) => [view, m.movedView(view, 20, -10, 200)].map(
      (now) => m.placement(now, 300, 200)([9000, 9000], 0)))({ x: 0.5, y: 0.5, scale: 4 })"""
    before, after = call(VIEW, code)
    assert np.subtract(after, before) == pytest.approx([20, -10])
    assert call(VIEW, "m.boundedView({ x: 0.99, y: 0.5, scale: 4 })") == {"x": 0.875, "y": 0.5, "scale": 4}
    assert call(VIEW, "m.boundedView({ x: 0.7, y: 0.5, scale: 1 })") is None
    assert call(VIEW, "[m.zoomedView(m.WHOLE, 0.1, [0, 0]).scale, m.zoomedView(m.WHOLE, 1e3, [0, 0]).scale]") == [1, 40]


def test_dots_are_smaller_where_they_are_many(call: Call) -> None:
    assert call(VIEW, "[m.dotRadius(100, 1), m.dotRadius(400, 1), m.dotRadius(1e6, 1), m.dotRadius(400, 4)]") == pytest.approx(
        [4.5, 3.1, 1.3, 4.96]
    )


def test_maps_stand_side_by_side_where_they_have_room(call: Call) -> None:
    code = "[1, 2, 3, 4].map((n) => m.columnCount(n, v[0], v[1]))"
    assert call("scatter/columns.js", code, False, False) == [1, 2, 3, 4]
    assert call("scatter/columns.js", code, True, False) == [1, 1, 1, 2]
    assert [call("scatter/columns.js", code, narrow, True)[0] for narrow in (False, True)] == [3, 2]


def test_a_tip_names_the_class_or_the_value_and_the_number(call: Call) -> None:
    scene = {"classes": ["zero", "one"], "attribute": ["width", "thin", "wide"]}
    words = "m.tipWords({ k: 1, prior: v[2] }, { title: 'VAE' }, v[0], v[1], v[3])"
    assert call("scatter/tip.js", words, scene, [0, 1], False, None) == "class one, example 2"
    assert call("scatter/tip.js", words, scene, None, False, [0, 255]) == "width: 100 % of its range, example 2"
    assert call("scatter/tip.js", words, scene, None, True, None) == "sample 2 of the VAE"


def test_a_classs_name_stands_at_the_median_of_its_dots(call: Call) -> None:
    assert call("scatter/map.js", "m.medianPlace([[1, 9], [2, 100], [90, 8]])") == [2, 9]
    assert call("scatter/map.js", "m.medianPlace([])") is None


# ---- the plane of realism ---------------------------------------------------------------------------------------------

FRAME = {"left": 58, "right": 784, "top": 22, "bottom": 380, "width": 800, "height": 420, "narrow": False}


def test_a_name_takes_the_first_free_place_beside_its_marker(call: Call) -> None:
    code = "m.freeBox(v[0], v[1], v[2], 200, 60)"
    right, left = {"x": 310, "y": 191.5, "width": 60, "height": 17}, {"x": 230, "y": 191.5, "width": 60, "height": 17}
    assert call("plane/labels.js", code, FRAME, [], 300) == right
    assert call("plane/labels.js", code, FRAME, [right], 300) == left
    assert call("plane/labels.js", code, FRAME, [right, left], 300)["y"] == 191.5 - 26  # 14 px higher it would touch both still
    assert call("plane/labels.js", code, FRAME, [], 780)["x"] == 710  # no room on the right
    everywhere = [{"x": 0, "y": 0, "width": 800, "height": 420}]
    assert call("plane/labels.js", code, FRAME, everywhere, 300) == right
    assert call("plane/labels.js", code, FRAME | {"narrow": True}, everywhere, 300) is None


def test_boxes_that_touch_do_not_overlap(call: Call) -> None:
    box = {"x": 0, "y": 0, "width": 10, "height": 10}
    others = [box | {"x": x, "y": y} for x, y in ((9, 9), (10, 0), (0, 10), (-9, 5), (-10, 5))]
    assert call("plane/labels.js", "v[1].map((other) => m.overlap(v[0], other))", box, others) == [True, False, False, True, False]


def test_pictures_in_the_plane_overlap_neither_each_other_nor_a_name(call: Call) -> None:
    points = (300 * np.random.default_rng(0).random((800, 2))).tolist()
    name = {"x": 100, "y": 100, "width": 60, "height": 17}
    code = "((spacing) => v[0].filter(([x, y]) => spacing.take(x, y)))(new m.Spacing(20, [v[1]]))"
    squares = np.array(call("plane/thumbnails.js", code, points, name))
    gaps = np.abs(squares[:, None] - squares[None]).max(-1) + 1e9 * np.eye(len(squares))
    assert gaps.min() >= 23
    beside = np.abs(squares - [130, 108.5])
    assert not ((beside[:, 0] < 42) & (beside[:, 1] < 20.5)).any()
    others = [p for p in points if p not in squares.tolist()]
    near = np.abs(np.array(others)[:, None] - squares[None]).max(-1).min(1) < 23
    boxed = (np.abs(np.array(others) - [130, 108.5]) < [42, 20.5]).all(1)
    assert (near | boxed).all()  # all that have room are shown


def test_every_dot_comes_once_and_sources_take_turns(call: Call) -> None:
    order = call("plane/thumbnails.js", "m.fairOrder(200, 3)")
    assert sorted(order) == [*range(600)]
    assert order[:4] == [11, 211, 411, 48]


def test_thumbnails_are_enlarged_by_whole_factors(call: Call) -> None:
    assert call("plane/thumbnails.js", "[8, 28, 32].map((side) => m.thumbnailSize(side, false))") == [24, 28, 32]
    assert call("plane/thumbnails.js", "[8, 28, 32].map((side) => m.thumbnailSize(side, true))") == [16, 18, 18]


def test_realism_is_said_in_its_own_unit(call: Call) -> None:
    odds = call("plane/words.js", "[0, Math.log(3), -8, 8].map((x) => m.realismWords('odds', x))")
    assert odds == ["real: 50 %", "real: 75 %", "real: 0.03 %", "real: 100.0 %"]
    assert call("plane/words.js", "m.realismWords('log2', 1)") == "realism 2.00"
    assert call("plane/words.js", "[-0.5, 2].map((x) => m.realismWords('logit', x))") == ["D −0.50", "D +2.00"]


def test_the_card_of_a_dot_is_within_the_plane(call: Call) -> None:
    place = "(({ left, top }) => [left, top])(m.cardPlace({ width: 800, height: 420 }, v[0], 200, 150))"
    assert [call("plane/card.js", place, at) for at in ([100, 200], [700, 200], [100, 5], [100, 419])] == [
        [126, 125], [474, 125], [126, 2], [126, 268],
    ]  # fmt: skip


def test_the_shelf_says_what_it_shows(call: Call) -> None:
    base = {"picks": 0, "total": None, "picture": 2, "n": 200, "label": "7"}
    words = [base, {**base, "label": None}, {**base, "picks": 24, "total": 30}, {**base, "picks": 3, "total": 3}]
    texts = call("plane/shelf.js", "v[0].map((of) => m.shelfWords({ ...of, label: of.label ?? undefined }))", words)
    assert texts[0] == "Test picture 3 of 200 (a 7): nearest first, original left"
    assert texts[1] == "Test picture 3 of 200: nearest first, original left"
    assert texts[2:] == ["24 of 30 picked, original left", "3 picked, original left"]
