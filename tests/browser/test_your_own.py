"""A viewer's own data in a real browser: drawn by mouse, finger and keys, or uploaded; then trained on."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from genmodels.datasets import drawn
from tests.browser.server import DESK, PHONE, Server, all_finished, settled

Window = Callable[..., Page]
START = "?data=moons&models=gmm,vae&auto=0"
SIDE = drawn.SIDE


def opened(dashboard: Server, page: Page, query: str = START) -> Page:
    page.goto(f"{dashboard.url}/{query}")
    settled(page)
    return page


def pad_of(page: Page) -> Locator:
    expect(page.locator(".pad")).to_have_count(0)
    settled(page)
    page.get_by_role("button", name="Your own").click()
    page.get_by_role("tab", name="Draw").click()
    canvas = page.locator(".pad canvas")
    expect(canvas).to_be_visible()
    page.wait_for_timeout(300)  # the popover has found its place
    return canvas


def spot(canvas: Locator, column: float, row: float) -> tuple[float, float]:
    """Where on the screen the pad's corner `column`, `row` lies."""
    box = canvas.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * column / SIDE, box["y"] + box["height"] * row / SIDE


def stroke(page: Page, canvas: Locator, *corners: tuple[float, float]) -> None:
    page.mouse.move(*spot(canvas, *corners[0]))
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*spot(canvas, *corner))
    page.mouse.up()


def ink(page: Page) -> np.ndarray:
    """The drawing that the address holds."""
    page.wait_for_url(re.compile("data=drawn-"))
    match = re.search(r"data=(drawn-[\w-]+)", page.url)
    assert match is not None
    return drawn.ink_of(match[1]).numpy()


def block(*places: tuple[slice, slice]) -> np.ndarray:
    cells = np.zeros((SIDE, SIDE), bool)
    for place in places:
        cells[place] = True
    return cells


def use(page: Page) -> None:
    page.get_by_role("button", name="Use this").click()


def test_what_the_mouse_draws_is_the_dataset_and_is_trained_on(dashboard: Server, window: Window) -> None:
    page = opened(dashboard, window())
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    canvas = pad_of(page)
    expect(page.get_by_role("button", name="Use this")).to_be_disabled()
    stroke(page, canvas, (3, 4), (20, 4))  # two cells wide around the fourth line, without a gap
    stroke(page, canvas, (6, 10), (6, 40))  # out of the pad below, and back in at another place
    page.get_by_role("button", name="Eraser").click()
    stroke(page, canvas, (12, 4), (12, 4))
    expected = block((slice(3, 5), slice(2, 21)), (slice(9, 24), slice(5, 7)))
    expected[3:5, 11:13] = False
    expect(page.locator(".pad .note")).to_contain_text(f"{expected.sum()} of 576 cells")
    use(page)
    assert np.array_equal(ink(page), expected)
    expect(page.locator(".pad")).to_have_count(0)  # the popover is closed
    expect(page.get_by_text("A density drawn by hand: uniform on 64 of 24x24 cells")).to_be_visible()
    opened(dashboard, page, f"?data={drawn.name_of(torch.from_numpy(expected))}&models=gmm,vae&gmm.steps=3&vae.steps=20")
    all_finished(page, 2)
    assert errors == []


def test_a_finger_draws_on_a_phone(dashboard: Server, window: Window) -> None:
    page = opened(dashboard, window(PHONE))
    canvas = pad_of(page)
    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *corner: float) -> None:
        points = [dict(zip("xy", spot(canvas, *corner), strict=True))] if corner else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = page.evaluate("document.querySelector('.stMain')?.scrollTop")
    touch("touchStart", 12, 4)
    for row in range(5, 19):
        touch("touchMove", 12, row)
    touch("touchEnd")
    assert page.evaluate("document.querySelector('.stMain')?.scrollTop") == before  # it draws, and does not scroll
    box = canvas.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    use(page)
    assert np.array_equal(ink(page), block((slice(3, 19), slice(11, 13))))


def test_keys_draw_too_and_a_closed_pad_keeps_its_drawing(dashboard: Server, window: Window) -> None:
    page = opened(dashboard, window(DESK, dark=True))
    canvas = pad_of(page)
    canvas.focus()
    for key in ("ArrowUp", "ArrowLeft", "Space"):
        canvas.press(key)
    for _ in range(30):  # not beyond the edge
        canvas.press("ArrowRight")
    canvas.press("Space")
    page.get_by_role("heading", name="Side by side", exact=True).click()
    expect(canvas).to_have_count(0)
    pad_of(page)
    expect(page.locator(".pad .note")).to_contain_text("8 of 576 cells")
    use(page)
    expected = block((slice(10, 12), slice(10, 12)), (slice(10, 12), slice(22, 24)))
    assert np.array_equal(ink(page), expected)
    pad_of(page)  # now of the drawing that is chosen
    page.get_by_role("button", name="Clear").click()
    expect(page.locator(".pad .note")).to_contain_text("Draw where points should fall")
    stroke(page, page.locator(".pad canvas"), (1, 1), (1, 1))
    use(page)
    page.wait_for_url(lambda url: drawn.name_of(torch.from_numpy(expected)) not in url)
    assert np.array_equal(ink(page), block((slice(0, 2), slice(0, 2))))


