"""By touch: lasso, drags, pads and sliders follow one finger, a second one does no harm, and the page scrolls past them all."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.full import LINKS
from tests.browser.server import PHONE, Server, settled
from tests.browser.touch import Hand, places

Window = Callable[..., Page]
INK = "c => c.getContext('2d').getImageData(0, c.height * {}, c.width, 9).data.filter((v, i) => i % 4 < 3 && v < 99).length"
REST = """async (node) => {
  for (let before = NaN; node.scrollTop !== before;) {
    before = node.scrollTop;
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}"""
RING = [(0.1, 0.05), (0.95, 0.05), (0.95, 0.95), (0.1, 0.95), (0.1, 0.1)]  # around all dots, in shares of the plane


@pytest.fixture
def hold(full: Server, window: Window) -> Callable[[str], tuple[Page, Hand]]:
    """Open a page on a phone with a touch screen."""

    def open_page(name: str) -> tuple[Page, Hand]:
        page = window(PHONE, has_touch=True)
        page.goto(f"{full.url}/{LINKS[name]}")
        settled(page)
        return page, Hand(page)

    return open_page


Hold = Callable[[str], tuple[Page, Hand]]


def middle(node: Locator) -> Locator:
    """Scroll a node to the middle of the window."""
    node.evaluate("node => node.scrollIntoView({ block: 'center' })")
    return node


def scrolled(page: Page) -> float:
    return float(page.locator(".stMain").evaluate("node => node.scrollTop"))


def at_rest(page: Page) -> None:
    """Wait until a swipe's momentum is spent: it carries the page on after the finger, and a touch meanwhile only stops it."""
    page.locator(".stMain").evaluate(REST)
    page.wait_for_timeout(700)  # Chromium takes a tap soon after a swipe for one that ends it: no click comes of it


def test_a_lasso_is_drawn_by_finger_and_without_it_the_plane_scrolls_away(hold: Hold) -> None:
    page, hand = hold("gallery")
    plane = middle(page.locator(".plane canvas.over"))
    page.wait_for_timeout(500)  # its pictures are decoded
    head, before = page.locator(".plane h3"), scrolled(page)
    hand.draw(places(plane, (0.5, 0.8), (0.5, 0.3)))
    at_rest(page)
    assert scrolled(page) > before + 20
    expect(head).to_contain_text("Test picture 1 of")
    middle(plane)
    before = scrolled(page)
    hand.draw(places(plane, (0.3, 0.5), (0.7, 0.5)))  # sideways: neither a scroll nor a pick
    at_rest(page)
    expect(head).to_contain_text("Test picture 1 of")
    assert scrolled(page) == before
    hand.tap(places(page.locator(".lasso"), (0.5, 0.5))[0])
    expect(page.locator(".lasso")).to_have_attribute("aria-pressed", "true")
    before = scrolled(page)
    hand.draw(places(plane, *RING), second=places(plane, (0.5, 0.5))[0])
    expect(head).to_contain_text("24 of")
    assert scrolled(page) == before
    expect(page.locator(".lasso")).to_have_attribute("aria-pressed", "false")


def test_a_tap_on_a_dot_shows_its_card_and_it_stays(hold: Hold) -> None:
    page, hand = hold("gallery")
    plane, card = middle(page.locator(".plane canvas.over")), page.locator(".plane .card")
    page.wait_for_timeout(500)
    plane.focus()
    page.keyboard.press("ArrowRight")  # the first dot: its card stands beside it
    expect(card).to_be_visible()
    page.keyboard.press("Escape")
    for x, y in places(plane, (0.12, 0.05), (0.12, 0.9), steps=40):
        hand.tap((x, y))
        if card.is_visible():
            break
    expect(card).to_be_visible()
    expect(page.locator(".plane h3")).to_contain_text("1 picked")


def test_the_picture_pad_follows_one_finger(hold: Hold) -> None:
    page, hand = hold("gallery")
    pad, words = middle(page.locator(".pad canvas")), page.locator(".pad .words")
    height, stroke, other = scrolled(page), INK.format(0.05), INK.format(0.75)
    before = [pad.evaluate(row) for row in (stroke, other)]
    hand.draw(places(pad, (0.1, 0.1), (0.9, 0.1)), second=places(pad, (0.5, 0.8))[0])
    expect(words).to_contain_text("error")
    assert scrolled(page) == height
    assert pad.evaluate(stroke) > before[0]
    assert pad.evaluate(other) == before[1]  # where the second finger went


def test_the_ring_is_carried_by_finger_and_a_swipe_scrolls(hold: Hold) -> None:
    page, hand = hold("ring")
    canvas, way = middle(page.locator(".warp .true canvas")), page.locator(".warp .way")
    hand.draw(places(canvas, (0.9, 0.5), (0.3, 0.5)), second=places(canvas, (0.5, 0.9))[0])
    share = 100 * (1 - 1.4 * 0.6)
    assert abs(int(way.input_value()) - share) <= 4  # what the finger moved before the drag was recognised is missing
    before, value = scrolled(page), way.input_value()
    hand.draw(places(canvas, (0.5, 0.8), (0.5, 0.2)))
    page.wait_for_timeout(300)
    assert scrolled(page) > before + 20
    assert abs(int(way.input_value()) - int(value)) <= 2


def test_a_code_is_dragged_by_finger_and_the_page_stands_still(hold: Hold) -> None:
    page, hand = hold("autoencoders")
    section = page.locator(".sheets section[data-model=vae]")
    plane, at = middle(section.locator(".plane")), section.locator(".at")
    before = scrolled(page)
    hand.draw(places(plane, (0.2, 0.2), (0.8, 0.6)), second=places(plane, (0.1, 0.9))[0])
    label = plane.get_attribute("aria-label")
    match = re.search(r"z = \(([−\d.]+), ([−\d.]+)\)", at.inner_text())
    assert match is not None
    assert match[0] in (label or "")  # the name of the plane says where it is now
    assert scrolled(page) == before
    hand.tap(places(plane, (0.8, 0.6))[0])
    assert match[0] in at.inner_text()  # that is where the first finger was lifted


def test_the_replay_of_the_board_is_dragged_by_finger(hold: Hold) -> None:
    page, hand = hold("samples")
    slider, step = page.locator(".board .bar input"), page.locator(".board .step").last
    expect(step).to_contain_text("step 40 of 40")
    hand.draw(places(slider, (0.98, 0.5), (0.02, 0.5)))
    expect(step).to_have_text("step 0 of 40")
    expect(page).to_have_url(re.compile("[?&]step=0"))


def test_a_knob_is_turned_by_finger_and_sent_as_it_is_lifted(hold: Hold) -> None:
    page, hand = hold("samples")
    knob = page.locator(".board section[data-model=vae] .knob").first
    slider, value = middle(knob.locator("input")), knob.locator("output")
    before, height = value.inner_text(), scrolled(page)
    slider.evaluate("node => { node.isFirst = true; }")
    hand.draw(places(slider, (0.4, 0.5), (0.95, 0.5)), second=places(slider, (0.5, 4))[0])
    expect(value).not_to_have_text(before)
    expect(page).to_have_url(re.compile(rf"vae\.\w+={re.escape(value.inner_text())}"))
    expect(page.locator(".strip")).to_be_visible()  # it came above the board, which was not mounted anew for that
    at_rest(page)
    assert slider.evaluate("node => node.isFirst === true")
    assert scrolled(page) == height
