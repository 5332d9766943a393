"""Fingers on a page: touch events as a touch screen sends them, through Chromium's own protocol."""

from collections.abc import Sequence

from playwright.sync_api import Locator, Page

Place = tuple[float, float]


class Hand:
    """Up to two fingers on a window that was opened with `has_touch`; places are in CSS pixels of the window."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session = page.context.new_cdp_session(page)

    def touch(self, kind: str, *places: Place, finger: int = 0) -> None:
        """Send touchStart, touchMove or touchEnd of a finger; touchEnd without a place lifts all fingers."""
        points = [{"x": x, "y": y, "id": finger} for x, y in places]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def draw(self, places: Sequence[Place], second: Place | None = None) -> None:
        """Draw through the places with one finger; half way, a second one touches the screen and is dragged by 30 px."""
        self.touch("touchStart", places[0])
        for i, place in enumerate(places[1:], 1):
            self.touch("touchMove", place)
            if second and i == len(places) // 2:
                for k, kind in enumerate(("touchStart", "touchMove", "touchMove", "touchEnd")):
                    self.touch(kind, (second[0] + 10.0 * k, second[1]), finger=1)
        self.touch("touchEnd")

    def tap(self, place: Place) -> None:
        """Touch and lift."""
        self.draw([place])


def places(node: Locator, *shares: Place, steps: int = 4) -> list[Place]:
    """Return places along a line through shares of a node's width and height, `steps` to a stretch."""
    box = node.bounding_box()
    assert box is not None
    corners = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in shares]
    line = [corners[0]]
    for (x0, y0), (x1, y1) in zip(corners, corners[1:], strict=False):
        line += [(x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps) for k in range(1, steps + 1)]
    return line
