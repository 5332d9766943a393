"""All that a pointer does on a canvas, keys do as well: picking, moving a map, dragging a code; and a picture says it in words."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.full import LINKS
from tests.browser.server import DESK, Server, settled

Window = Callable[..., Page]


def opened(server: Server, page: Page, name: str) -> Page:
    page.goto(f"{server.url}/{LINKS[name]}")
    settled(page)
    return page


def test_dots_of_the_plane_are_picked_and_dropped_by_keys(full: Server, window: Window) -> None:
    page = opened(full, window(DESK), "gallery")
    plane, head, said = page.locator(".plane canvas.over"), page.locator(".plane h3"), page.locator(".plane .said")
    expect(plane).to_have_attribute(
        "aria-label",
        re.compile(r"Plane of 200 test pictures in \d+ versions, reconstruction error against realism.*VAE, encoded \d\.\d+"),
    )
    plane.focus()
    plane.press("ArrowRight")
    expect(said).to_contain_text("test picture 1: error")
    plane.press("Enter")
    expect(head).to_contain_text("1 picked")
    plane.press("Shift+ArrowLeft")
    plane.press("Shift+ArrowLeft")
    expect(head).to_contain_text("3 picked")
    plane.press("Space")
    expect(head).to_contain_text("2 picked")
    plane.press("Escape")
    expect(head).to_contain_text("Test picture 1 of 200")


def test_a_map_is_stepped_through_zoomed_and_moved_by_keys(full: Server, window: Window) -> None:
    page = opened(full, window(DESK), "latents")
    drawing, map = "canvas => canvas.toDataURL()", page.locator("canvas.map").last
    expect(map).to_have_attribute("aria-label", re.compile(r"VAE: .* dots; .*\d"))
    page.wait_for_timeout(300)
    map.focus()
    map.press("ArrowRight")
    expect(page.locator(".scatter .said")).to_contain_text("example 1")
    looks = [map.evaluate(drawing)]
    for key in ("+", "Shift+ArrowRight", "Shift+ArrowUp", "-"):
        map.press(key)
        looks.append(map.evaluate(drawing))
    assert len(set(looks[:-1])) == 4
    assert looks[-1] == looks[0]  # the whole map again
    map.press("Enter")
    expect(page.locator(".strip").last).to_have_attribute("aria-label", re.compile("^1 picked"))


def test_the_names_of_the_boards_pictures_follow_the_replay(full: Server, window: Window) -> None:
    page = opened(full, window(DESK), "samples")
    samples, slider = page.locator(".board canvas.samples").last, page.locator(".board .bar input")
    name = r"^VAE, step 40 of 40, ELBO -\d.*, KL \d.* nats per example: 64 samples of fixed noise$"
    expect(samples).to_have_attribute("aria-label", re.compile(name))
    slider.focus()
    slider.press("Home")
    expect(samples).to_have_attribute("aria-label", re.compile("^VAE, step 0 of 40, "))
    chart = page.locator(".board section[data-model=vae] svg[role=img]").first
    expect(chart).to_have_attribute("aria-label", re.compile("at 0 % of the budget"))
