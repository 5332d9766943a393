"""What a viewer has chosen, between runs of the script: the address holds it, the session remembers it across pages.

An address has three parts: the comparison (`Choice`, common to the pages that compare), a page's own controls (its `View`,
a Config), and how it is presented (`present=1`: large, without controls; `lesson=N`: in the course).
"""

import re
from typing import Any, TypeVar

import streamlit as st
from streamlit import runtime

from genmodels.config import Config
from pages.parts.address import Reader, changes
from pages.parts.choice import Choice
from pages.parts.session import Nothing, session, through_history

V = TypeVar("V", bound=Config)
PRESENTING = ("present", "lesson")
AUTO = "auto"  # auto=0: nothing starts before the viewer asks for it; a comparison has this among its own values


def connected(viewer: str) -> bool:
    """Whether the window of this viewer is open, however long it has been idle."""
    return runtime.exists() and runtime.get_instance().is_active_session(viewer.partition(" ")[0])


def load(page: str) -> Choice:
    """Return the comparison that the address holds or, on a return from another page, the last one."""
    return compare(page, Nothing)[0]


def compare(page: str, kind: type[V]) -> tuple[Choice, V]:
    """Return the comparison and the page's own controls."""
    _arrive(page, kind, comparing=True)
    return session().choice, current(page, kind)


def view(page: str, kind: type[V]) -> V:
    """Return the controls of a page that compares nothing."""
    _arrive(page, kind, comparing=False)
    return current(page, kind)


def current(page: str, kind: type[V]) -> V:
    """Return the page's own controls as they are now, for callbacks and fragments."""
    return kind.parse(session().views[page], where=page)


def save(choice: Choice) -> None:
    """Make this the comparison, in the session and in the address."""
    here = session()
    here.choice, here.compared = choice, True
    _write()


def save_view(page: str, **values: Any) -> None:
    """Change some of the page's own controls, in the session and in the address; values that are not allowed raise `UserError`."""
    here = session()
    here.views[page] = here.address.kind.parse({**here.views[page], **values}, where=page).model_dump()
    _write()


def presenting() -> bool:
    """Whether the page is shown large and without its controls."""
    return session().address.present


def auto() -> bool:
    """Whether short work that is missing starts without being asked for."""
    here = session()
    return here.choice.auto if here.address.comparing else here.auto


def _arrive(page: str, kind: type[Config], comparing: bool) -> None:
    here, query = session(), st.query_params.to_dict()
    address = here.address
    arrived = address.page != page
    returned = here.compared if comparing else page in here.views
    address.page, address.kind, address.comparing = page, kind, comparing
    if arrived and not query and returned and not through_history():
        here.views.setdefault(page, kind().model_dump())
        address.lesson = ""  # the bar of pages leads out of the course
        _write()
        _open()
    elif arrived or query != address.query:
        _read(query)
        _open()


def _open() -> None:
    here = session()
    here.address.version += 1
    here.address.initial = here.views[here.address.page]
    here.compared |= here.address.comparing


def _read(query: dict[str, str]) -> None:
    here, reader = session(), Reader(query)
    address = here.address
    here.views[address.page] = reader.controls(address.kind, address.page).model_dump()
    lesson = reader.parts.pop("lesson", "")
    address.lesson = lesson if re.fullmatch(r"o?\d{1,3}", lesson) else ""  # the bar gives the notice
    address.present = reader.switch("present", False)
    if address.comparing:
        here.choice = Choice.read(reader)
    else:
        here.auto = reader.switch(AUTO, True)
    reader.close()
    address.notices, address.query = reader.notices, query


def _write() -> None:
    here = session()
    address = here.address
    query = here.choice.to_query() if address.comparing else {} if here.auto else {AUTO: "0"}
    query |= changes(current(address.page, address.kind))
    query |= {"present": "1"} if address.present else {}
    query |= {"lesson": address.lesson} if address.lesson else {}
    address.query, address.notices = query, []
    st.query_params.from_dict(query)
