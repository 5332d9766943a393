"""A lecturer's hand: clicks on whatever a lesson shows, then uses the clicker, which must still reach the lesson.

`python -m tests.browser.clicker` does so for every element of every lesson, on the default cache (warm it first), after a look
whether each lesson's evidence lies above the bar on a projector; `... evidence` looks at that alone.
"""

import re
import sys
import time
from urllib.parse import quote_plus

from playwright.sync_api import Locator, Page, expect

from genmodels.store import Store
from pages.parts.course import Lesson
from pages.parts.shipped_course import COURSE
from tests.browser.server import DESK, chromium, new_page, serve, settled

KINDS = {  # what can be clicked on a page, by name: everything that a page is made of
    "slider of the page": ".stMain [data-testid=stSlider] input",
    "slider of a component": ".stMain input[type=range]:not([data-testid=stSlider] input)",
    "canvas": ".stMain canvas",
    "chart": ".stMain .js-plotly-plot .nsewdrag",
    "list": ".stMain [data-testid=stSelectbox] input",
    "choice": ".stMain [data-testid=stButtonGroup] button",
    "toggle": ".stMain [data-testid=stCheckbox] label",
    "expander": ".stMain [data-testid=stExpander] summary",
    "details": ".stMain details:not([data-testid=stExpander] details) > summary",
    "tab": ".stMain [role=tab]",
    "picture": ".stMain img",
    "drawing": ".stMain svg[role=img]",
    "table": ".stMain table",
    "number": ".stMain [data-testid=stMetric]",
    "popover": ".stMain [data-testid=stPopover] button",
    "button of a component": ".stMain .play:not([disabled])",
    "title": ".stMain h1",
}


def place(page: Page) -> Locator:
    """Return the words that say which lesson is shown."""
    return page.locator(".lesson .where")


def first(page: Page, name: str) -> Locator:
    """Return the first element of a kind that can be seen."""
    return page.locator(KINDS[name]).locator("visible=true").first


def kinds(page: Page) -> list[str]:
    """Return the kinds of which there is an element."""
    return [name for name in KINDS if first(page, name).count()]


def click(page: Page, name: str, element: Locator) -> None:
    """Click in the middle of an element; of a list, choose the first that it offers."""
    element.scroll_into_view_if_needed()
    element.click(force=True)
    if name == "list":
        page.get_by_role("option").first.click()
        expect(page.get_by_role("listbox")).to_have_count(0)
    settled(page)


def reveals(page: Page) -> None:
    """Press R twice: the answer appears, and goes again."""
    answer = page.locator(".lesson .notice")
    page.keyboard.press("r")
    expect(answer).to_be_visible(timeout=3000)
    page.keyboard.press("r")
    expect(answer).to_be_hidden(timeout=3000)


def hidden_evidence(page: Page, lesson: Lesson) -> list[str]:
    """Return which of the boxes that the lesson declares do not lie between the window's top and the bar, one line each."""
    bar = page.locator(".lesson").bounding_box()
    assert bar
    boxes = [node.bounding_box() for node in page.locator(lesson.evidence).locator("visible=true").all()]
    if not boxes:
        return [f"there is no {lesson.evidence}"]
    ends = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    return [f"{top:.0f} to {end:.0f} px, the bar begins at {bar['y']:.0f}" for top, end in ends if top < 0 or end > bar["y"] + 1]


def open_on_projector(page: Page, url: str, number: int) -> None:
    """Open a lesson as on a projector, and wait for its bar, which takes the keys."""
    page.goto(f"{url}/?lesson={number}&present=1&auto=0")
    expect(place(page)).to_have_text(re.compile(rf"^{number} of "))
    settled(page)


def faults_on_projector(page: Page, url: str, number: int, seconds: float = 10) -> list[str]:
    """Open a lesson as on a projector, click on the page, press R, and return which evidence the bar or the window hides."""
    lesson = COURSE[number - 1]
    open_on_projector(page, url, number)
    page.mouse.click(640, 30)
    page.keyboard.press("r")
    expect(page.locator(".lesson .notice")).to_be_visible(timeout=3000)
    deadline = time.monotonic() + seconds
    while (faults := hidden_evidence(page, lesson)) and time.monotonic() < deadline:
        page.wait_for_timeout(200)
    for name, value in lesson.reveal.items():
        if f"{name}={quote_plus(value)}" not in page.url:
            faults.append(f"R left {name} as it was")
    return faults


def follows(page: Page, key: str, number: int) -> None:
    """Press a key: lesson `number` is shown, from its top."""
    page.keyboard.press(key)
    expect(place(page)).to_have_text(re.compile(rf"^{number} of "), timeout=8000)
    settled(page)
    assert page.locator(".stMain").evaluate("node => node.scrollTop") == 0


def main() -> None:
    """Click on every kind of element of every lesson, and print what no longer follows."""
    faults = 0
    with serve(Store.from_environment().root) as server, chromium() as browser:
        page = new_page(browser, DESK)
        numbers = [int(word) for word in sys.argv[1:] if word.isdigit()] or list(range(1, len(COURSE) + 1))
        for number in numbers:
            for fault in faults_on_projector(page, server.url, number):
                faults += 1
                print(f"  lesson {number}, {COURSE[number - 1].title}: {fault}", flush=True)
        for number in numbers if "evidence" not in sys.argv else ():
            to, key = (number + 1, "ArrowRight") if number < len(COURSE) else (number - 1, "ArrowLeft")
            page.goto(f"{server.url}/?lesson={number}")
            expect(place(page)).to_have_text(re.compile(rf"^{number} of "))
            settled(page)
            names = kinds(page)
            for name in names:
                for press in (key, "PageDown" if to > number else "PageUp"):
                    try:
                        click(page, name, first(page, name))
                        reveals(page)
                        follows(page, press, to)
                    except Exception as fault:
                        faults += 1
                        print(f"  lesson {number}, {name}, {press}: {str(fault).splitlines()[0]}", flush=True)
                    page.goto(f"{server.url}/?lesson={number}")
                    expect(place(page)).to_have_text(re.compile(rf"^{number} of "))
                    settled(page)
            print(f"{number:>2}: {', '.join(names)}", flush=True)
    print(f"{faults} faults")


if __name__ == "__main__":
    main()
