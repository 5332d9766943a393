"""Failures on demand in a real browser: predict, run, reveal, replay; reload and back find it as it was."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.server import PHONE, Server, settled

Window = Callable[..., Page]
CASE = "failures?case=learning-rate"


def test_a_student_predicts_runs_and_reveals_and_the_link_holds_it_all(dashboard: Server, window: Window) -> None:
    page = window()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{dashboard.url}/{CASE}")
    settled(page)
    run = page.get_by_role("button", name="Run it")
    expect(run).to_be_disabled()
    page.get_by_text("Noisy, but it gets there").click()
    expect(run).to_be_enabled()
    run.click()
    expect(page.get_by_text("It is not so.")).to_be_visible(timeout=60_000)
    expect(page.locator(".board section")).to_have_count(2)
    expect(page.get_by_text("One setting mends this. Which?")).to_be_visible()
    expect(page.get_by_text("Learning rate too high")).to_have_count(0)
    page.get_by_role("button", name="Reveal").click()
    expect(page.get_by_role("heading", name="Learning rate too high")).to_be_visible()
    expect(page.locator(".board h2").nth(1)).to_have_text("Autoencoder, mended")
    slider = page.get_by_role("slider", name="Replay: share of the training budget")
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".board .step").first).to_have_text("step 0 of 600")
    expect(page).to_have_url(re.compile("frame=0"))
    page.reload()
    settled(page)
    expect(page.get_by_role("heading", name="Learning rate too high")).to_be_visible()
    expect(page.locator(".board .step").first).to_have_text("step 0 of 600")
    page.get_by_role("button", name="Next patient").click()
    expect(page.get_by_role("heading", name="The specialist who knows 24 digits")).to_be_visible()
    assert errors == []
    other = window(PHONE, dark=True)
    other.goto(f"{dashboard.url}/{CASE}&stage=reveal&guess=2")
    settled(other)
    expect(other.get_by_text("You are right.")).to_be_visible()
    assert other.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
