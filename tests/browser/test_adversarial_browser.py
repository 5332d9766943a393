"""The adversarial game in a real browser: it replays by itself, is played on by clicks, and a link brings the same game back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from genmodels.runs import record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from tests.browser.server import DESK, PHONE, Server, settled

Window = Callable[..., Page]
QUERY = "adversarial?rounds=12&target=one+Gaussian&against=nothing&auto=0&frame=5"


@pytest.fixture(scope="module")
def server(dashboard: Server) -> Server:
    for perfect in (False, True):
        record(
            StudySpec.make("adversarial", settings={"rounds": 12, "target": "one Gaussian", "perfect": perfect}),
            Store(dashboard.cache),
        )
    return dashboard


def opened(server: Server, page: Page, query: str = QUERY) -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/{query}")
    settled(page)
    expect(page.locator(".stage canvas")).to_have_count(2)
    return errors


def d_loss(page: Page) -> str:
    return page.locator(".stage .numbers").first.locator("span").nth(4).inner_text()


def inked(page: Page) -> int:
    """How many pixels of the first canvas are drawn on."""
    return int(
        page.locator(".stage canvas").first.evaluate(
            "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((v, i) => i % 4 === 3 && v > 0).length"
        )
    )


def test_moves_are_made_at_once_kept_in_the_link_and_taken_back(server: Server, window: Window) -> None:
    page = window(DESK)
    errors = opened(server, page)
    before = d_loss(page)
    assert inked(page) > 10_000
    page.get_by_role("button", name="Step D").click()
    expect(page.locator(".played")).to_have_text("played: D ×1")
    page.get_by_label("How many updates a click makes").select_option("10")
    page.get_by_role("button", name="Step both").click()
    expect(page.locator(".played")).to_have_text("played: D ×1, both ×10")
    page.wait_for_url(re.compile("moves=1d10b"))
    after = d_loss(page)
    assert after != before
    other = window(PHONE, True)
    errors += opened(server, other, page.url.rpartition("/")[2])
    expect(other.locator(".played")).to_have_text("played: D ×1, both ×10")
    assert d_loss(other) == after
    page.get_by_role("button", name="Take back the last moves").click()
    expect(page.locator(".played")).to_have_text("played: D ×1")
    page.get_by_role("button", name="Take back the last moves").click()
    expect(page.locator(".played")).to_have_text("")
    assert d_loss(page) == before
    assert errors == []


def test_the_slider_and_play_turn_the_photographs_without_the_server(server: Server, window: Window) -> None:
    page = window(DESK)
    errors = opened(server, page)
    slider = page.get_by_label("Round of the game")
    slider.focus()
    slider.press("End")
    expect(page.locator(".round")).to_have_text("round 12 of 12")
    page.wait_for_url(re.compile("frame=12"))
    page.get_by_role("button", name="Play the game").click()
    expect(page.locator(".round")).to_have_text(re.compile(r"round [1-9] of 12"))  # from the start again
    page.get_by_role("button", name="Pause the game").click()
    page.wait_for_url(lambda url: "frame=12" not in url)
    assert errors == []
