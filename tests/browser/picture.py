"""Takes the README's picture: `python -m tests.browser.picture FILE.png` (or `make picture`)."""

import sys
from pathlib import Path

from genmodels.store import Store
from tests.browser.server import all_finished, chromium, new_page, serve, settled


def main() -> None:
    """Open the dashboard on the default cache, wait until the opening comparison is trained, and photograph it whole."""
    file = Path(sys.argv[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    cache = Store.from_environment().root
    with serve(cache) as server, chromium() as browser:
        page = new_page(browser, {"width": 1280, "height": 1230})
        page.goto(server.url)
        settled(page)
        all_finished(page, columns=3)
        page.wait_for_timeout(1500)
        page.screenshot(path=str(file))


if __name__ == "__main__":
    main()
