"""The browser's fixtures. Without a Chromium its tests are skipped with a word on how to get one; in CI they fail."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from genmodels.store import Store
from pages.parts.component import SHARED
from tests.browser import full as recordings
from tests.browser.server import DESK, Server, chromium, find_chromium, new_page, serve

PARTS_ORIGIN = "http://parts.test"  # where `call` finds the modules of the components
CALL = "async ([file, code, values]) => new Function('m', 'v', `return ${code}`)(await import(file), values)"
ADVICE = "no Chromium here: `apt-get install chromium` on Debian, `.venv/bin/playwright install chromium` elsewhere"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with chromium() as running:
            yield running
    except Exception as error:
        if find_chromium() or "Executable doesn't exist" not in str(error):
            raise
        if os.environ.get("CI") == "true":
            pytest.fail(ADVICE)
        pytest.skip(ADVICE)


@pytest.fixture(scope="session")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of every test that needs none of its own: what each needs it puts into the cache, beside what others have put."""
    with serve(tmp_path_factory.mktemp("dashboard") / "cache") as running:
        yield running


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which every page is full, by the links of tests/browser/full.py."""
    cache = tmp_path_factory.mktemp("full") / "cache"
    recordings.fill(Store(cache))
    with serve(cache) as running:
        yield running


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open windows, each of its own session, and close them at the end."""
    opened: list[Page] = []

    def open_one(size: dict[str, int] = DESK, dark: bool = False, **options: Any) -> Page:
        opened.append(new_page(browser, size, dark, **options))
        return opened[-1]

    yield open_one
    for page in opened:
        page.context.close()


@pytest.fixture(scope="module")
def call(browser: Browser) -> Iterator[Callable[..., Any]]:
    """`call(file, code, *values)`: the value of a JavaScript expression of the module `m` and the values `v`."""
    page = browser.new_page()

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(f"{PARTS_ORIGIN}/")
        if path:
            route.fulfill(body=(SHARED.parent / path).read_text(), content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    page.route(f"{PARTS_ORIGIN}/**", answer)
    page.goto(f"{PARTS_ORIGIN}/")
    yield lambda file, code, *values: page.evaluate(CALL, [f"{PARTS_ORIGIN}/{file}", code, list(values)])
    page.close()
