"""From a link to the first insight: five people's ways through the dashboard, in clicks and seconds.

    python -m benchmarks.walkthroughs [--url http://host:port] [--cache FOLDER] [--only visitor student ...]

Without a URL a server of its own is started on the cache (warm it first). A way takes what the page offers, a knob under the
model's name or else the settings, so that versions compare: start the other version, and give its address. Clicks are those of a
mouse or keys of a clicker; seconds are from the first request until the insight is in view, browser and server on one machine.
"""

import argparse
import math
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page

from benchmarks.common import machine
from genmodels.store import Store
from tests.browser.server import DESK, all_finished, chromium, go_to, new_page, serve, settled

PATIENCE_MS = 240_000
MOVES = """section => /step [1-9]/.test(section.querySelector(".step").textContent) && !section.classList.contains("ghost")"""
TO_FOUR = """control => {
    for (control.value = 0; control.getAttribute("aria-valuetext") !== "4" && control.value !== control.max;
         control.value = Number(control.value) + 1, control.dispatchEvent(new Event("input")));
    control.dispatchEvent(new Event("change"));
}"""


class Hand:
    """A viewer's hand: does one thing after the other, and counts."""

    def __init__(self, page: Page, url: str):
        self.page, self.url, self.clicks = page, url, 0

    def open(self, query: str = "") -> None:
        """Follow a link."""
        self.page.goto(f"{self.url}/{query}")
        settled(self.page)

    def click(self, place: Locator) -> None:
        """Click, and wait until the page has answered."""
        place.click()
        self.clicks += 1
        self.page.wait_for_timeout(30)
        settled(self.page)

    def button(self, *names: str) -> None:
        """Click the first button of these names that there is."""
        self.click(next(place for name in names if (place := self.page.get_by_role("button", name=name, exact=True)).count()))

    def to(self, section: str, title: str) -> None:
        """Open a page by the bar: two clicks."""
        go_to(self.page, section, title)
        self.clicks += 2
        settled(self.page)

    def key(self, name: str) -> None:
        """Press a key of the clicker."""
        self.page.keyboard.press(name)
        self.clicks += 1


def visitor(hand: Hand) -> None:
    """Sees a finished comparison and the sentence that explains it."""
    hand.open()
    all_finished(hand.page, 3)
    hand.page.locator(".stMain blockquote").first.wait_for()


def student(hand: Hand) -> None:
    """Wants beta = 4: the VAE's picture moves."""
    hand.open()
    page = hand.page
    all_finished(page, 3)
    vae = page.locator(".board section", has=page.get_by_role("heading", name="VAE", exact=True))
    knob = page.locator('.board .knob input[aria-label^="beta"], .board .knob input[aria-label^="β"]').first
    if knob.count():
        knob.evaluate(TO_FOUR)
        hand.clicks += 1
    else:
        hand.button("Settings")
        hand.click(page.get_by_role("tab", name="VAE", exact=True))
        slider = page.get_by_role("slider", name="beta").first
        while slider.get_attribute("aria-valuetext") not in ("4", "4.0", None) and hand.clicks < 40:
            slider.press("ArrowRight")
        hand.clicks += 1
        hand.button("Train with these")
        hand.key("Escape")
    page.wait_for_function("() => /vae.beta=4(&|$|\\.0)/.test(location.search)")
    page.wait_for_function(MOVES, arg=vae.element_handle())


def lecturer(hand: Hand) -> None:
    """Opens lesson 8 of the course, and reveals its answer."""
    hand.open()
    page = hand.page
    if page.get_by_role("button", name="Start the course").count():
        hand.button("Start the course")
    else:
        hand.to("Lab book", "Lessons")
        hand.button("Begin")
    where = page.locator(".lesson .where")
    for number in range(1, 8):
        where.filter(has_text=f"{number} of").wait_for()
        settled(page)
        hand.key("PageDown")
    where.filter(has_text="8 of").wait_for()
    settled(page)
    hand.key("r")
    page.locator(".lesson .notice").wait_for()


def researcher(hand: Hand) -> None:
    """Brings a table of points, and reads the scores of the models on it."""
    page = hand.page
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rings.csv"
        file.write_text(table())
        hand.open("?models=gmm,vae")
        hand.button("Your own data", "Your own")
        page.locator("input[type=file]").first.set_input_files(file)
        hand.clicks += 1
        page.get_by_role("button", name="Use these").wait_for()
        hand.button("Use these")
        page.wait_for_url(lambda url: "data=own-" in url)
        all_finished(page, 2, PATIENCE_MS / 1000)
        hand.to("Compare", "Scores")
        begin = page.get_by_role("button", name="Begin")
        scores = page.locator("table.scores")
        scores.or_(begin.first).first.wait_for(timeout=PATIENCE_MS)
        if begin.count() and not scores.count():
            hand.click(begin.first)
        scores.wait_for(timeout=PATIENCE_MS)


def engineer(hand: Hand) -> None:
    """Finds what a Fréchet ratio is, and what its floor is."""
    page = hand.page
    hand.open()
    all_finished(page, 3)
    hand.to("Compare", "Scores")
    page.locator("table.scores").wait_for(timeout=PATIENCE_MS)
    hand.click(page.locator("table.scores summary", has_text="Fréchet ratio"))
    if (more := page.locator('table.scores details[open] a[href="#term-frechet-ratio"]')).count():
        hand.click(more)
        page.locator(".meaning", has_text="Its floor is 1").wait_for()
    else:
        page.locator("table.scores details[open]").wait_for()  # the floor is a number of the column "real", explained above


WAYS: dict[str, Callable[[Hand], None]] = {way.__name__: way for way in (visitor, student, lecturer, researcher, engineer)}


def table() -> str:
    """Return a table of 600 points on two circles, x and y and the circle's name."""
    points = [(math.cos(i) * (1 + i % 2), math.sin(i) * (1 + i % 2), "inner" if i % 2 == 0 else "outer") for i in range(600)]
    return "x,y,circle\n" + "\n".join(f"{x:.4f},{y:.4f},{name}" for x, y, name in points) + "\n"


def walk(url: str, names: list[str]) -> None:
    """Go each way once, in a window of its own, and print its clicks and seconds."""
    with chromium() as browser:
        for name in names:
            page = new_page(browser, DESK)
            hand, start = Hand(page, url), time.monotonic()
            try:
                WAYS[name](hand)
                outcome = ""
            except Exception as error:
                outcome = f"  not reached: {str(error).splitlines()[0][:90]}"
            print(f"{name:12s} {hand.clicks:>3} clicks  {time.monotonic() - start:6.1f} s{outcome}", flush=True)
            page.context.close()


def main() -> None:
    """Walk on a server that runs, or on one of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--only", nargs="+", choices=WAYS, default=list(WAYS))
    options = parser.parse_args()
    if options.url:
        walk(options.url, options.only)
    else:
        with serve(options.cache or Store.from_environment().root) as server:
            walk(server.url, options.only)
    print(machine())


if __name__ == "__main__":
    main()
