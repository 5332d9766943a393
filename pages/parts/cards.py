"""Errors as cards: one line that says what to do, never a traceback, never another viewer's problem."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from genmodels.config import UserError
from pages.parts.plain import plain

log = logging.getLogger("genmodels.pages")


class End(BaseException):
    """Raised where a part of a page has no more to draw: the rest of the page goes on, which `st.stop` would end."""


@contextmanager
def guard() -> Iterator[None]:
    """Draw a part of a page: a fault in it is a card in its place, and ends this part alone."""
    try:
        yield
    except End:
        return
    except Exception as error:  # Streamlit's own control flow is of BaseException and passes
        fault(words(error))


def words(error: Exception) -> str:
    """Return what the user can mend as it is said, and for anything else that it is ours: the details are in the server's log."""
    if isinstance(error, UserError):
        return str(error)
    log.exception("a page failed")
    return (
        f"This page met a fault of ours ({type(error).__name__}). Your settings are kept in the address; reload to try again, "
        "or open the page without them."
    )


def fault(error: object) -> None:
    """Show what the user can mend, as it is said."""
    st.error(plain(error), icon="⚠️")


def notices(lines: list[str]) -> None:
    """Show what was wrong in the address, and what was taken instead."""
    for line in lines:
        st.warning(plain(line), icon="ℹ️")
