"""Knobs under the hand: one click on a slider trains that column; the others stand, and nothing that was there goes blank."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from tests.browser.server import DESK, PHONE, Server, all_finished, settled
from tests.browser.test_side_by_side import drawn, press_train, step_of, wait_for

Window = Callable[..., Page]
TINY = {"gmm": {"steps": 3}, "vae": {"steps": 30}, "gan": {"steps": 20}}
LINK = "?data=moons&models=gmm,vae,gan&gmm.steps=3&vae.steps=30&gan.steps=20"


@pytest.fixture(scope="module")
def server(dashboard: Server) -> Server:
    store = Store(dashboard.cache)
    for model, settings in [*TINY.items(), ("vae", {"steps": 30, "beta": 4.0})]:
        record(RunSpec.make("moons", model, settings), store)
    return dashboard


def opened(server: Server, page: Page, link: str = LINK) -> None:
    page.goto(f"{server.url}/{link}")
    settled(page)
    page.get_by_role("slider", name="β of the VAE").wait_for()


def click_value(page: Page, name: str, value: str) -> None:
    """Click a slider once, where the value lies."""
    slider = page.get_by_role("slider", name=name)
    slider.scroll_into_view_if_needed()
    share = slider.evaluate(
        "(node, value) => (node.parentNode.turning.knob.texts.indexOf(value) - node.min) / (node.max - node.min)", value
    )
    box = slider.bounding_box()
    assert box
    thumb = 16
    page.mouse.click(box["x"] + thumb / 2 + share * (box["width"] - thumb), box["y"] + box["height"] / 2)


def section(page: Page, model: str) -> Locator:
    return page.locator(".board section", has=page.get_by_role("heading", name=model, exact=True))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_one_click_on_a_slider_shows_a_recorded_setting_and_the_others_stand(
    server: Server, window: Window, size: dict[str, int]
) -> None:
    page = window(size)
    opened(server, page)
    all_finished(page, 3)
    numbers = section(page, "GAN").locator(".facts").inner_text()
    top = section(page, "VAE").evaluate("node => { node.dataset.seen = 1; return node.getBoundingClientRect().top }")
    click_value(page, "β of the VAE", "4")
    expect(section(page, "VAE").locator(".summary")).to_contain_text("β = 4")
    page.wait_for_url(re.compile(r"vae\.beta=4"))
    all_finished(page, 3, timeout=5)
    assert section(page, "GAN").locator(".facts").inner_text() == numbers
    expect(page.get_by_text("Tried")).to_be_visible()
    assert section(page, "VAE").get_attribute("data-seen") == "1"  # the same node: no flicker
    if size == DESK:  # what was tried, now in its row, has moved nothing under the hand
        assert section(page, "VAE").evaluate("node => node.getBoundingClientRect().top") == top
    page.reload()  # the address shows the same
    settled(page)
    expect(section(page, "VAE").locator(".knob", has_text="β").locator("output")).to_have_text("4")


def test_a_new_setting_trains_at_once_over_the_ghost_of_the_old_while_another_column_trains(server: Server, window: Window) -> None:
    page = window()
    opened(server, page, LINK.replace("gan.steps=20", "gan.steps=3000") + "&seed=0")
    if section(page, "GAN").locator(".card button").is_visible():  # on a loaded machine it seems too long to begin by itself
        press_train(page)
    wait_for(lambda: step_of(page, "GAN") > 0, 60, "the GAN's first steps")
    click_value(page, "β of the VAE", "10")
    expect(section(page, "VAE").locator("output").last).to_have_text("10")
    for _ in range(20):
        assert drawn(page, "VAE") > 100  # the old picture or the new one, never none
        page.wait_for_timeout(40)
    expect(section(page, "VAE").locator(".step")).to_have_text(re.compile("step 30 of 30"), timeout=30_000)
    assert step_of(page, "GAN") > 0
    expect(section(page, "VAE")).not_to_have_class(re.compile("ghost"))


def test_arrow_keys_turn_a_knob_once_they_rest(server: Server, window: Window) -> None:
    page = window()
    opened(server, page)
    slider = page.get_by_role("slider", name="components K of the Gaussian mixture")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "9")
    page.wait_for_url(re.compile(r"gmm\.n_components=9"))
    assert page.evaluate("history.length") <= 4  # the steps between were not sent
    expect(section(page, "Gaussian mixture").locator(".summary")).to_contain_text("9 components", timeout=20_000)


def test_a_list_turns_a_knob(server: Server, window: Window) -> None:
    page = window()
    opened(server, page)
    page.get_by_role("combobox", name="covariance of the Gaussian mixture").select_option("diag")
    page.wait_for_url(re.compile(r"gmm\.covariance_type=diag"))
    expect(section(page, "Gaussian mixture").locator(".summary")).to_contain_text("diag", timeout=20_000)


@pytest.mark.parametrize("models", ["gmm,gan", "vae,gan,vae-gan", "gmm,gan,vae-gan,flow-matching"])
def test_on_a_phone_no_knob_is_cut_and_each_lies_in_its_column(server: Server, window: Window, models: str) -> None:
    page = window(PHONE)
    page.goto(f"{server.url}/?data=moons&models={models}&auto=0")
    settled(page)
    page.locator(".knob").first.wait_for()
    outside = page.locator(".board section").evaluate_all(
        """sections => sections.flatMap((section) => {
            const box = section.getBoundingClientRect();
            const isCut = (own, node) => own.left < box.left - 1 || own.right > box.right + 1
                || node.scrollWidth > node.clientWidth + 1;
            return [...section.querySelectorAll(".knob :not(option)")]
                .filter((node) => isCut(node.getBoundingClientRect(), node)).map((node) => node.outerHTML.slice(0, 200));
        })"""
    )
    assert outside == []
