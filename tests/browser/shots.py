"""Takes pictures of a page at both sizes, light and dark: `python -m tests.browser.shots FOLDER [QUERY]`."""

import sys
from pathlib import Path

from genmodels.store import Store
from tests.browser.server import DESK, PHONE, chromium, new_page, serve, settled


def main() -> None:
    """Serve the default cache and photograph the page that QUERY names."""
    folder, query = Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    folder.mkdir(parents=True, exist_ok=True)
    cache = Store.from_environment().root
    with serve(cache) as server, chromium() as browser:
        for name, size in (("desk", DESK), ("phone", PHONE)):
            for dark in (False, True):
                page = new_page(browser, size, dark)
                page.goto(f"{server.url}/{query}")
                settled(page)
                page.wait_for_timeout(2500)
                file = folder / f"{name}-{'dark' if dark else 'light'}.png"
                page.screenshot(path=str(file))
                box = page.locator(".stMainBlockContainer").bounding_box()
                page.set_viewport_size({"width": size["width"], "height": int(box["height"] + 80) if box else 2000})
                page.wait_for_timeout(600)
                page.screenshot(path=str(file.with_stem(file.stem + "-whole")))
                page.context.close()


if __name__ == "__main__":
    main()
