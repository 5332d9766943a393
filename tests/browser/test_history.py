"""Back and Forward go through what was chosen: at each step the page shows what its address says."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page, expect

from pages.parts.shipped_course import COURSE
from tests.browser.server import Server, go_to, settled

Window = Callable[..., Page]


def place(page: Page) -> tuple[str, dict[str, str]]:
    """The page in the address and its controls, without the one that keeps trainings from starting."""
    parts = urlsplit(page.url)
    return parts.path.strip("/"), {name: value for name, value in parse_qsl(parts.query) if name != "auto"}


def settled_at(page: Page, name: str, **controls: str) -> None:
    """Wait for an address, and for the page that shows it."""
    page.wait_for_url(lambda _: place(page) == (name, controls), wait_until="commit")
    settled(page)


def pick_data(page: Page, title: str) -> None:
    page.locator(".st-key-dataset input").click()
    page.get_by_role("option", name=title, exact=True).click()


def pill(page: Page, title: str) -> None:
    page.locator(".st-key-models").get_by_role("button", name=title, exact=True).click()


def comes_to_show(page: Page, title: str, dataset: str, models: list[str]) -> None:
    """Wait until the page shows this title, dataset and models; its address may be there a moment earlier."""
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator(".st-key-dataset input")).to_have_value(dataset)
    expect(page.locator(".st-key-models button[data-selected=true]")).to_have_text(models)


OPENING = ["Gaussian mixture", "VAE", "GAN"]
FOUR = ["Gaussian mixture", "Autoencoder", "VAE", "GAN"]


def test_back_and_forward_go_through_dataset_models_and_pages(dashboard: Server, window: Window) -> None:
    page = window()
    page.goto(f"{dashboard.url}/?auto=0")
    settled_at(page, "")
    pick_data(page, "Moons")
    settled_at(page, "", data="moons")
    pill(page, "Autoencoder")
    four = {"data": "moons", "models": "gmm,autoencoder,vae,gan"}
    settled_at(page, "", **four)
    go_to(page, "Compare", "Scores")
    settled_at(page, "scores", **four)
    go_to(page, "Lecture", "Ring")
    settled_at(page, "ring")
    steps = [("scores", four), ("", four), ("", {"data": "moons"}), ("", {})]
    expected = [("Scores", "Moons", FOUR), ("Side by side", "Moons", FOUR), ("Side by side", "Moons", OPENING)]
    expected.append(("Side by side", "Digits", OPENING))
    for (name, controls), what in zip(steps, expected, strict=True):
        page.go_back()
        settled_at(page, name, **controls)
        comes_to_show(page, *what)
    for (name, controls), what in list(zip(steps, expected, strict=True))[2::-1]:
        page.go_forward()
        settled_at(page, name, **controls)
        comes_to_show(page, *what)


def test_back_from_the_opening_page_that_was_changed_elsewhere_shows_what_its_address_says(
    dashboard: Server, window: Window
) -> None:
    page = window()
    page.goto(f"{dashboard.url}/?auto=0")
    settled_at(page, "")
    go_to(page, "Compare", "Scores")
    settled_at(page, "scores")
    pick_data(page, "Moons")
    settled_at(page, "scores", data="moons")
    page.go_back()
    settled_at(page, "scores")
    page.go_back()
    settled_at(page, "")
    comes_to_show(page, "Side by side", "Digits", OPENING)


def test_the_lessons_are_steps_and_back_leaves_the_course_where_it_was_entered(dashboard: Server, window: Window) -> None:
    page = window()
    page.goto(f"{dashboard.url}/?lesson=1&auto=0")
    where = page.locator(".lesson .where")
    for number in (2, 3, 4):
        expect(where).to_contain_text(f"{number - 1} of {len(COURSE)}")
        settled(page)
        page.keyboard.press("ArrowRight")
    expect(where).to_contain_text(f"4 of {len(COURSE)}")
    settled(page)
    for number in (3, 2, 1):
        page.go_back()
        expect(where).to_contain_text(f"{number} of {len(COURSE)}")
        settled(page)
        expect(page.locator("h1")).to_have_text("Side by side" if number == 1 else "Latent variables and mixtures")


def test_a_control_moved_by_key_again_and_again_is_one_step(dashboard: Server, window: Window) -> None:
    page = window()
    page.goto(f"{dashboard.url}/scores?auto=0")
    settled_at(page, "scores")
    pick_data(page, "Moons")
    settled_at(page, "scores", data="moons")
    before = page.evaluate("history.length")
    for seeds in ("2", "3", "4"):
        page.locator(".stMain [data-testid=stSlider] input").press("ArrowRight")
        settled_at(page, "scores", data="moons", seeds=seeds)
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    settled_at(page, "scores", data="moons")


def test_a_choice_made_while_the_page_runs_is_kept(dashboard: Server, window: Window) -> None:
    page = window()
    page.goto(f"{dashboard.url}/?auto=0")
    settled_at(page, "")
    pill(page, "Autoencoder")
    page.get_by_role("button", name="Settings").click(no_wait_after=True)
    settled_at(page, "", models="gmm,autoencoder,vae,gan")
    page.get_by_text("Train with these").wait_for()
    comes_to_show(page, "Side by side", "Digits", FOUR)


def test_two_windows_of_a_browser_have_a_history_each(dashboard: Server, window: Window) -> None:
    page = window()
    page.goto(f"{dashboard.url}/?auto=0")
    settled_at(page, "")
    other = page.context.new_page()
    other.goto(f"{dashboard.url}/?auto=0&data=ring")
    settled_at(other, "", data="ring")
    pick_data(page, "Moons")
    settled_at(page, "", data="moons")
    pill(other, "Autoencoder")
    settled_at(other, "", data="ring", models="gmm,autoencoder,vae,gan")
    page.go_back()
    settled_at(page, "")
    assert place(other) == ("", {"data": "ring", "models": "gmm,autoencoder,vae,gan"})
    other.go_back()
    settled_at(other, "", data="ring")
    assert place(page) == ("", {})
