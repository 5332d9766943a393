"""A course is a list of lessons; it is read from and written to a JSON file."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from urllib.parse import parse_qsl, urlencode

from genmodels.config import UserError

MAX_LESSONS, MAX_TEXT, MAX_BYTES = 200, 600, 256_000
FORMAT = "genmodels lessons"
TEXTS, QUERIES = ("title", "page", "question", "notice", "evidence"), ("query", "reveal")
PAGE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Lesson:
    """A page with its controls, a question, and what there is to notice; `page` is a name in the address, "" the opening page's."""

    title: str
    page: str
    query: Mapping[str, str] = field(default_factory=dict)
    question: str = ""
    notice: str = ""  # shown after everybody has guessed
    reveal: Mapping[str, str] = field(default_factory=dict)  # controls that change with it
    plays: bool = False  # whether the page's replay plays then
    evidence: str = ""  # a CSS selector of what the question is settled by

    @property
    def acts(self) -> bool:
        """Whether the page does something when the answer is revealed."""
        return self.plays or bool(self.reveal)

    def link(self) -> str:
        """Return the lesson's address relative to the dashboard's."""
        return f"./{self.page}" + (f"?{link_query(self.query)}" if self.query else "")


def link_query(query: Mapping[str, str]) -> str:
    """Return the parameters of an address as text."""
    return urlencode(query, safe=",")


def lesson_at(link: str, title: str = "", question: str = "", notice: str = "") -> Lesson:
    """Return the lesson of a link, with or without the dashboard's own address in front."""
    path, _, query = link.strip().partition("?")
    page = path.rstrip("/").rpartition("/")[2] if "/" in path else path
    page = "" if page in (".", "") or ":" in page or "." in page else page
    if page and not PAGE.fullmatch(page):
        raise UserError(f"{link[:60]!r} is no link to a page of this dashboard: copy one from the address bar")
    controls = {name: value for name, value in parse_qsl(query) if name not in ("lesson", "present")}
    return Lesson(title or page or "Side by side", page, controls, question, notice)


def to_file(lessons: list[Lesson]) -> str:
    """Return a course as the text of a file, which `from_file` reads; what is empty is left out."""
    rows = [{name: value for name, value in asdict(lesson).items() if value} for lesson in lessons]
    return json.dumps({"format": FORMAT, "version": 1, "lessons": rows}, indent=1, ensure_ascii=False)


def from_file(content: bytes) -> list[Lesson]:
    """Return the course in a file; a `UserError` says what is wrong with it."""
    if len(content) > MAX_BYTES:
        raise UserError(f"the file has {len(content):,} bytes, a list of lessons at most {MAX_BYTES:,}: is it another file?")
    try:
        payload = json.loads(content)
        rows = payload["lessons"] if payload["format"] == FORMAT else None
        assert isinstance(rows, list)
    except (ValueError, TypeError, KeyError, AssertionError, RecursionError):
        raise UserError(f"this is no list of lessons: give a JSON file with {FORMAT!r}, as the page Lessons exports it") from None
    if not 1 <= len(rows) <= MAX_LESSONS:
        raise UserError(f"the file has {len(rows)} lessons, allowed are 1 to {MAX_LESSONS}: split it")
    return [_lesson(number, row) for number, row in enumerate(rows, 1)]


def _lesson(number: int, row: object) -> Lesson:
    if not isinstance(row, dict) or not row.keys() <= {*TEXTS, *QUERIES, "plays"}:
        raise UserError(f"lesson {number} of the file is not title, page, query, question and notice: export the list anew")
    texts, queries = {name: row.get(name, "") for name in TEXTS}, {name: row.get(name, {}) for name in QUERIES}
    plays, plain = row.get("plays", False), all(map(_is_query, queries.values()))
    if (
        not plain
        or not isinstance(plays, bool)
        or not all(isinstance(text, str) and len(text) <= MAX_TEXT for text in texts.values())
    ):
        raise UserError(f"lesson {number} of the file holds something that is no text of at most {MAX_TEXT} characters")
    if texts["page"] and not PAGE.fullmatch(texts["page"]):
        raise UserError(f"lesson {number} of the file names the page {texts['page'][:40]!r}, which is none: copy it from a link")
    return Lesson(plays=plays, **queries, **texts)


def _is_query(query: object) -> bool:
    return isinstance(query, dict) and all(isinstance(part, str) for pair in query.items() for part in pair)
