"""What a viewer has chosen, between runs of the script: the address holds it, the session remembers it across pages.

An address has three parts: the comparison (`Choice`, common to the pages that compare), a page's own controls (its `View`,
a Config), and how it is presented (`present=1`: large, without controls; `lesson=N`: in the course).
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st
from streamlit import runtime

from genmodels.config import Config, UserError
from pages.parts.choice import Choice
from pages.parts.session import Nothing, session

V = TypeVar("V", bound=Config)
PRESENTING = ("present", "lesson")
AUTO = "auto"  # 0: nothing is trained or studied before the viewer asks for it; a comparison holds this itself


def viewer() -> str:
    """Return this window's name for the engine's leases: Streamlit's id, and a part that no other session ever had."""
    return session().viewer


def connected(viewer: str) -> bool:
    """Whether the window of that name is open, however long it has been quiet."""
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
    session().choice = choice
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
    """Whether what is missing and short is made at once."""
    here = session()
    return here.choice.auto if here.address.comparing else here.auto


def link(view: Config) -> dict[str, str]:
    """Return a page's own controls as parts of an address, without those that have their default value."""
    return {name: _text(value) for name, value in view.model_dump().items() if value != type(view).model_fields[name].default}


def read(kind: type[V], query: Mapping[str, str], where: str) -> tuple[V, list[str]]:
    """Return the controls nearest to what an address asks for, read one by one, and a line for each part that is not valid."""
    values: dict[str, str] = {}
    notices = []
    for name in kind.knobs():
        if name in query:
            try:
                kind.parse({**values, name: query[name]}, where)
                values[name] = query[name]
            except UserError as error:
                notices.append(f"The link's {name} was left out. {error}.")
    return kind.parse(values, where), notices


def _arrive(page: str, kind: type[Config], comparing: bool) -> None:
    here, query = session(), st.query_params.to_dict()
    address = here.address
    arrived = address.page != page
    returned = here.compared if comparing else page in here.views
    address.page, address.kind, address.comparing = page, kind, comparing
    if arrived and not query and returned:
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
    here.address.opened = here.views[here.address.page]
    here.compared |= here.address.comparing


def _read(query: dict[str, str]) -> None:
    here = session()
    address, page = here.address, here.address.page
    address.lesson = query["lesson"] if re.fullmatch(r"o?\d{1,3}", query.get("lesson", "")) else ""  # the bar gives the notice
    address.present = query.get("present") == "1"
    controls, notices = read(address.kind, query, page)
    notices += _unclear(query, "present" if address.comparing else f"present {AUTO}")
    here.views[page] = controls.model_dump()
    known = {*address.kind.knobs(), *PRESENTING}
    if address.comparing:
        here.choice, lines = Choice.from_query(query, known)
        notices += lines
    else:
        known.add(AUTO)
        here.auto = query.get(AUTO) != "0"
        notices += [f"The link's {name[:20]!r} means nothing here: left out." for name in query if name not in known]
    address.notices, address.query = notices, query


def _unclear(query: Mapping[str, str], switches: str) -> list[str]:
    """Return a line for each switch of an address that is neither 0 nor 1."""
    unclear = {name: query[name] for name in switches.split() if query.get(name, "0") not in ("0", "1")}
    return [f"The link's {name}={value[:20]!r} is neither 0 nor 1: left out." for name, value in unclear.items()]


def _write() -> None:
    here = session()
    address = here.address
    query = here.choice.to_query() if address.comparing else {} if here.auto else {AUTO: "0"}
    query |= link(address.kind.parse(here.views[address.page], where=address.page))
    query |= {"present": "1"} if address.present else {}
    query |= {"lesson": address.lesson} if address.lesson else {}
    address.query, address.notices = query, []
    st.query_params.from_dict(query)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)  # a float as its shortest text that reads back as the same number
