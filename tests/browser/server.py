"""Starts the dashboard as a user would, on a free port with its own cache, and a Chromium to look at it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}


@dataclass
class Server:
    """A running dashboard."""

    process: subprocess.Popen[bytes]
    url: str
    cache: Path

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def serve(cache: Path, **environment: str) -> Iterator[Server]:
    """Run the dashboard on `cache` until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.address", "127.0.0.1"]
    with tempfile.NamedTemporaryFile(prefix=f"genmodels-{port}-", suffix=".log", delete=False) as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"GENMODELS_CACHE": str(cache)} | environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for_health(url, process)
        yield Server(process, url, cache)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for_health(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with code {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the server did not become healthy in 60 s")


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


def new_page(browser: Browser, size: dict[str, int], dark: bool = False) -> Page:
    """Return a page in a window of its own."""
    context = browser.new_context(viewport=size, color_scheme="dark" if dark else "light", reduced_motion="reduce")  # type: ignore[arg-type]
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
