"""Hostile, mistaken and outdated links on every page: each wrong part costs itself and a notice."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.config import Knob
from pages.parts.choice import Choice
from pages.parts.session import KEY, Session
from tests.pages.shell import FILES, opened

pytestmark = pytest.mark.usefixtures("cache")

HOSTILE = {  # as it stands behind the question mark
    "a script": "zoom=<script>alert(1)</script>",
    "a script as a name": "%3Cscript%3Ealert(1)%3C/script%3E=1",
    "a huge number": "seed_=" + "9" * 400,
    "no number": "zoom=NaN",
    "infinity": "zoom=-inf",
    "a model that is gone": "vae2.beta=3",
    "a page of another day": "page=reconstructions",
    "a knob that is gone": "smoothness=3",
    "a path": "file=../../../../etc/passwd",
    "a path as a name": "..%2F..%2Fetc%2Fpasswd=x",
    "another type": "zoom=%7B%22a%22%3A%5B1%2C2%5D%7D",
    "an empty name and value": "zoom=&=",
    "emoji": "%F0%9F%98%80=%F0%9F%92%A5",
    "five thousand characters": "zoom=" + "x" * 5000,
    "a name of five thousand characters": "x" * 5000 + "=1",
    "repeated": "zoom=1&zoom=2&zoom=3",
    "nulls": "zoom=%00%00&%00=1",
    "lines and markdown": "zoom=a%0Ab&%5Bclick%5D(http%3A//x)%0A%23%20big=1",
    "a lesson that is not there": "lesson=999",
    "a lesson that is none": "lesson=<b>1</b>",
    "no such presenting": "present=yes",
    "a switch that is none": "auto=perhaps",
}
WRONG = (
    "<script>",
    "9" * 400,
    "NaN",
    "-1e999",
    "",
    "😀",
    "x" * 5000,
    "\x00",
    "../../etc/passwd",
    "[]",
    "٣",
    "1;DROP TABLE runs",
    "a\nb",
)


def check(at: AppTest) -> list[str]:
    """Assert that the page stands, whole, and return its notices."""
    assert not at.exception
    assert [e.value for e in at.error] == []
    assert len(at.title) == 1
    notices = [w.value for w in at.warning]
    assert all(len(line) < 500 for line in notices)
    return notices


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HOSTILE))
@pytest.mark.parametrize("page", FILES)
def test_a_hostile_link_opens_the_page_with_a_notice(page: str, name: str) -> None:
    assert check(opened(page, {"auto": ["0"], **parse_qs(HOSTILE[name], keep_blank_values=True)}))


@pytest.mark.parametrize("page", FILES)
def test_all_of_them_in_one_link_have_a_notice_and_the_page_stands(page: str) -> None:
    query = {n: values for text in HOSTILE.values() for n, values in parse_qs(text, keep_blank_values=True).items()}
    assert len(check(opened(page, {**query, "auto": ["0"]}))) >= len(query) - 2  # auto is right, and an empty name is no part


def parts_of(page: str) -> dict[str, Knob]:
    """The controls that a page's address may hold."""
    at = opened(page, {"auto": ["0"]})
    own: Session = at.session_state[KEY]
    return own.address.kind.knobs()


@pytest.mark.parametrize("page", FILES)
def test_each_wrong_value_of_a_pages_own_controls_has_a_notice_and_the_one_that_is_right_is_kept(page: str) -> None:
    knobs = parts_of(page)
    plain = [name for name, knob in knobs.items() if knob.kind != "str"]
    for turn, right in enumerate(plain[:3]):
        value = knobs[right].other_value()
        wrong = {name: WRONG[(5 * turn + i) % len(WRONG)] for i, name in enumerate(knobs) if name != right}
        at = opened(
            page,
            {
                "auto": ["0"],
                right: [str(value).lower() if isinstance(value, bool) else str(value)],
                **{name: [text] for name, text in wrong.items()},
            },
        )
        notices, values = check(at), at.session_state[KEY].views[Path(page).stem]
        assert values[right] == value
        for name, text in wrong.items():
            notice = any(line.startswith(f"The link's {name} was left out") for line in notices)
            assert notice != (str(values[name]) == text), (name, text, values[name])
            assert values[name] == (knobs[name].default if notice else text)


@pytest.mark.parametrize("page", [page for page in FILES if page.startswith("compare/")])
@pytest.mark.parametrize("text", WRONG)
def test_each_wrong_part_of_a_comparison_has_a_notice_and_the_rest_is_kept(page: str, text: str) -> None:
    for wrong in ("data", "models", "budget", "seed", "step", "nearest", "gmm.n_components"):
        query = {"data": "moons", "models": "gmm,vae", "budget": "standard", "seed": "5", "gmm.n_components": "7"}
        choice, notices = Choice.from_query({**query, wrong: text})
        assert notices
        parts = {"data": choice.dataset, "models": ",".join(choice.models), "budget": choice.budget, "seed": str(choice.seed)}
        assert all(parts[name] == value for name, value in query.items() if name in parts and name != wrong)
    every = dict.fromkeys(["data", "models", "budget", "seed", "step", "nearest", "gmm.n_components"], [text])
    assert len(check(opened(page, {"auto": ["0"], **every, "gan.gamma": ["3"]}))) >= 6


@pytest.mark.parametrize("text", WRONG)
def test_each_wrong_part_of_a_pinned_run_has_a_notice_and_the_rest_of_it_is_kept(text: str) -> None:
    query = {"data": "moons", "models": "gmm,vae", "pin1": "vae", "pin1.budget": "standard", "pin1.seed": "5", "pin1.k": "7"}
    whole = Choice.from_query(query)[0].pins[0]
    for wrong in query.keys() - {"data", "models"}:
        choice, (notice,) = Choice.from_query({**query, wrong: text})
        assert wrong in notice
        assert len(notice) < 500
        for pin in choice.pins:
            kept = {
                "pin1.seed": pin.seed == 5,
                "pin1.k": pin.settings.model_dump()["k"] == 7,
                "pin1.budget": pin.budget == "standard",
            }
            assert [name for name, right in kept.items() if not right] == [wrong]
        assert (wrong == "pin1") == (choice.pins == ())
    assert whole.seed == 5
    assert len(check(opened("compare/samples.py", {"auto": ["0"], **dict.fromkeys(query, [text])}))) >= 3
