"""The realism gallery in a real browser: a lasso picks, a reload keeps, a stroke on the pad lands in the plane."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.full import LINKS
from tests.browser.server import DESK, PHONE, Server, settled

Window = Callable[..., Page]
QUERY = LINKS["gallery"]


@pytest.fixture(scope="module")
def server(full: Server) -> Server:
    return full


def opened(server: Server, page: Page, query: str = QUERY) -> Locator:
    page.goto(f"{server.url}/{query}")
    settled(page)
    plane = page.locator(".plane canvas.over")
    expect(plane).to_be_visible()
    page.wait_for_timeout(500)  # the sheet of pictures is decoded
    return plane


def inside(plane: Locator, across: float, down: float) -> tuple[float, float]:
    box = plane.bounding_box()
    assert box is not None
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def test_a_lasso_picks_a_reload_keeps_and_a_click_shows_at_once(server: Server, window: Window) -> None:
    page = window(DESK)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    plane = opened(server, page)
    expect(page.locator(".plane h3")).to_contain_text("Test picture 1 of 200 (a ")
    page.mouse.move(*inside(plane, 0.09, 0.08))  # around the pictures themselves, which have no error
    page.mouse.down()
    for across, down in ((0.13, 0.08), (0.13, 0.88), (0.08, 0.88)):
        page.mouse.move(*inside(plane, across, down), steps=5)
    page.mouse.up()
    expect(page.locator(".plane h3")).to_contain_text("24 of ")
    expect(page.locator(".plane .cards b").first).to_be_visible()
    assert "the picture itself" in page.locator(".plane .cards b").all_text_contents()
    page.wait_for_url(re.compile("picks="))
    page.reload()
    settled(page)
    expect(page.locator(".plane h3")).to_contain_text("24 picked")
    page.locator(".plane .clear").click()
    expect(page.locator(".plane h3")).to_contain_text("Test picture 1 of 200")
    assert errors == []


def test_a_click_shows_its_picture_in_less_than_150_ms(server: Server, window: Window) -> None:
    page = window(DESK)
    opened(server, page)
    seconds = page.locator(".plane").evaluate(
        """root => {
          const over = root.querySelector('.over'), box = over.getBoundingClientRect(), shelf = root.querySelector('.cards');
          const spot = (down, pointerType) => ({ clientX: box.x + box.width * 0.11, clientY: box.y + box.height * down,
            bubbles: true, button: 0, pointerId: 1, pointerType });
          let down = 0.5; // how high pictures lie is the judge's to say: the first dot from the middle, up or down
          for (let k = 0; k < 80 && root.querySelector('.card').hidden; k++) {
            down = 0.5 + (k % 2 ? -1 : 1) * 0.005 * k;
            over.dispatchEvent(new PointerEvent('pointermove', spot(down, 'mouse')));
          }
          const click = () => {
            over.dispatchEvent(new PointerEvent('pointerdown', spot(down, 'touch')));
            over.dispatchEvent(new PointerEvent('pointerup', spot(down, 'touch')));
          };
          const measure = () => {
            const start = performance.now();
            click();
            if (shelf.children.length !== 1) throw new Error(`${shelf.children.length} pictures on the shelf`);
            shelf.getBoundingClientRect();
            return (performance.now() - start) / 1000;
          };
          const seconds = [];
          for (let k = 0; k < 3; k++) {
            seconds.push(measure());
            click(); // no longer picked: one test picture in every source again
          }
          return seconds;
        }"""
    )
    assert min(seconds) < 0.15  # the best of three: other work on this machine is not the page's
    expect(page.locator(".plane .card")).to_be_visible()


def test_a_stroke_on_the_pad_lands_in_the_plane_and_stays_in_the_address(server: Server, window: Window) -> None:
    page = window(DESK)
    plane = opened(server, page)
    before = plane.evaluate("canvas => canvas.toDataURL()")
    pad = page.locator(".pad canvas")
    page.mouse.move(*inside(pad, 0.1, 0.1))
    page.mouse.down()
    page.mouse.move(*inside(pad, 0.9, 0.1), steps=8)
    start = time.monotonic()
    page.mouse.up()
    words = page.locator(".pad .words")
    expect(words).to_contain_text("to be real")
    assert time.monotonic() - start < 10  # well under one where nothing else runs
    assert float(re.findall(r"error ([\d.]+)", words.inner_text())[0]) > 0.1
    assert plane.evaluate("canvas => canvas.toDataURL()") != before  # "yours" is marked
    page.wait_for_url(re.compile("drawn="))
    sentence = words.inner_text()
    page.reload()
    settled(page)
    expect(words).to_have_text(sentence)
    page.get_by_role("button", name="Restore").click()
    expect(words).to_contain_text("Test picture 1. Draw on it")
    page.get_by_role("button", name="Next test picture").click()
    expect(words).to_contain_text("Test picture 2. Draw on it")
    expect(page.locator(".plane h3")).to_contain_text("Test picture 2 of 200")


def test_on_a_phone_the_plane_fits_and_a_source_can_be_hidden(server: Server, window: Window) -> None:
    page = window(PHONE, dark=True)
    plane = opened(server, page)
    box = plane.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    count = page.locator(".plane .cards figure").count()
    page.get_by_role("button", name="blurred").click()
    expect(page.locator(".plane .cards figure")).to_have_count(count - 1)
    page.wait_for_url(re.compile("hidden=blur"))
