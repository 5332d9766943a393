"""The curves against K: a point is drawn where its numbers say, and the least BIC is marked."""

import re

import pytest

from genmodels.studies.mixtures.study import Point
from genmodels.views.k_curve import HEIGHT, best_point, curve_html

POINTS = [
    Point(k=1, steps=2, train=-2.0, test=-2.1, bic=90.0, fall=0.0, rand=None),
    Point(k=2, steps=9, train=-1.0, test=-1.2, bic=60.0, fall=0.0, rand=None),
    Point(k=3, steps=7, train=-0.9, test=-1.3, bic=70.0, fall=0.0, rand=None),
]


def lines(html: str) -> list[list[tuple[float, float]]]:
    polylines = re.findall(r'<polyline class="([^"]*)" points="([^"]*)"', html)
    return [[tuple(map(float, pair.split(","))) for pair in points.split()] for _, points in polylines]  # type: ignore[misc]


def test_heights_are_in_proportion_to_the_numbers():
    train, test = lines(curve_html(POINTS, [], 2, "likelihood"))
    scale = (train[0][1] - train[1][1]) / 1.0  # px a nat: larger is higher
    assert scale > 0
    for point, solid, dotted in zip(POINTS, train, test, strict=True):
        assert solid[1] == pytest.approx(train[0][1] - scale * (point.train + 2.0), abs=0.2)
        assert dotted[1] == pytest.approx(train[0][1] - scale * (point.test + 2.0), abs=0.2)
    assert all(0 < y < HEIGHT for _, y in train + test)
    assert [x for x, _ in train] == sorted(x for x, _ in train)


def test_ticks_stand_where_their_numbers_are():
    html = curve_html(POINTS, [], 2, "likelihood")
    (train, _), ticks = lines(html), re.findall(r'y="([\d.]+)" text-anchor="end">(−?[\d.]+)</text>', html)
    assert len(ticks) > 1
    scale = train[0][1] - train[1][1]
    for y, word in ticks:
        assert float(y) - 4 == pytest.approx(train[0][1] - scale * (float(word.replace("−", "-")) + 2.0), abs=0.3)


def test_the_least_bic_and_the_chosen_k_are_marked():
    html = curve_html(POINTS, POINTS[:2], 3, "bic")
    (line,) = lines(html)
    assert f'<circle class="least" r="5" cx="{line[1][0]:.1f}" cy="{line[1][1]:.1f}"' in html
    assert "least: K = 2" in html
    assert f'<line class="mark" x1="{line[2][0]:.1f}"' in html
    assert html.count('class="ring"') == 3  # two of a random start, and one that says so
    assert best_point(POINTS).k == 2


def test_numbers_can_be_pointed_at_and_read_aloud():
    html = curve_html(POINTS, [], 1, "likelihood")
    assert "<title>K = 2: training −1.000, held-out −1.200</title>" in html
    assert 'aria-label="Log-likelihood against the number of components, 1 to 3: from −2.000 to −0.900"' in html
    assert "random start" not in html


def test_one_point_alone_is_drawn_too():
    assert len(lines(curve_html(POINTS[:1], [], 1, "bic"))[0]) == 1
