"""On a phone nothing is cut off by the edge of the window, and on light and dark all words have the contrast to be read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from genmodels.runs import RunSpec, record
from genmodels.store import Store
from genmodels.studies.findings import StudySpec
from pages.parts.lessons import PAGES
from tests.browser.readable import faults
from tests.browser.server import DESK, PHONE, Server, settled

BOARD = "?data=moons&models=gmm,vae&gmm.steps=3&vae.steps=20&auto=0"
LINKS = [BOARD, "likelihood?part=gradient&auto=0", "?lesson=1&auto=0"]
LINKS += [f"{file.stem}?auto=0" for file in sorted(PAGES.glob("*/*.py")) if file.parent.name != "parts"]


@pytest.fixture(scope="module")
def server(dashboard: Server) -> Server:
    for model, steps in (("gmm", 3), ("vae", 20)):
        record(RunSpec.make("moons", model, {"steps": steps}), Store(dashboard.cache))
    record(StudySpec.make("elbo-gradient"), Store(dashboard.cache))
    return dashboard


@pytest.mark.parametrize(("size", "dark"), [(PHONE, False), (DESK, True)], ids=["phone, light", "desk, dark"])
def test_nothing_is_cut_off_and_all_words_can_be_read(
    server: Server, window: Callable[..., Page], size: dict[str, int], dark: bool
) -> None:
    page = window(size, dark)
    faulty = {}
    for link in LINKS:
        page.goto(f"{server.url}/{link}")
        settled(page)
        page.wait_for_timeout(300)
        faulty[link] = faults(page)
    assert {link: rows for link, rows in faulty.items() if rows} == {}


def test_what_is_cut_off_or_faint_is_seen_by_the_test(window: Callable[..., Page], tmp_path: Path) -> None:
    page = window(PHONE)
    page.set_content("""<body style="margin:0; background:#fff"><div data-testid="stApp">
        <p style="color:#777">faint</p><p style="color:#767676">clear</p><p style="opacity:.5">faded</p>
        <div style="overflow:auto; width:200px"><table style="width:900px"><tr><td>scrolls</td></tr></table></div>
        <div style="overflow:hidden; width:390px"><b style="display:block; width:900px">cut</b></div></div>""")
    rows = faults(page)
    assert rows["faint"] == {"faint": 4.48, "faded": 3.98}
    assert list(rows["cut"]) == ["b  cut"]


def test_a_component_follows_a_change_of_the_theme(server: Server, window: Callable[..., Page]) -> None:
    page = window(DESK)
    page.goto(f"{server.url}/{BOARD}")
    settled(page)
    board = page.locator(".board")
    expect(board).to_have_attribute("data-dark", "false")
    page.emulate_media(color_scheme="dark")
    expect(board).to_have_attribute("data-dark", "true")
