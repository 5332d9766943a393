"""Shows errors as cards: one line that says what to do, never a traceback."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from genmodels.config import UserError
from pages.parts.plain import plain

log = logging.getLogger("genmodels.pages")


class End(BaseException):
    """Ends one part of a page; `st.stop` would end the whole script."""


@contextmanager
def guard() -> Iterator[None]:
    """Draw a part of a page; an exception becomes a card in its place and ends this part alone."""
    try:
        yield
    except End:
        return
    except Exception as error:  # Streamlit's control flow derives from BaseException and passes
        fault(words(error))


def words(error: Exception) -> str:
    """Return a `UserError`'s text; any other error is logged and only its type is named."""
    if isinstance(error, UserError):
        return str(error)
    log.exception("a page failed")
    return (
        f"This page met a fault of ours ({type(error).__name__}). Your settings are kept in the address; reload to try again, "
        "or open the page without them."
    )


def fault(error: object) -> None:
    """Show an error."""
    st.error(plain(error), icon="⚠️")


def notices(lines: list[str]) -> None:
    """Show warnings, one per line: what was wrong in the address and what is shown instead."""
    for line in lines:
        st.warning(plain(line), icon="ℹ️")
