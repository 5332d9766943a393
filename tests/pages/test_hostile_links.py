"""Links that are hostile, mistaken or of another day, on every page: the nearest valid page, a notice, what was valid kept."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from genmodels.config import Knob
from pages.parts.choice import Choice
from pages.parts.session import KEY, Session

pytestmark = pytest.mark.usefixtures("cache")

PAGES = Path(__file__).resolve().parent.parent.parent / "pages"
FOUND = sorted(str(p.relative_to(PAGES)) for folder in ("compare", "lecture", "labbook") for p in (PAGES / folder).glob("*.py"))
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


def opened(page: str, query: dict[str, list[str]]) -> AppTest:
    at = AppTest.from_file(str(PAGES / "shell.py"), default_timeout=30)
    for name, values in query.items():
        at.query_params[name] = values if len(values) > 1 else values[0]
    at.switch_page(page)
    return at.run()


def check(at: AppTest) -> list[str]:
    """Assert that the page stands, whole, and return its notices."""
    assert not at.exception
    assert [e.value for e in at.error] == []
    assert len(at.title) == 1
    told = [w.value for w in at.warning]
    assert all(len(line) < 500 for line in told)
    return told


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(HOSTILE))
@pytest.mark.parametrize("page", FOUND)
def test_a_hostile_link_opens_the_page_with_a_notice(page: str, name: str) -> None:
    assert check(opened(page, {"auto": ["0"], **parse_qs(HOSTILE[name], keep_blank_values=True)}))


@pytest.mark.parametrize("page", FOUND)
def test_all_of_them_in_one_link_are_told_and_the_page_stands(page: str) -> None:
    query = {n: values for text in HOSTILE.values() for n, values in parse_qs(text, keep_blank_values=True).items()}
    assert len(check(opened(page, {**query, "auto": ["0"]}))) >= len(query) - 2  # auto is right, and an empty name is no part


def parts_of(page: str) -> dict[str, Knob]:
    """The controls that a page's address may hold."""
    at = opened(page, {"auto": ["0"]})
    own: Session = at.session_state[KEY]
    return own.address.kind.knobs()


@pytest.mark.parametrize("page", FOUND)
def test_each_wrong_value_of_a_pages_own_controls_is_told_and_the_one_that_is_right_is_kept(page: str) -> None:
    knobs = parts_of(page)
    plain = [name for name, knob in knobs.items() if knob.kind != "str"]
    for turn, right in enumerate(plain[:3]):
        value = knobs[right].other_value()
        given = {name: WRONG[(5 * turn + i) % len(WRONG)] for i, name in enumerate(knobs) if name != right}
        at = opened(
            page,
            {
                "auto": ["0"],
                right: [str(value).lower() if isinstance(value, bool) else str(value)],
                **{name: [text] for name, text in given.items()},
            },
        )
        told, shown = check(at), at.session_state[KEY].views[Path(page).stem]
        assert shown[right] == value
        for name, text in given.items():
            mentioned = any(line.startswith(f"The link's {name} was left out") for line in told)
            assert mentioned != (str(shown[name]) == text), (name, text, shown[name])
            assert shown[name] == (knobs[name].default if mentioned else text)


@pytest.mark.parametrize("page", [page for page in FOUND if page.startswith("compare/")])
@pytest.mark.parametrize("text", WRONG)
def test_each_wrong_part_of_a_comparison_is_told_and_the_rest_is_kept(page: str, text: str) -> None:
    for wrong in ("data", "models", "budget", "seed", "step", "nearest", "gmm.n_components"):
        query = {"data": "moons", "models": "gmm,vae", "budget": "standard", "seed": "5", "gmm.n_components": "7"}
        choice, told = Choice.from_query({**query, wrong: text})
        assert told
        kept = {"data": choice.dataset, "models": ",".join(choice.models), "budget": choice.budget, "seed": str(choice.seed)}
        assert all(kept[name] == value for name, value in query.items() if name in kept and name != wrong)
    every = dict.fromkeys(["data", "models", "budget", "seed", "step", "nearest", "gmm.n_components"], [text])
    assert len(check(opened(page, {"auto": ["0"], **every, "gan.gamma": ["3"]}))) >= 6
