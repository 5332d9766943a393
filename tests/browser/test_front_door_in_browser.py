"""The front door is gone once dismissed, also after a reload and in another window, and nothing jumps."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import DESK, PHONE, Server, settled

Window = Callable[..., Page]


def door(page: Page) -> None:
    settled(page)
    expect(page.get_by_role("button", name="Start the course")).to_be_visible()


def no_door(page: Page) -> None:
    settled(page)
    expect(page.locator(".st-key-front-door")).to_have_count(0)


def test_it_is_there_once_and_not_after_a_reload_or_in_another_window(dashboard: Server, window: Window) -> None:
    page = window()
    page.goto(dashboard.url)
    door(page)
    page.locator(".stMain").get_by_role("button", name="Compare", exact=True).click()
    no_door(page)
    page.wait_for_function("document.cookie.includes('genmodels_door')")
    page.reload()
    no_door(page)
    other = page.context.new_page()
    other.goto(dashboard.url)
    no_door(other)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_first_row_of_pictures_is_in_view_below_it(dashboard: Server, window: Window, size: dict[str, int]) -> None:
    page = window(size)
    page.goto(dashboard.url)
    door(page)
    box = page.locator(".board section canvas").first.bounding_box()
    assert box
    assert box["y"] + 40 < size["height"]


def test_the_course_and_the_upload_are_one_click_away(dashboard: Server, window: Window) -> None:
    page = window()
    page.goto(dashboard.url)
    door(page)
    page.get_by_role("button", name="Your own data").click()
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    other = window()
    other.goto(dashboard.url)
    door(other)
    other.get_by_role("button", name="Start the course").click()
    expect(other.locator(".lesson .where")).to_contain_text("1 of")
