"""The latent space in a real browser: dots show their picture, and a click shows what each model makes of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from tests.browser.server import DESK, PHONE, Server, settled

Window = Callable[..., Page]
QUERY = "latents?auto=0&models=autoencoder,vae&autoencoder.steps=30&vae.steps=30"


@pytest.fixture(scope="module")
def server(dashboard: Server) -> Server:
    for model in ("autoencoder", "vae"):
        run = RunSpec.make("digits", model, {"steps": 30})
        for study in ("latents", "latent-map"):
            record(StudySpec.make(study, [run]), Store(dashboard.cache))
    return dashboard


def opened(server: Server, page: Page, query: str = QUERY) -> list[Locator]:
    page.goto(f"{server.url}/{query}")
    settled(page)
    maps = page.locator("canvas.map")
    expect(maps).to_have_count(2)
    expect(page.locator(".facts dd").first).to_be_visible()
    page.wait_for_timeout(500)
    return maps.all()


def find_dot(page: Page, canvas: Locator) -> tuple[float, float]:
    """Return where a dot of a held-out example is, searched with the mouse along the map's middle."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for line in (0.5, 0.4, 0.6, 0.3):
        for step in range(10, 95, 1):
            x, y = box["x"] + box["width"] * step / 100, box["y"] + box["height"] * line
            page.mouse.move(x, y)
            tip = page.locator(".tip")
            if tip.is_visible() and "example" in (tip.text_content() or ""):
                return x, y
    raise AssertionError("no dot was found")


def inked(canvas: Locator) -> int:
    """How many pixels of a canvas are drawn."""
    read = "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
    script = f"c => {{ {read} return d.filter((value, i) => i % 4 === 3 && value).length; }}"
    return int(canvas.evaluate(script))


def test_pointing_shows_the_picture_and_a_click_the_reconstruction_of_every_model(server: Server, window: Window) -> None:
    page = window(DESK)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    first, _ = opened(server, page)
    assert page.locator("canvas.strip:visible").count() == 0
    x, y = find_dot(page, first)
    expect(page.locator(".tip")).to_contain_text(re.compile(r"class \d, example \d+"))
    assert inked(page.locator(".tip canvas")) > 5000
    page.mouse.click(x, y)
    page.wait_for_url(re.compile(r"picks=\d+"))
    strips = page.locator("canvas.strip:visible")
    expect(strips).to_have_count(2)
    page.wait_for_function("() => true")
    page.wait_for_timeout(300)
    assert all(inked(strip) > 1500 for strip in strips.all())
    page.reload()
    settled(page)
    expect(page.locator("canvas.strip:visible")).to_have_count(2)
    page.locator("canvas.map").first.scroll_into_view_if_needed()
    assert errors == []


def test_the_replay_and_the_legend_change_the_map_without_the_server(server: Server, window: Window) -> None:
    page = window(DESK)
    first, second = opened(server, page)
    whole = [canvas.evaluate("c => c.toDataURL()") for canvas in (first, second)]
    page.context.set_offline(True)
    slider = page.get_by_role("slider", name="Replay")
    slider.fill("3")
    assert [c.evaluate("c => c.toDataURL()") for c in (first, second)] != whole
    expect(page.locator(".bar output")).to_have_text("iteration 75 of 700")
    slider.fill("28")
    assert [c.evaluate("c => c.toDataURL()") for c in (first, second)] == whole
    page.get_by_role("button", name="class 3: single out").click()
    assert first.evaluate("c => c.toDataURL()") != whole[0]
    page.get_by_role("button", name="class 3: single out").click()
    assert first.evaluate("c => c.toDataURL()") == whole[0]


def test_a_finger_picks_a_dot_on_a_phone_and_keys_do_too(server: Server, window: Window) -> None:
    page = window(PHONE)
    first, _ = opened(server, page)
    first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".tip")).to_contain_text("example 3")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"picks=2(&|$)"))
    expect(page.locator("canvas.strip:visible")).to_have_count(2)
    box = page.locator(".stMainBlockContainer").bounding_box()
    assert box is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
