"""A Chromium that looks at a running dashboard as a viewer does."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.serving import Server, serve

__all__ = [
    "DESK",
    "PHONE",
    "ZOOMED",
    "Server",
    "all_finished",
    "chromium",
    "column",
    "find_chromium",
    "go_to",
    "new_page",
    "serve",
    "settled",
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ZOOMED = {"width": 640, "height": 360}  # a desk's window at 200 %
DESK, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}


def find_chromium() -> str | None:
    """Return the path of a Chromium of this machine, if there is one."""
    return next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium: the machine's own, else the one that `playwright install chromium` put there."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def new_page(browser: Browser, size: dict[str, int], dark: bool = False, **options: Any) -> Page:
    """Return a page in a window of its own; `options` are those of its context, `has_touch` say."""
    calm = {"color_scheme": "dark" if dark else "light", "reduced_motion": "reduce"}
    context = browser.new_context(viewport=size, **calm | options)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(20_000)
    return page


def settled(page: Page) -> None:
    """Wait until the script has run and its title is there."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    page.locator("h1").first.wait_for()


def all_finished(page: Page, columns: int, timeout: float = 120) -> None:
    """Wait until this many columns show where and when they were trained."""
    page.wait_for_function("() => true")
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        words = page.locator(".board section .provenance").all_text_contents()
        if len(words) == columns and all("updates" in w for w in words):
            return
        page.wait_for_timeout(100)
    raise TimeoutError(f"{columns} finished columns were not there after {timeout} s; seen: {words}")


def column(page: Page, model: str) -> str:
    """Return all words of a model's column on the board."""
    words: str = page.locator(".board section", has=page.get_by_role("heading", name=model, exact=True)).inner_text()
    return words


def go_to(page: Page, section: str, title: str) -> None:
    """Open a page as a viewer does: by the bar of sections, which on a phone lies in the side bar."""
    if page.viewport_size == PHONE:
        opener = page.get_by_test_id("stExpandSidebarButton")
        if opener.is_visible():  # else the side bar is open still
            opener.click()
        page.get_by_test_id("stSidebarNavLink").filter(has_text=title).first.click()
    else:
        page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
        page.get_by_role("menuitem", name=title, exact=True).click()
