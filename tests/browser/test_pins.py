"""Two VAEs side by side: one pinned, the other's knob moved; unpinned, and brought back from the strip of what was tried."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from tests.browser.server import DESK, PHONE, Server, all_finished, settled
from tests.browser.test_knobs import click_value

Window = Callable[..., Page]
LINK = "?data=moons&models=gmm,vae&gmm.steps=3&vae.steps=30&vae.beta=0.1"


@pytest.fixture(scope="module")
def server(dashboard: Server) -> Server:
    for model, settings in (("gmm", {"steps": 3}), *(("vae", {"steps": 30, "beta": beta}) for beta in (0.1, 10))):
        record(RunSpec.make("moons", model, settings), Store(dashboard.cache))
    return dashboard


def vaes(page: Page) -> Locator:
    return page.locator(".board section[data-model=vae]")


def has_differences(page: Page, *texts: str) -> None:
    """Wait until the VAEs are told apart by these."""
    expect(vaes(page).locator(".differs")).to_have_text(list(texts))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_vae_of_beta_a_tenth_stands_beside_one_of_ten_and_comes_back_from_the_strip(
    server: Server, window: Window, size: dict[str, int]
) -> None:
    page = window(size)
    page.goto(f"{server.url}/{LINK}")
    settled(page)
    all_finished(page, 2)
    strip, pin = page.get_by_role("navigation", name="Tried in this window"), vaes(page).get_by_role("button", name="Pin VAE")
    expect(strip).to_have_count(0)
    pin.press("Enter")
    expect(pin).to_have_attribute("aria-pressed", "true")
    click_value(page, "β of the VAE", "10")
    all_finished(page, 3)
    has_differences(page, "β 10", "β 0.1")
    expect(page.locator("blockquote", has_text="From β 0.1 to β 10 the VAE changes so: ELBO")).to_be_visible()
    expect(page.get_by_role("slider", name="β of the VAE")).to_have_count(1)  # what is pinned has no knobs
    page.reload()
    settled(page)
    all_finished(page, 3)
    has_differences(page, "β 10", "β 0.1")

    page.get_by_role("button", name="Pin VAE, β 0.1").click()
    all_finished(page, 2)
    line = strip.get_by_role("button", name=re.compile("^VAE β 0.1, steps 30"))
    line.click()
    expect(vaes(page).locator(".summary")).to_contain_text("β = 0.1")
    page.wait_for_url(re.compile(r"vae\.beta=0\.1"))
    expect(line).to_have_attribute("aria-current", "true")
    strip.get_by_role("button", name="Pin VAE, β 10, steps 30").press("Enter")
    all_finished(page, 3)
    has_differences(page, "β 0.1", "β 10")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_runs_of_one_model_have_marks_and_rules_of_their_own_and_axes_in_common(server: Server, window: Window) -> None:
    page = window()
    page.goto(f"{server.url}/{LINK}&pin1=vae&pin1.beta=10&pin1.steps=30")
    settled(page)
    all_finished(page, 3)
    rules = vaes(page).locator(".progress").evaluate_all("nodes => nodes.map((n) => getComputedStyle(n).backgroundImage)")
    assert rules[0] == "none"
    assert "gradient" in rules[1]
    words = vaes(page).locator(".unit").all_text_contents()
    assert ["circles" in text for text in words] == [True, False]
    assert "squares" in words[1]
    names = vaes(page).locator("canvas.samples").evaluate_all("nodes => nodes.map((n) => n.ariaLabel.split(', step')[0])")
    assert names == ["VAE, β 0.1", "VAE, β 10"]
    ticks = [vaes(page).nth(i).locator(".tick:not(.unit)").all_text_contents() for i in (0, 1)]
    assert ticks[0] == ticks[1]
