"""On a phone and at 200 % nothing is cut off; light and dark, all words can be read and axe finds no grave fault on any page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import lacks, violations
from tests.browser.full import LINKS
from tests.browser.readable import faults
from tests.browser.server import DESK, PHONE, ZOOMED, Server, settled

BOARD = LINKS["samples, points"]
VISITS = LINKS | {"lesson 1, nothing trained": "?lesson=1&auto=0"}


@pytest.mark.parametrize(("size", "dark"), [(PHONE, False), (DESK, True)], ids=["phone, light", "desk, dark"])
def test_nothing_is_cut_off_all_words_can_be_read_and_axe_finds_no_grave_fault(
    full: Server, window: Callable[..., Page], size: dict[str, int], dark: bool
) -> None:
    page = window(size, dark)
    faulty: dict[str, object] = {}
    for name, link in VISITS.items():
        page.set_viewport_size(size)
        page.goto(f"{full.url}/{link}")
        settled(page)
        page.wait_for_timeout(300)
        if "lesson=" in link:
            page.keyboard.press("r")  # the bar at its highest
        faulty[name] = [*faults(page).items(), *lacks(page).items(), *violations(page)]
        if size == DESK:
            page.set_viewport_size(ZOOMED)
            page.wait_for_timeout(200)  # components lay themselves out
            faulty[f"{name}, at 200 %"] = [*faults(page).get("cut", {}).items(), *lacks(page).items()]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    assert {name: rows for name, rows in faulty.items() if rows} == {}


def test_what_is_cut_off_or_faint_is_seen_by_the_test(window: Callable[..., Page], tmp_path: Path) -> None:
    page = window(PHONE)
    page.set_content("""<body style="margin:0; background:#fff"><div data-testid="stApp">
        <p style="color:#777">faint</p><p style="color:#767676">clear</p><p style="opacity:.5">faded</p>
        <div style="overflow:auto; width:200px"><table style="width:900px"><tr><td>scrolls</td></tr></table></div>
        <div style="overflow:hidden; width:390px"><b style="display:block; width:900px">cut</b></div></div>""")
    rows = faults(page)
    assert rows["faint"] == {"faint": 4.48, "faded": 3.98}
    assert list(rows["cut"]) == ["b  cut"]


def test_a_component_follows_a_change_of_the_theme(full: Server, window: Callable[..., Page]) -> None:
    page = window(DESK)
    page.goto(f"{full.url}/{BOARD}")
    settled(page)
    board = page.locator(".board")
    expect(board).to_have_attribute("data-dark", "false")
    page.emulate_media(color_scheme="dark")
    expect(board).to_have_attribute("data-dark", "true")
