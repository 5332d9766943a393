"""Walks the whole course by the arrow key, light and dark: `python -m tests.browser.walk FOLDER [light|dark]...`.

On the default cache. The first walk trains and studies what is missing; the others count. Prints each lesson's seconds from
the key to the settled page, and whatever fault a page shows; pictures go into FOLDER.
"""

import sys
import time
from pathlib import Path

from playwright.sync_api import Page

from genmodels.store import Store
from pages.parts.shipped_course import COURSE
from tests.browser.server import DESK, chromium, new_page, serve

WAIT_SECONDS = 600


def ready(page: Page, number: int, deadline: float) -> None:
    """Wait until lesson `number` is shown, its script has ended and nothing more is waited for."""
    bar = page.locator(".lesson .where").filter(has_text=f"{number} of {len(COURSE)}")
    bar.wait_for(timeout=60_000)
    quiet = page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
    while time.monotonic() < deadline:
        quiet.wait_for(timeout=60_000)
        if not page.get_by_role("progressbar").count() and not page.get_by_role("button", name="Pause", exact=True).count():
            return
        page.wait_for_timeout(300)
    raise TimeoutError(f"lesson {number} was not there after {WAIT_SECONDS} s")


def walk(page: Page, url: str, folder: Path | None) -> list[float]:
    """Go through the course; return the seconds of each lesson."""
    seconds = []
    for number in range(1, len(COURSE) + 1):
        begun = time.monotonic()
        if number == 1:
            page.goto(f"{url}/?lesson=1&present=1")
        else:
            page.keyboard.press("ArrowRight")
        ready(page, number, begun + WAIT_SECONDS)
        seconds.append(time.monotonic() - begun)
        faults = [*page.get_by_test_id("stAlert").all_text_contents(), *page.get_by_test_id("stException").all_text_contents()]
        print(
            f"  {number:>2}  {seconds[-1]:6.2f} s  {COURSE[number - 1].title}" + "".join(f"\n      {fault}" for fault in faults),
            flush=True,
        )
        if folder:
            page.wait_for_timeout(900)
            page.screenshot(path=str(folder / f"{number:02d}.png"))
    return seconds


def main() -> None:
    """Walk once to fill the cache, then once for each appearance."""
    folder, appearances = Path(sys.argv[1]), sys.argv[2:] or ["light", "dark"]
    with serve(Store.from_environment().root) as server, chromium() as browser:
        for appearance in ["filling", *appearances]:
            print(appearance, flush=True)
            page = new_page(browser, DESK, dark=appearance == "dark")
            errors: list[str] = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            place = folder / appearance
            place.mkdir(parents=True, exist_ok=True)
            seconds = walk(page, server.url, None if appearance == "filling" else place)
            print(f"{appearance}: slowest {max(seconds):.2f} s, median {sorted(seconds)[len(seconds) // 2]:.2f} s; errors {errors}")
            page.context.close()


if __name__ == "__main__":
    main()
