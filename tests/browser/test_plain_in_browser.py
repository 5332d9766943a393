"""In a real browser, too, a hostile link is nothing but letters: no link, picture, icon or formula in the page's notices."""

from collections.abc import Callable
from urllib.parse import urlencode

from playwright.sync_api import Page

from tests.browser.server import Server, settled
from tests.pages.test_plain import HOSTILE


def test_notices_that_quote_a_hostile_link_hold_letters_alone(dashboard: Server, window: Callable[..., Page]) -> None:
    page = window()
    query = {f"vae.{i}": text for i, text in enumerate(HOSTILE)} | dict.fromkeys(HOSTILE, "1")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{dashboard.url}/runs?{urlencode(query)}")
    settled(page)
    notices = page.get_by_test_id("stAlertContainer").filter(has_text="The link's")
    notices.nth(len(query) - 1).wait_for()
    words = " ".join(notices.all_inner_texts()).replace("\u2060", "")
    assert all(" ".join(text.split())[:20] in words.replace("\\\\", "\\") for text in HOSTILE[:9])
    for kind in ("a", "img", ".katex", "code", "strong", "em", "h1", "[data-testid=stIconMaterial]"):
        assert notices.locator(f"p {kind}").count() == 0, kind
    assert [url for url in requests if not url.startswith((dashboard.url, "data:", "blob:"))] == []
