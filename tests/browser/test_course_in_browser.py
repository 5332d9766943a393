"""The course is walked by the keyboard: forward through every lesson, back, reveal, and out; nothing is trained for it."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from genmodels.runs import record
from genmodels.store import Store
from pages.parts.preparation import requirement
from pages.parts.shipped_course import COURSE
from tests.browser.clicker import faults_on_projector, open_on_projector
from tests.browser.server import Server, settled


def test_the_course_goes_forward_and_back_by_key_reveals_its_answers_and_is_left(
    dashboard: Server, window: Callable[..., Page]
) -> None:
    errors: list[str] = []
    page = window()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{dashboard.url}/?lesson=1&present=1&auto=0")
    for number, lesson in enumerate(COURSE, 1):
        expect(page.locator(".lesson .where")).to_have_text(f"{number} of {len(COURSE)} · {lesson.title}")
        expect(page.locator(".lesson .notice")).to_be_hidden()
        expect(page.get_by_test_id("stException")).to_have_count(0)
        settled(page)
        if number < len(COURSE):
            page.keyboard.press("ArrowRight")
    page.keyboard.press("r")
    expect(page.locator(".lesson .notice")).to_have_text(COURSE[-1].notice)
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".lesson .where")).to_contain_text(f"{len(COURSE) - 1} of")
    assert "auto=0" in page.url
    settled(page)
    page.get_by_role("button", name="Leave the course").click()
    expect(page.locator(".lesson")).to_have_count(0)
    expect(page.get_by_role("button", name="Collect")).to_be_visible()
    assert "lesson" not in page.url
    assert errors == []


LIGHT = (2, 15, 22)  # lessons whose recordings take seconds: they play a replay, show numbers, run a case


def test_on_a_projector_r_shows_each_lessons_evidence_above_the_bar(dashboard: Server, window: Callable[..., Page]) -> None:
    for number in LIGHT:
        for spec in requirement(COURSE[number - 1]).specs:
            record(spec, Store(dashboard.cache))
    page = window()
    for number in LIGHT:
        assert faults_on_projector(page, dashboard.url, number) == []
    assert "stage=run" in page.url
    page.keyboard.press("r")
    expect(page.get_by_role("button", name="Run it")).to_be_visible()
    expect(page.locator(".lesson .notice")).to_be_hidden()
    open_on_projector(page, dashboard.url, 2)
    step = page.locator(".em output")
    expect(step).to_have_text("start")
    page.keyboard.press("r")
    expect(step).not_to_have_text("start")
    expect(page.locator(".lesson .notice")).to_be_visible()
    page.keyboard.press("r")
    expect(step).to_have_text("start")


def test_titles_open_their_lesson_in_the_same_window_by_click_and_by_keyboard(
    dashboard: Server, window: Callable[..., Page]
) -> None:
    page = window()
    page.goto(f"{dashboard.url}/lessons?auto=0")
    page.get_by_role("link", name="Holes").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".lesson .where")).to_contain_text("9 of 27 · Holes")
    assert len(page.context.pages) == 1


def test_a_list_of_ones_own_outlives_a_reload_and_is_there_in_another_window_of_the_browser(
    dashboard: Server, window: Callable[..., Page]
) -> None:
    page = window()
    page.goto(f"{dashboard.url}/ring?auto=0&k=3")
    settled(page)
    page.get_by_role("button", name="Collect").click()
    expect(page.get_by_text("Lesson 1 of your own list")).to_be_visible()
    page.goto(f"{dashboard.url}/?lesson=o1&present=1")
    place = page.locator(".lesson .where")
    expect(place).to_have_text("1 of 1 · Ring")
    page.wait_for_url(lambda url: "/ring?" in url and "k=3" in url)
    page.reload()
    expect(place).to_have_text("1 of 1 · Ring")
    expect(page.get_by_test_id("stAlert").filter(has_text="lesson")).to_have_count(0)
    other = page.context.new_page()
    other.goto(f"{dashboard.url}/lessons")
    expect(other.get_by_role("button", name="Export the list")).to_be_visible()
