"""The course is walked by the keyboard: forward through every lesson, back, reveal, and out; nothing is trained for it."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from pages.parts.shipped_course import COURSE
from tests.browser.server import serve, settled


def test_the_course_goes_forward_and_back_by_key_reveals_its_answers_and_is_left(
    tmp_path: Path, window: Callable[..., Page]
) -> None:
    errors: list[str] = []
    with serve(tmp_path / "cache") as server:
        page = window()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{server.url}/?lesson=1&present=1&auto=0")
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
