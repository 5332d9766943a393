"""Says what on a page cannot be read: words of less contrast than 4.5 (large ones 3), and what the window's edge cuts off.

`python -m tests.browser.readable [LESSON]...` looks at the lessons in four states, on the default cache (warm it first).
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, expect

from genmodels.store import Store
from pages.parts.shipped_course import COURSE
from tests.browser.server import DESK, PHONE, chromium, new_page, serve, settled

LOOK = Path(__file__).with_suffix(".js").read_text()
STATES = [(size, dark) for size in (DESK, PHONE) for dark in (False, True)]


def faults(page: Page, looks: int = 3) -> dict[str, dict[str, float]]:
    """Return `faint`, words and their contrast, and `cut`, elements and where their right edge lies; what passes by is none."""
    for _ in range(looks):
        rows_by_kind: dict[str, dict[str, float]] = {kind: rows for kind, rows in page.evaluate(LOOK).items() if rows}
        if not rows_by_kind:
            break
        page.wait_for_timeout(1000)  # it may still be fading in
    return rows_by_kind


def main() -> None:
    """Print the faults of each lesson; the page of lessons and that of runs come first."""
    links = {"lessons": "lessons", "runs": "runs"} if len(sys.argv) < 2 else {}
    links |= {f"lesson {n}": f"?lesson={n}&auto=0" for n in map(int, sys.argv[1:] or range(1, len(COURSE) + 1))}
    with serve(Store.from_environment().root) as server, chromium() as browser:
        for size, dark in STATES:
            page = new_page(browser, size, dark)
            for name, link in links.items():
                page.goto(f"{server.url}/{link}")
                if "lesson=" in link:
                    expect(page.locator(".lesson .where")).to_have_text(re.compile(rf"^{name.split()[1]} of"))
                settled(page)
                page.wait_for_timeout(1000)
                if rows_by_kind := faults(page):
                    print(f"{size['width']} {'dark' if dark else 'light'} {name}: {rows_by_kind}", flush=True)
            page.context.close()


if __name__ == "__main__":
    main()
