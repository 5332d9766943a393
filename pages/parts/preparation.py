"""Makes a course ready: what each lesson needs, what of it is there, and the work on the rest, a few recordings at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import streamlit as st

from genmodels.config import UserError
from genmodels.engine import cluster
from genmodels.runs import Spec
from genmodels.runs.work import in_order
from pages.parts import jobs, lessons
from pages.parts.course import Lesson
from pages.parts.session import Preparation, session
from pages.parts.shipped_course import COURSE
from pages.parts.views.base import needs

OUTSTANDING = 4  # jobs that the engine has at once of a preparation: a viewer who asks meanwhile waits for few
MAX_RECORDINGS = 400  # of a list, which anybody can write
POLL_SECONDS = 2.0
PAGE = "lessons"
State = Literal["ready", "missing", "live", "failed"]


@dataclass(frozen=True)
class Requirement:
    """What one lesson reads, each spec after what it needs itself, or why that cannot be known."""

    specs: tuple[Spec, ...]
    fault: str = ""


@dataclass(frozen=True)
class Mark:
    """How far one lesson is: `n` of its `total` recordings are there; `line` says why the others cannot be made."""

    state: State
    n: int
    total: int
    line: str = ""

    @property
    def words(self) -> str:
        """The mark as it stands beside the lesson."""
        return {"ready": "ready", "failed": "failed"}.get(self.state) or f"{self.n} of {self.total}"


def requirement(lesson: Lesson) -> Requirement:
    """Return what a lesson needs, as it opens and once it is revealed."""
    try:
        page = lesson.page or lessons.OPENING
        lessons.page_file(lesson.page)
        specs = [*needs(page, lesson.query), *needs(page, {**lesson.query, **lesson.reveal})]
    except UserError as error:
        return Requirement((), str(error))
    return Requirement(tuple({spec.key: spec for spec in specs}.values()))


@cache
def _shipped() -> tuple[Requirement, ...]:
    return tuple(map(requirement, COURSE))


def requirements(course: str) -> Sequence[Requirement]:
    """Return what each lesson needs of the shipped course ("") or of the viewer's own list ("o")."""
    return list(map(requirement, lessons.own())) if course else _shipped()


def marks(required: Iterable[Requirement], missing: Iterable[Spec]) -> list[Mark]:
    """Return how far each lesson is, given what is missing."""
    preparation, keys = session().preparation, {spec.key for spec in missing}
    return [_mark(one, keys, preparation) for one in required]


def _mark(one: Requirement, keys: set[str], preparation: Preparation | None) -> Mark:
    missing = [spec for spec in one.specs if spec.key in keys]
    n, total = len(one.specs) - len(missing), len(one.specs)
    if one.fault:
        return Mark("failed", n, total, one.fault)
    if not missing:
        return Mark("ready", n, total)
    blocked = preparation.blocked if preparation else {}
    if line := next((blocked[spec.key] for spec in missing if spec.key in blocked), ""):
        return Mark("failed", n, total, line)
    active = preparation and any(spec.key in preparation.keys for spec in missing)
    return Mark("live" if active else "missing", n, total)


def is_active(course: str) -> bool:
    """Whether this course is being made ready now."""
    preparation = session().preparation
    return bool(preparation and preparation.course == course and preparation.keys)


def missing(required: Iterable[Requirement]) -> list[Spec]:
    """Return what is not there of these lessons, each once, in their order."""
    specs = {spec.key: spec for one in required for spec in one.specs}
    return [spec for spec in specs.values() if jobs.store().peek(spec.key) is None]


@lru_cache(maxsize=32)
def seconds(specs: tuple[Spec, ...]) -> float:
    """Return how long these recordings take together, in seconds."""
    return sum(spec.estimate(jobs.store()) for spec in specs) / cluster.slots()


def begin(course: str) -> None:
    """Make a course ready; another that was being made ready is no more."""
    pause()
    specs = missing(requirements(course))[:MAX_RECORDINGS]
    for spec in specs:
        jobs.reset(spec)
    session().preparation = Preparation(course, {spec.key: spec for spec in specs})
    advance()


def pause() -> None:
    """Stop what is being made; what was begun waits for ten minutes and goes on from there."""
    preparation = session().preparation
    if preparation and preparation.is_running:
        preparation.is_running = False
        for spec in preparation.specs.values():
            if spec.key in session().work.requests:
                jobs.stop(spec)


def advance() -> float | None:
    """Ask the engine for the next recordings and renew the leases on those asked for; return the seconds left, None if all is done.

    A recording is asked for once all that it needs is there: nothing is made twice, and a failure is that of its cause.
    """
    preparation = session().preparation
    if preparation is None or not preparation.is_running:
        return None
    session().work.automatic -= preparation.keys  # asked for by hand: a page that asks too does not stop what is long
    items = [jobs.look(spec) for key, spec in preparation.specs.items() if jobs.store().peek(key) is None]
    preparation.blocked = blocked = _blocked([(item.spec, _why_not(item)) for item in items])
    open_items = [item for item in items if item.spec.key not in blocked]
    live = [item for item in open_items if item.is_live]
    keys = {item.spec.key for item in open_items}
    able = [i.spec for i in open_items if not i.is_live and not any(need.key in keys for need in in_order(i.spec)[:-1])]
    for spec in able[: max(0, OUTSTANDING - len(live))]:
        jobs.request(spec)
    if not open_items:
        preparation.is_running = False
        return None
    rest = sum(item.estimate() * (1 - item.progress) for item in open_items) / cluster.slots()
    return max([rest, *(item.ends_in for item in live)])


def _why_not(item: jobs.Item[Spec]) -> str:
    """Return why a missing recording is not made: it failed, was stopped by hand, or the host does not allow it."""
    if item.state in ("failed", "stopped"):
        return item.error or "it was stopped"
    return item.refusal() if item.state == "missing" else ""


def _blocked(reasons: Iterable[tuple[Spec, str]]) -> dict[str, str]:
    """Return, by key, why recordings cannot be made: for a reason of their own, or that of something that they need."""
    blocked: dict[str, str] = {}
    for spec, reason in reasons:
        cause = reason or next((blocked[need.key] for need in in_order(spec)[:-1] if need.key in blocked), "")
        if cause:
            blocked[spec.key] = cause
    return blocked


def keep(page: str) -> None:
    """Let a preparation go on while its viewer is on another page than its own, which does so itself."""
    if page == PAGE or advance() is None:
        return

    @st.fragment(run_every=POLL_SECONDS)
    def pulse() -> None:
        advance()

    pulse()
