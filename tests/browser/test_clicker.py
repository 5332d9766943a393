"""Whatever a lecturer has clicked on, R, the clicker's keys and the arrows reach the lesson; Tab and typing keep their keys."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from tests.browser.clicker import click, first, follows, place, reveals
from tests.browser.server import Server, settled

Window = Callable[..., Page]
LINKS = {  # light pages of lessons, and what is clicked on there: together every kind of element
    "?lesson=1&auto=0&data=moons&models=gmm,vae&gmm.steps=3&vae.steps=20": (
        "slider of a component", "canvas", "list", "choice", "popover", "button of a component", "title",
    ),
    "likelihood?part=gradient&lesson=15&auto=0": ("slider of the page", "chart", "picture", "number"),
}  # fmt: skip


@pytest.fixture(scope="module")
def server(dashboard: Server) -> Server:
    store = Store(dashboard.cache)
    for model, steps in (("gmm", 3), ("vae", 20)):
        record(RunSpec.make("moons", model, {"steps": steps}), store)
    record(StudySpec.make("elbo-gradient"), store)
    return dashboard


def opened(server: Server, page: Page, link: str) -> int:
    """Open a link; return the number of its lesson."""
    page.goto(f"{server.url}/{link}")
    expect(place(page)).to_be_visible()
    settled(page)
    return int(place(page).inner_text().split()[0])


def comes_to_rest(page: Page, element: Locator) -> None:
    """Wait until an element stays where it is: a page is laid out anew as its styles and components arrive."""
    before = None
    while (box := element.bounding_box()) != before:
        before = box
        page.wait_for_timeout(300)


@pytest.mark.parametrize("link", LINKS)
def test_after_a_click_on_anything_the_lesson_is_revealed_and_left_by_key(server: Server, window: Window, link: str) -> None:
    page = window()
    for index, name in enumerate(LINKS[link]):
        number = opened(server, page, link)
        click(page, name, first(page, name))
        reveals(page)
        follows(page, ("ArrowRight", "PageDown")[index % 2], number + 1)


def test_while_a_slider_is_dragged_or_chosen_by_tab_it_keeps_the_arrows_and_a_text_its_letters(
    server: Server, window: Window
) -> None:
    page = window()
    opened(server, page, next(iter(LINKS)))
    slider = first(page, "slider of a component")
    comes_to_rest(page, slider)
    slider.hover()
    page.mouse.down()
    expect(slider).to_be_focused()
    before = slider.input_value()
    page.keyboard.press("ArrowLeft")
    assert int(slider.input_value()) == int(before) - 1
    page.mouse.up()
    page.keyboard.press("Tab")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert int(slider.input_value()) == int(before) - 2
    page.keyboard.press("r")
    expect(page.locator(".lesson .notice")).to_be_visible()
    page.get_by_role("button", name="Settings").click()
    seed = page.get_by_label("Seed, for every model")
    seed.fill("12")
    seed.press("ArrowLeft")
    seed.press("r")
    expect(page.locator(".lesson .notice")).to_be_visible()
    expect(place(page)).to_have_text(re.compile("^1 of"))
