"""A list of lessons goes into a link and comes back the same; whatever else is in its place costs one line."""

import base64
import contextlib
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genmodels.config import UserError
from pages.parts import course, list_link
from pages.parts.course import Lesson
from pages.parts.session import KEY
from pages.parts.shipped_course import COURSE
from tests.pages.shell import opened

WORDS = st.text(max_size=40)
QUERIES = st.dictionaries(st.text(min_size=1, max_size=12), st.text(max_size=12), max_size=3)
LESSONS = st.builds(Lesson, WORDS, st.sampled_from(["", "ring", "gallery"]), QUERIES, WORDS, WORDS, QUERIES, st.booleans(), WORDS)


def packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(zlib.compress(content)).decode().rstrip("=")


@given(st.lists(LESSONS, min_size=1, max_size=6))
def test_a_list_goes_into_a_link_and_comes_back_the_same(lessons: list[Lesson]) -> None:
    assert list_link.from_text(list_link.to_text(lessons)) == lessons


def test_the_shipped_course_is_short_enough_for_a_link() -> None:
    assert list_link.from_text(list_link.to_text(COURSE)) == COURSE


@given(st.text(max_size=200) | st.text("abcABC012-_", max_size=200) | st.binary(max_size=200).map(packed))
def test_any_text_is_a_list_or_one_line(text: str) -> None:
    with contextlib.suppress(UserError):
        assert list_link.from_text(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "damaged"),
        (packed(b"x")[:-4], "damaged"),
        (packed(b"0" * 300_000_000), "at most 256,000"),
        (packed(b'{"format": "other"}'), "no list of lessons"),
        (packed(json.dumps({"format": course.FORMAT, "lessons": [{"page": "../app"}]}).encode()), "names the page"),
        (packed(json.dumps({"format": course.FORMAT, "lessons": [{"plays": "yes"}]}).encode()), "holds something"),
        (packed(json.dumps({"format": course.FORMAT, "lessons": [{"reveal": {"k": 3}}]}).encode()), "holds something"),
    ],
)
def test_a_hostile_link_costs_one_line(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        list_link.from_text(text)


def test_a_list_that_is_too_long_says_so_and_offers_the_file() -> None:
    long = [Lesson(f"{n}", "", {}, "".join(chr(0x4E00 + (n * 7919 + i * 104729) % 20000) for i in range(600))) for n in range(60)]
    with pytest.raises(UserError, match=r"too long for a link .* export it as a file"):
        list_link.to_text(long)


def test_a_link_of_a_list_asks_before_it_takes_the_place_of_ones_own(cache: object) -> None:
    theirs = [Lesson("[Theirs](http://x.test)", "ring", {"k": "3"}, "<b>Why?</b>")]
    at = opened("labbook/lessons.py", {"list": list_link.to_text(theirs)})
    at.session_state[KEY].own_course.lessons = [Lesson("Mine", "")]
    at.run()
    assert [lesson.title for lesson in at.session_state[KEY].own_course.lessons] == ["Mine"]
    (words,) = [part.value for part in at.markdown if "a list of 1 lessons" in part.value]
    assert r"\[Theirs\]" in words
    at.button(key="lessons.take").click().run()
    assert at.session_state[KEY].own_course.lessons == theirs
    assert "list" not in at.query_params
    assert not at.exception


@pytest.mark.parametrize("text", ["x", "AAAA", packed(b"[]")])
def test_a_page_with_a_damaged_list_shows_the_course_and_one_error(text: str, cache: object) -> None:
    at = opened("labbook/lessons.py", {"list": text})
    assert len(at.error) == 1
    assert at.button(key="lessons.begin-").label == "Begin"