def test_an_uploaded_table_is_trained_on_and_a_bad_file_is_one_line(dashboard: Server, window: Window, tmp_path: Path) -> None:
    page = opened(dashboard, window(), START)
    page.get_by_role("button", name="Your own").click()
    chooser = page.locator("input[type=file]")
    chooser.set_input_files([{"name": "evil.png", "mimeType": "image/png", "buffer": b"no picture"}])
    fault = page.locator("[data-testid=stAlert]")
    expect(fault).to_contain_text("evil.png is no picture")
    assert "data=moons" in page.url
    page.get_by_role("button", name="Remove evil.png").click()
    table = "\n".join(f"{a},{b}" for a, b in np.random.default_rng(0).normal(size=(300, 2)))
    chooser.set_input_files([{"name": "points.csv", "mimeType": "text/csv", "buffer": table.encode()}])
    page.get_by_role("button", name="Use these").click()
    page.wait_for_url(re.compile("data=own-[0-9a-f]{32}"))
    expect(page.get_by_text("300 uploaded points")).to_be_visible()
    expect(fault).to_have_count(0)
    opened(dashboard, page, f"?{page.url.partition('?')[2].replace('&auto=0', '')}&gmm.steps=3&vae.steps=20")
    all_finished(page, 2)
    page.goto(f"{dashboard.url}/runs")
    settled(page)
    expect(page.get_by_text("Uploaded points")).to_have_count(0)


def table_with_an_index() -> bytes:
    rng = np.random.default_rng(0)
    rows = [f"{i},{a:.3f},{b:.3f},{a * b:.3f},{'uv'[i % 2]}" for i, (a, b) in enumerate(rng.normal(size=(300, 2)))]
    return "\n".join([",length,width,area,species", *rows]).encode()


def pictures_in_folders(bits: int) -> bytes:
    rng, file = np.random.default_rng(0), io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(140):
            y, x = np.mgrid[:16, :16]
            disc = np.hypot(y - 8, x - 8) < (3 if i % 2 else 6)
            grey = (disc * (0.6 + 0.3 * rng.random()) + 0.1 * rng.random((16, 16))) * (2**bits - 1)
            picture = io.BytesIO()
            Image.fromarray(grey.astype(np.uint8 if bits == 8 else np.uint16)).save(picture, "PNG")
            archive.writestr(f"{'small' if i % 2 else 'large'}/{i}.png", picture.getvalue())
    return file.getvalue()


def upload(page: Page, name: str, content: bytes) -> None:
    settled(page)
    page.get_by_role("button", name="Your own").click()
    page.locator("input[type=file]").set_input_files([{"name": name, "mimeType": "application/octet-stream", "buffer": content}])
    expect(page.get_by_role("button", name="Use these")).to_be_visible()


def use_and_train(dashboard: Server, page: Page, about: str) -> str:
    """Use what is previewed, train a few steps of two models, and return the scores page's words."""
    page.get_by_role("button", name="Use these").click()
    page.wait_for_url(re.compile("data=own-[0-9a-f]{32}"))
    expect(page.get_by_text(about)).to_be_visible()
    name = re.search(r"data=(own-\w+)", page.url)
    assert name is not None
    settings = f"?data={name[1]}&models=gmm,vae&gmm.steps=3&vae.steps=20"
    opened(dashboard, page, settings)
    all_finished(page, 2)
    page.goto(f"{dashboard.url}/scores{settings}")
    page.locator("table, .scores").first.wait_for(timeout=120_000)
    expect(page.locator("[data-testid=stAlert]")).to_have_count(0)
    return page.locator("[data-testid=stMain]").inner_text()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_table_is_previewed_a_column_is_changed_and_it_is_trained_and_scored(
    dashboard: Server, window: Window, size: dict[str, int]
) -> None:
    page = opened(dashboard, window(size), START)
    upload(page, "iris.csv", table_with_an_index())
    expect(page.get_by_text("Columns length and width of 5, labels from species. Row numbers left out")).to_be_visible()
    page.get_by_role("combobox", name=re.compile("y$")).click()
    page.get_by_role("option", name="area").click()
    expect(page.get_by_text("Columns length and area of 5")).to_be_visible()
    use_and_train(dashboard, page, "Columns length and area of 5, labels from species; row numbers left out.")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("bits", [8, 12])
def test_pictures_are_previewed_their_range_is_changed_and_they_are_trained_and_scored(
    dashboard: Server, window: Window, size: dict[str, int], bits: int
) -> None:
    page = opened(dashboard, window(size), START)
    upload(page, "discs.zip", pictures_in_folders(bits))
    white = page.get_by_role("spinbutton", name="White")
    expect(white).to_have_value(str(2**bits - 1))
    assert page.locator("[data-testid=stImage] img").count() == 1
    white.fill(str(2**bits * 2))
    white.press("Enter")
    expect(page.get_by_text(re.compile("taken as black to white"))).to_be_visible()
    use_and_train(dashboard, page, "Values 0 to")
