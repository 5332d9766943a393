"""A term opens its meaning by click, tap and key, and closes again; on a phone it stays within the window."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.server import DESK, PHONE, Server, settled

Window = Callable[..., Page]
IDENTITY = "/likelihood?part=identity&auto=0"


def opened(dashboard: Server, page: Page) -> Page:
    page.goto(dashboard.url + IDENTITY)
    settled(page)
    page.wait_for_function("window.historySteps")  # the browser has the meanings
    return page


def test_a_term_opens_and_closes_by_the_mouse_and_the_address_stays(dashboard: Server, window: Window) -> None:
    page = opened(dashboard, window(DESK))
    address, note = page.url, page.locator(".meaning")
    term = page.get_by_role("link", name="ELBO").first
    term.click()
    expect(note).to_contain_text("Evidence lower bound")
    expect(note).to_contain_text("See the page Estimating p(x).")
    term.click()
    expect(note).to_be_hidden()
    term.click()
    page.locator("h1").click()
    expect(note).to_be_hidden()
    assert page.url == address


def test_a_term_opens_as_tab_comes_to_it_and_closes_by_escape(dashboard: Server, window: Window) -> None:
    page = opened(dashboard, window(DESK))
    note, term = page.locator(".meaning"), page.get_by_role("link", name="ELBO").first
    page.get_by_role("link", name="posterior").first.focus()
    page.keyboard.press("Shift+Tab")
    expect(term).to_be_focused()
    expect(note).to_contain_text("Evidence lower bound")
    page.keyboard.press("Escape")
    expect(note).to_be_hidden()
    expect(term).to_be_focused()
    page.keyboard.press("Enter")
    expect(note).to_be_visible()
    page.keyboard.press("Tab")
    expect(note).to_contain_text("which codes could have made an example")


def test_on_a_phone_a_tap_opens_it_within_the_window(dashboard: Server, window: Window) -> None:
    page = opened(dashboard, window(PHONE))
    page.get_by_role("link", name="posterior").first.click()
    box = page.locator(".meaning").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert box["y"] + box["height"] <= PHONE["height"]
