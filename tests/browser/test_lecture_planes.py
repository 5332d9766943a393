"""Lecture 3 and 4 in a real browser: a drag decodes at once and is in the address; a reload finds it; charts are there."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.readable import faults
from tests.browser.server import DESK, PHONE, Server, settled

Window = Callable[..., Page]


@pytest.fixture(scope="module")
def server(full: Server) -> Server:
    return full


def opened(server: Server, page: Page, query: str) -> Page:
    page.goto(f"{server.url}/{query}")
    settled(page)
    return page


def vae_of(page: Page) -> tuple[Locator, Locator, Locator]:
    part = page.locator(".sheets section[data-model=vae]")
    expect(part.locator(".at")).to_contain_text("z = (")
    return part.locator(".plane"), part.locator(".big"), part.locator(".at")


def pixels(canvas: Locator) -> str:
    return str(canvas.evaluate("canvas => canvas.toDataURL()"))


def test_a_drag_decodes_and_the_address_keeps_where_it_ended(server: Server, window: Window) -> None:
    page = opened(server, window(), "autoencoders")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    plane, big, at = vae_of(page)
    expect(at).to_contain_text("z = (0.00, 0.00)")
    page.wait_for_timeout(300)  # the sheet has been read
    before, box = pixels(big), plane.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.25 * box["height"], steps=4)
    during = pixels(big)
    assert during != before  # while it is held
    assert "vae=" not in page.url
    page.mouse.up()
    page.wait_for_url(re.compile(r"vae=\d+-\d+"))
    words = at.inner_text()
    spot = [int(part) for part in re.search(r"vae=(\d+)-(\d+)", page.url).groups()]  # type: ignore[union-attr]
    assert abs(spot[0] - 900) < 8
    assert abs(spot[1] - 750) < 8
    page.reload()
    settled(page)
    _, big, at = vae_of(page)
    expect(at).to_have_text(words)
    page.wait_for_timeout(300)
    assert pixels(big) == during
    assert errors == []


def test_arrow_keys_move_it_and_do_not_turn_the_lesson(server: Server, window: Window) -> None:
    page = opened(server, window(DESK, dark=True), "autoencoders?vae=500-500")
    plane, _, at = vae_of(page)
    plane.focus()
    for _ in range(3):
        plane.press("ArrowRight")
    page.wait_for_url(re.compile(r"vae=560-500"))
    expect(at).not_to_contain_text("z = (0.00, 0.00)")
    plane.press("ArrowLeft")
    page.wait_for_url(re.compile(r"vae=540-500"))
    assert "/autoencoders" in page.url


def test_on_a_phone_the_planes_lie_below_each_other_within_the_page(server: Server, window: Window) -> None:
    page = opened(server, window(PHONE), "autoencoders?show=sheet")
    vae_of(page)
    boxes = [part.bounding_box() for part in page.locator(".sheets .plane").all()]
    assert len(boxes) == 2
    assert boxes[1]["y"] > boxes[0]["y"] + boxes[0]["height"]  # type: ignore[index]
    for canvas in page.locator(".sheets canvas").all():
        box = canvas.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
    expect(page.locator("table")).to_be_visible()
    assert "cut" not in faults(page)  # the table scrolls within itself


def test_gradients_open_as_a_chart_with_their_numbers(server: Server, window: Window) -> None:
    page = opened(server, window(), "likelihood?part=gradient")
    expect(page.locator(".js-plotly-plot")).to_have_count(1, timeout=20_000)
    expect(page.get_by_text("Codes that one is worth")).to_be_visible()
