"""The ring in a real browser: the slider carries the cloud, by keys, by dragging and by itself; the address follows."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.server import PHONE, Server, settled

Window = Callable[..., Page]


@pytest.fixture(scope="module")
def server(full: Server) -> Server:
    return full


def opened(server: Server, page: Page, query: str = "") -> list[str]:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{server.url}/ring{query}")
    settled(page)
    expect(page.locator(".warp .true canvas")).to_be_visible()
    return errors


def picture(page: Page) -> str:
    """Return the cloud's picture once it has come to rest: two looks in a row are equal."""
    canvas, before = page.locator(".warp .true canvas"), ""
    for _ in range(50):
        now = str(canvas.evaluate("canvas => canvas.toDataURL()"))
        if now == before:
            return now
        before = now
        page.wait_for_timeout(200)
    raise AssertionError("the picture never came to rest")


def comes_to(page: Page, expected: str) -> bool:
    """Whether the cloud's picture is this one within a few seconds: a busy machine draws it late."""
    for _ in range(20):
        if picture(page) == expected:
            return True
        page.wait_for_timeout(200)
    return False


def test_the_slider_carries_the_cloud_and_the_address_brings_it_back(server: Server, window: Window) -> None:
    page = window()
    errors = opened(server, page)
    slider, words = page.locator(".warp .way"), page.locator(".warp .bar output").first
    expect(words).to_have_text("y = x/10 + x/‖x‖")
    ring_picture = picture(page)
    slider.press("Home")
    expect(words).to_have_text("x ~ N(0, I)")
    page.wait_for_url(re.compile("way=0.0"))
    for _ in range(3):
        slider.press("ArrowRight")
    expect(words).to_have_text("x + 0.03 (y − x)")
    page.wait_for_url(re.compile("way=0.03"))
    part = picture(page)
    page.reload()
    settled(page)
    expect(words).to_have_text("x + 0.03 (y − x)")
    assert part != ring_picture
    assert comes_to(page, part)
    page.locator(".warp .play").click()
    expect(words).to_have_text("y = x/10 + x/‖x‖", timeout=10_000)
    assert comes_to(page, ring_picture)
    assert errors == []


def test_the_training_is_replayed_and_the_picture_can_be_dragged(server: Server, window: Window) -> None:
    page = window(PHONE)
    errors = opened(server, page)
    mark, words = page.locator(".warp .mark"), page.locator(".warp .training output")
    expect(words).to_have_text("fully trained")
    mark.press("Home")
    expect(words).to_have_text("after 0 %")
    page.wait_for_url(re.compile("mark=0"))
    page.locator(".warp .true canvas").scroll_into_view_if_needed()
    box = page.locator(".warp .true canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2)
    page.mouse.up()
    expect(page.locator(".warp .bar output").first).to_have_text("x + 0.58 (y − x)")  # 1 less 1.4 x .3
    expect(page.locator(".warp tbody tr")).to_have_count(6)
    expect(page.locator(".warp tbody tr", has_text="GAN")).to_contain_text("—")
    assert errors == []
